"""What the workflow knows about a draft: its product and version, and what may be used for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby

from opora.accounts.models import Account, Group
from opora.billing.models import Purchase
from opora.billing.queries import Offers
from opora.cases.models import Attachment, Draft
from opora.cases.queries import RecentVersion
from opora.catalog.models import Product, Version
from opora.catalog.queries import (
    Asked,
    ProblemChoice,
    problems_of,
    product_for,
    subject_of,
    version_for,
    versions_of,
)
from opora.contracts.eligibility import Question
from opora.contracts.models import Contract
from opora.contracts.queries import Coverage, coverage
from opora.core.days import today
from opora.core.errors import InvalidInput
from opora.core.wording import in_language
from opora.portal.address_book import AddressBook
from opora.portal.self_help import Suggested
from opora.portal.workflow import Answers, Section
from opora.sla.clock import Explanation

# Families with their products: (id, name, other names it is found by).
ProductGroups = list[tuple[str, list[tuple[str, str, str]]]]


@dataclass
class Subject:
    """The product and version of a draft, as far as they are chosen."""

    product: Product | None = None
    version: Version | None = None
    versions: list[Version] = field(default_factory=list)
    problems: list[ProblemChoice] = field(default_factory=list)

    @property
    def portal(self) -> dict[str, str] | None:
        """Where the product is supported if not here: {"name", "url"} (S3.1)."""
        portal = self.product.portal if self.product else None
        return {"name": in_language(portal.names), "url": portal.url} if portal else None

    def problem_groups(self) -> list[tuple[str, list[ProblemChoice]]]:
        return [
            (category, list(choices))
            for category, choices in groupby(self.problems, lambda choice: choice.category_name)
        ]


@dataclass
class DraftPage:
    """What the page's template needs; lists that no open step shows stay empty."""

    draft: Draft
    answers: Answers
    open_step: str
    sections: list[Section] = field(default_factory=list)
    subject: Subject = field(default_factory=Subject)
    plans: Coverage | None = None
    offers: Offers | None = None
    purchase: Purchase | None = None  # begun for this draft, and not paid
    contract: Contract | None = None
    product_groups: ProductGroups = field(default_factory=list)
    recent: list[RecentVersion] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    due: Explanation | None = None
    problems: dict[str, str] = field(default_factory=dict)
    extra_rows: int = 0
    book: AddressBook = field(default_factory=AddressBook)
    groups: list[Group] = field(default_factory=list)  # that it can be shared with
    suggested: Suggested = field(default_factory=Suggested)

    @cached_property
    def asks_own(self) -> tuple[str, ...]:
        """The questions of the problem that is chosen; none: the general ones are asked."""
        chosen = self.answers.get("problem", "")
        return next((one.questions for one in self.subject.problems if one.id == chosen), ())

    def asks(self, question: Asked) -> bool:
        """Whether the question stands on the page: it goes with the problem, or was answered."""
        if self.answers.get("details", {}).get(question.id):
            return True
        return question.id in self.asks_own if self.asks_own else question.is_general

    @property
    def group(self) -> Group | None:
        """The one that will read the request."""
        chosen = self.answers.get("group")
        return next((one for one in self.groups if one.public_id.hex == chosen), None)

    @property
    def has_details(self) -> bool:
        return bool(self.answers.get("details"))


def subject_chosen(answers: Answers, *, with_choices: bool = False) -> Subject:
    """The product and version that a draft's answers name; what they do not name stays empty.
    `with_choices`: with what there is to choose from."""
    found = _named(answers.get("product", ""), answers.get("version", ""))
    if with_choices and found.product:
        found.versions = versions_of(found.product)
        found.problems = problems_of(found.product)
    return found


def _named(product: str, version: str) -> Subject:
    try:
        if product and version:
            found = version_for(product, version)
            return Subject(product=found.product, version=found)
        return Subject(product=product_for(product) if product else None)
    except InvalidInput:
        return _named(product, "") if version else Subject()


def plans_for(account: Account, subject: Subject, answers: Answers, *, now: datetime) -> Coverage:
    """The account's contracts, judged for what the draft asks (S6.2)."""
    return coverage(
        account,
        subject_of(subject.version, today(now)) if subject.version else None,
        is_production=not answers["non_production"],
        now=now,
    )


def question_of(subject: Subject, answers: Answers, *, now: datetime) -> Question:
    """What a draft asks of a plan; severity is chosen after it (S6.3)."""
    day = today(now)
    return Question(
        on=day,
        subject=subject_of(subject.version, day) if subject.version else None,
        is_production=not answers["non_production"],
    )


def usable_contract(plans: Coverage, public_id: str) -> Contract | None:
    """The usable contract of that id."""
    usable = (one.contract for one in plans.usable)
    return next((one for one in usable if one.public_id.hex == public_id), None)
