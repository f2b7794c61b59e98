"""Earlier support requests that are like what somebody is writing."""

from __future__ import annotations

from math import log

from opora.accounts.models import Account
from opora.cases.models import CaseReader
from opora.cases.queries.rows import COLUMNS, CaseRow
from opora.core.stems import is_quiet, stems_of, terms_of, words_of

LOOKED_THROUGH = 200  # the newest that the account reads
MOST_SHOWN = 2
LEAST_IN_COMMON = 2  # words
MOST_WORDS = 24


def earlier_cases_like(account: Account, text: str, *, product: str = "") -> list[CaseRow]:
    """At most two of the newest 200 cases that a customer reads (AC-08) whose titles have at least
    two words of `text` in common, the most alike first; those about `product` (a slug) count more.
    One walk along the reader's index."""
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
    titles = [(slug, CaseRow(*row)) for slug, *row in rows]
    terms = [frozenset(terms_of(row.title)) for _slug, row in titles]
    rarity = {
        word: log(1 + len(terms) / (1 + sum(1 for one in terms if not one.isdisjoint(word))))
        for word in words
    }
    judged = []
    for position, ((slug, row), own) in enumerate(zip(titles, terms, strict=True)):
        common = [word for word in words if not own.isdisjoint(word)]
        if len(common) >= LEAST_IN_COMMON:
            score = sum(rarity[word] for word in common) * (1.5 if slug == product else 1)
            judged.append((-score, position, row))
    return [row for _score, _position, row in sorted(judged, key=lambda one: one[:2])[:MOST_SHOWN]]
