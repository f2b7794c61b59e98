"""Earlier support requests that are like what somebody is writing."""

from __future__ import annotations

from collections import Counter
from math import log

from opora.accounts.models import Account
from opora.cases import search
from opora.cases.models import CaseReader
from opora.cases.queries.rows import COLUMNS, CaseRow
from opora.core.stems import Query, is_quiet, stems_of, terms_of, words_of

LOOKED_THROUGH = 200  # the newest that the account reads
MOST_SHOWN = 2
LEAST_IN_COMMON = 2  # words
LEAST_SHARE = 0.6  # of what the words say together, where titles have less in common
MOST_WORDS = 24


def earlier_cases_like(account: Account, text: str, *, product: str = "") -> list[CaseRow]:
    """At most two of the newest 200 cases that a customer reads (AC-08) that are like `text`: at
    least two of its words stand in their titles, or most of what it says in any of their texts. The
    most alike first; those about `product` (a slug) count more. Two statements: a walk along the
    reader's index, and these cases' texts."""
    telling = (stems_of(word) for word in words_of(text) if not is_quiet(word))
    words = list(dict.fromkeys(telling))[:MOST_WORDS]
    if len(words) < LEAST_IN_COMMON or account.is_agent:
        return []
    columns = (f"case__{name}" for name in COLUMNS)
    rows = (
        CaseReader.objects.filter(account=account)
        .order_by("-last_activity_at", "-case_id")
        .values_list("case__product__slug", *columns)[:LOOKED_THROUGH]
    )
    cases = [(slug, CaseRow(*row)) for slug, *row in rows]
    found = search.words_found(
        [Query((word,)) for word in words], cases=[row.key for _slug, row in cases]
    )
    having = Counter(word for _key, word in found)
    says = [log(1 + len(cases) / (1 + having[word])) for word in range(len(words))]
    judged = []
    for position, (slug, row) in enumerate(cases):
        said = {word for word in range(len(words)) if (row.key, word) in found}
        own = frozenset(terms_of(row.title))
        titled = {word for word in said if not own.isdisjoint(words[word])}
        weight = sum(says[word] for word in said)
        is_like = len(titled) >= LEAST_IN_COMMON or (
            len(said) >= LEAST_IN_COMMON and weight >= LEAST_SHARE * sum(says)
        )
        if is_like:
            # What a title says is what the case is about.
            score = weight + sum(says[word] for word in titled)
            judged.append((-score * (1.5 if slug == product else 1), position, row))
    return [row for _score, _position, row in sorted(judged, key=lambda one: one[:2])[:MOST_SHOWN]]
