"""Everything the workflow page shows of one draft, in as few statements as the open step needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby

from django.utils.translation import gettext as _

from opora.accounts.models import Account, Group
from opora.accounts.places import country_codes, zone_names
from opora.accounts.queries import groups_of
from opora.billing.models import Purchase
from opora.billing.queries import Offers, offers_for, open_purchase_of
from opora.cases.models import Attachment, Draft
from opora.cases.queries import RecentVersion, recent_versions
from opora.catalog.models import Product, Version
from opora.catalog.queries import (
    NONE_OF_THESE,
    Asked,
    ProblemChoice,
    every_product,
    problems_of,
    product_for,
    questions,
    subject_of,
    version_for,
    versions_of,
)
from opora.contracts.eligibility import Question
from opora.contracts.models import Contract
from opora.contracts.queries import Coverage, Judged, coverage
from opora.core.days import today
from opora.core.errors import InvalidInput
from opora.core.wording import in_language
from opora.portal import rechecks, workflow
from opora.portal.address_book import AddressBook
from opora.portal.due import due_of_answers
from opora.portal.self_help import Suggested, suggested
from opora.portal.workflow import Answers, Section
from opora.sla.clock import Explanation
from opora.web import formats

Groups = list[tuple[str, list[tuple[str, str, str]]]]


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
    product_groups: Groups = field(default_factory=list)
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


def subject_chosen(product: str, version: str, *, with_choices: bool) -> Subject:
    """The product and version that two ids name; what they do not name stays empty."""
    found = Subject()
    try:
        if product and version:
            found.version = version_for(product, version)
            found.product = found.version.product
        elif product:
            found.product = product_for(product)
    except InvalidInput:
        if version:
            return subject_chosen(product, "", with_choices=with_choices)
        return found
    if with_choices and found.product:
        found.versions = versions_of(found.product)
        found.problems = problems_of(found.product)
    return found


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


def all_products() -> Groups:
    """Families with their products: (id, name, other names it is found by)."""
    return [
        (family, [(one.slug, one.name, " · ".join(one.aliases)) for one in some])
        for family, some in groupby(every_product(), lambda one: one.family)
    ]


def read_page(
    draft: Draft,
    answers: Answers,
    account: Account,
    *,
    open_step: str,
    now: datetime,
    problems: dict[str, str] | None = None,
    extra_rows: int = 0,
) -> DraftPage:
    """The page of `draft` with `open_step` open; `problems` are shown beside their fields."""
    shows = {"problem": open_step == "problem", "support": open_step == "support"}
    subject = subject_chosen(
        answers.get("product", ""), answers.get("version", ""), with_choices=shows["problem"]
    )
    page = DraftPage(
        draft=draft,
        answers=answers,
        open_step=open_step,
        subject=subject,
        problems=problems or {},
        extra_rows=extra_rows,
        files=list(draft.attachments.order_by("pk")) if draft.is_stored else [],
    )
    if shows["problem"]:
        page.product_groups = all_products()
        page.recent = recent_versions(account)
    if open_step in ("primary_contact", "sharing"):
        page.book = AddressBook.of(account)
    if open_step == "sharing" or answers.get("group"):
        page.groups = groups_of(account)
    if shows["problem"] or (open_step == "verify" and page.has_details):
        page.questions = questions()
    if shows["problem"] or shows["support"]:
        page.suggested = suggested(account, answers)
    if shows["support"] or answers.get("contract") or (shows["problem"] and subject.portal):
        page.plans = plans_for(account, subject, answers, now=now)
        page.contract = usable_contract(page.plans, answers.get("contract", ""))
    if shows["support"]:
        page.offers = offers_for(account, question_of(subject, answers, now=now))
        if page.offers.every and draft.is_stored:
            page.purchase = open_purchase_of(account, draft.public_id)
    page.due = due_of_answers(answers, now=now)
    wrong = [name for name, is_wrong in _standing(page).items() if is_wrong]
    page.sections = workflow.sections(
        open_step=open_step,
        answers=answers,
        confirmed=draft.confirmed,
        summaries=_summaries(page),
        wrong=wrong,
        why=rechecks.why_again(page),
    )
    return page


def usable_contract(plans: Coverage, public_id: str) -> Contract | None:
    """The usable contract of that id."""
    found = usable_by_id(plans).get(public_id)
    return found.contract if found else None


def usable_by_id(plans: Coverage) -> dict[str, Judged]:
    return {one.contract.public_id.hex: one for one in plans.usable}


def _standing(page: DraftPage) -> dict[str, bool]:
    """Steps whose fields are filled but cannot stand: an unknown version, an unusable contract."""
    return {
        "problem": page.subject.version is None,
        "support": page.contract is None,
    }


def _summaries(page: DraftPage) -> dict[str, list[tuple[str, str]]]:
    answers = page.answers
    return {
        "problem": _problem_summary(page),
        "support": _support_summary(page),
        "primary_contact": _primary_summary(answers["primary_contact"]),
        "sharing": [
            (
                _("Additional contacts"),
                "\n".join(workflow.person_words(one) for one in answers["additional_contacts"])
                or _("Nobody else"),
            ),
            (
                _("Group"),
                _("%(name)s: everybody in it reads the request") % {"name": page.group.name}
                if page.group
                else "",
            ),
        ],
    }


def _problem_summary(page: DraftPage) -> list[tuple[str, str]]:
    answers, subject = page.answers, page.subject
    chosen = answers.get("problem", "")
    known = "" if chosen in ("", NONE_OF_THESE) else _problem_name(subject, chosen)
    return [
        (_("Product"), subject.product.name if subject.product else ""),
        (_("Version"), subject.version.name if subject.version else ""),
        (
            _("Environment"),
            _("Not in production") if answers["non_production"] else _("In production"),
        ),
        (_("Problem"), known or _("None of these")),
        (_("Title"), answers.get("title", "")),
        (_("Description"), answers.get("description", "")),
        *_details_summary(page),
        (_("Attachments"), "\n".join(one.name for one in page.files) or _("None")),
    ]


def _details_summary(page: DraftPage) -> list[tuple[str, str]]:
    """What was answered beside the description, where the page has the questions."""
    if page.open_step != "verify":
        return []
    details = page.answers.get("details", {})
    return [(one.name, details[one.id]) for one in page.questions if one.id in details]


def _problem_name(subject: Subject, slug: str) -> str:
    choices = subject.problems or (problems_of(subject.product) if subject.product else [])
    return next((choice.name for choice in choices if choice.id == slug), "")


def _support_summary(page: DraftPage) -> list[tuple[str, str]]:
    answers, contract = page.answers, page.contract
    plan = ""
    if contract is not None:
        plan = _("%(plan)s, contract %(contract)s") % {
            "plan": in_language(contract.plan_version.plan.names),
            "contract": formats.contract_id(contract.contract_id),
        }
    severity = workflow.severity_words(answers.get("severity", ""))
    if answers.get("round_the_clock"):
        severity = _("%(severity)s, around the clock") % {"severity": severity}
    country, zone = answers.get("country", ""), answers.get("time_zone", "")
    place = formats.country(country) if country in country_codes() else country
    return [
        (_("Support plan"), plan),
        (_("Severity"), severity),
        (_("Country and time zone"), ", ".join(part for part in (place, zone) if part)),
    ]


def _primary_summary(primary: Mapping[str, str]) -> list[tuple[str, str]]:
    by_phone = primary.get("preferred_contact") == "phone"
    spoken = {"cs": _("Czech"), "en": _("English")}.get(primary.get("language", ""), "")
    return [
        (_("Name"), f"{primary.get('given_name', '')} {primary.get('family_name', '')}".strip()),
        (_("E-mail"), primary.get("email", "")),
        (_("Phone"), primary.get("phone", "")),
        (_("Preferred contact"), _("By phone") if by_phone else _("By e-mail")),
        (_("Language"), spoken),
    ]


def zones(current: str) -> list[tuple[str, str]]:
    """Time zones to choose from, the current one among them."""
    names = list(zone_names())
    if current and current not in names:
        names.insert(0, current)
    return [(name, name.replace("_", " ")) for name in names]
