"""What may make a support request unnecessary: articles, the account's own earlier ones (P10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases.queries import CaseRow, earlier_cases_like
from opora.core.errors import NotFound
from opora.core.wording import in_language
from opora.knowledge.diagnosis import UNKNOWN, Guide, Walk, walk
from opora.knowledge.models import Diagnosis
from opora.knowledge.queries import (
    Hit,
    articles_suggested,
    diagnoses_for,
    diagnosis_for,
)

LEAST_TYPED = 8  # characters of title and description together


@dataclass
class Suggested:
    """Nothing in it: there is nothing to suggest."""

    articles: list[Hit] = field(default_factory=list)
    cases: list[CaseRow] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.articles or self.cases or self.diagnoses)


def suggested(account: Account, answers: Mapping[str, Any]) -> Suggested:
    """For a draft as far as it is typed: articles for the chosen product first, earlier requests
    that the account reads (AC-08), diagnoses of the product. At most five statements."""
    title, description = answers.get("title", ""), answers.get("description", "")
    product = answers.get("product", "")
    found = Suggested(diagnoses=diagnoses_for(account, product=product) if product else [])
    if len(f"{title}{description}".strip()) < LEAST_TYPED:
        return found
    found.articles = articles_suggested(
        title=title, description=description, product=product, reader=account
    )
    found.cases = earlier_cases_like(account, title or description, product=product)
    return found


def carried_over(
    answers: Mapping[str, Any], account: Account, slug: str, path: str
) -> dict[str, Any]:
    """The answers that a diagnosis fills in: its product and title where nothing stands, and what
    was said, below what is described already. An unknown diagnosis fills in nothing."""
    try:
        diagnosis = diagnosis_for(account, slug)
    except NotFound:
        return {}
    stand = walk(Guide.of(diagnosis.document), [one for one in path.split(".") if one])
    said = transcript(diagnosis, stand)
    described = answers.get("description", "").strip()
    if said not in described:
        described = f"{described}\n\n{said}".strip()
    carried = {"description": described}
    if not answers.get("title"):
        carried["title"] = in_language(diagnosis.document["title"])
    if not answers.get("product") and diagnosis.product:
        carried["product"] = diagnosis.product.slug
    return carried


def transcript(diagnosis: Diagnosis, stand: Walk) -> str:
    """Everything that was said, in the reader's language, for an agent to read."""
    title = in_language(diagnosis.document["title"])
    lines = [_("From the guided diagnosis “%(title)s”:") % {"title": title}]
    for given in stand.given:
        is_unknown = given.answer.id == UNKNOWN
        answer = _("I don’t know") if is_unknown else in_language(given.answer.label)
        lines.append(f"– {in_language(given.step.text)} {answer}")
    if not stand.here.is_question:
        lines.append(_("It concluded: %(text)s") % {"text": in_language(stand.here.text)})
    return "\n".join(lines)
