"""Everything the workflow page shows of one draft, in as few statements as the open step needs."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from opora.accounts.models import Account
from opora.accounts.places import zone_names
from opora.accounts.queries import groups_of
from opora.billing.queries import offers_for, open_purchase_of
from opora.cases.models import Draft
from opora.cases.queries import recent_versions
from opora.catalog.queries import every_product, questions
from opora.portal import workflow
from opora.portal.address_book import AddressBook
from opora.portal.draft_facts import (
    DraftPage,
    ProductGroups,
    plans_for,
    question_of,
    subject_chosen,
    usable_contract,
)
from opora.portal.due import due_of_answers
from opora.portal.rechecks import why_again
from opora.portal.self_help import suggested
from opora.portal.summaries import summaries_of
from opora.portal.workflow import Answers


def all_products() -> ProductGroups:
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
    subject = subject_chosen(answers, with_choices=shows["problem"])
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
        summaries=summaries_of(page),
        wrong=wrong,
        why=why_again(page),
    )
    return page


def _standing(page: DraftPage) -> dict[str, bool]:
    """Steps whose fields are filled but cannot stand: an unknown version, an unusable contract."""
    return {
        "problem": page.subject.version is None,
        "support": page.contract is None,
    }


def zones(current: str) -> list[tuple[str, str]]:
    """Time zones to choose from, the current one among them."""
    names = list(zone_names())
    if current and current not in names:
        names.insert(0, current)
    return [(name, name.replace("_", " ")) for name in names]
