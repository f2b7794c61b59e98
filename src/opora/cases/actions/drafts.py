"""Drafts: kept as typed, valid or not, until they are submitted or discarded (S6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases.errors import CaseIsOpen, DraftIsGone, NotAllowed
from opora.cases.files import remove_upload
from opora.cases.models import Case, CaseContact, Draft
from opora.cases.steps import STEPS
from opora.cases.typed import plain
from opora.core.errors import NotFound


def save_draft(
    *,
    account: Account,
    draft: Draft,
    answers: Mapping[str, Any],
    confirmed: Iterable[str],
    now: datetime,
) -> Draft:
    """Keep what was typed: one small write. Raises DraftIsGone if the draft was discarded.

    One that was never saved is stored under the id it has. A draft that became a case meanwhile
    stays as it was submitted: its `case` is set on return.
    """
    passed = set(confirmed)
    kept = _kept(answers)
    steps = [step.name for step in STEPS if step.name in passed]
    if not draft.is_stored:
        stored, is_new = Draft.objects.get_or_create(
            public_id=draft.public_id,
            account=account,
            defaults={
                "answers": kept,
                "confirmed": steps,
                "created_at": now,
                "updated_at": now,
            },
        )
        if is_new:
            return stored
        draft = stored
    saved = Draft.objects.filter(pk=draft.pk, account=account, case__isnull=True).update(
        answers=kept, confirmed=steps, updated_at=now
    )
    if saved:
        draft.answers, draft.confirmed, draft.updated_at = kept, steps, now
        return draft
    current = Draft.objects.select_related("case").filter(pk=draft.pk, account=account).first()
    if current is None:
        raise DraftIsGone
    return current


def discard_draft(*, account: Account, draft: Draft, now: datetime) -> None:
    """Throw an unfinished draft and its files away. Asking twice is fine; a submitted one stays."""
    uploads = list(draft.attachments.filter(case__isnull=True))
    with transaction.atomic():
        gone, _rows = Draft.objects.filter(pk=draft.pk, account=account, case__isnull=True).delete()
    if gone:
        for upload in uploads:
            remove_upload(attachment=upload, now=now)


@transaction.atomic
def choose_bought_contract(
    *, account: Account, draft_id: UUID, contract: str, now: datetime
) -> Draft | None:
    """Select what was bought for a draft (S7.4), unless another contract was chosen there since;
    None if there is no such draft any more. Nothing else that was typed changes."""
    draft = (
        Draft.objects.locked()
        .filter(public_id=draft_id, account=account, case__isnull=True)
        .first()
    )
    if draft is None:
        return None
    if not draft.answers.get("contract") or draft.answers["contract"] == contract:
        draft.answers["contract"] = contract
        draft.save(update_fields=["answers"])
    return draft


def begin_follow_up(*, case: Case, by: Account, now: datetime) -> Draft:
    """A new draft that goes on from a closed case: its product, version, problem and contacts, and
    the case's number, by which both are linked once it is submitted. Nothing happens to the case.

    Raises NotFound, NotAllowed (agents, members of a group), CaseIsOpen.
    """
    if by.is_agent or not Case.objects.written_by(by.pk).filter(pk=case.pk).exists():
        raise NotAllowed if Case.objects.visible_to(by).filter(pk=case.pk).exists() else NotFound
    if case.is_open:
        raise CaseIsOpen(number=case.number)
    [primary, *others] = case.contacts.order_by("-role", "pk")
    answers = first_answers(by)
    answers["primary_contact"] |= _person(primary) | {
        "phone": primary.phone,
        "preferred_contact": primary.preferred_contact,
        "language": primary.language or case.language,
    }
    answers |= {
        "follows": case.number,
        "product": case.product.slug,
        "version": case.version.slug,
        "problem": case.problem.slug if case.problem else "",
        "non_production": not case.is_production,
        "country": case.country,
        "time_zone": case.time_zone,
        "title": case.title,
        "description": _("This goes on from support request %(number)s.") % {"number": case.number}
        + "\n\n",
        "additional_contacts": [_person(other) for other in others],
    }
    return save_draft(account=by, draft=Draft(account=by), answers=answers, confirmed=(), now=now)


def _person(contact: CaseContact) -> dict[str, str]:
    return {
        "given_name": contact.given_name,
        "family_name": contact.family_name,
        "email": contact.email,
    }


def first_answers(account: Account) -> dict[str, Any]:
    """What a new draft starts with: the account's own place, and the account as primary contact."""
    return {
        "severity": "B",
        "round_the_clock": False,
        "non_production": False,
        "country": account.country,
        "time_zone": account.time_zone,
        "primary_contact": {
            "given_name": account.person.given_name,
            "family_name": account.person.family_name,
            "email": account.email,
            "phone": account.phone,
            "preferred_contact": "email",
            "language": account.language or "en",
        },
        "additional_contacts": [],
        "attachments": [],
    }


def _kept(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without what no database keeps."""
    return {plain(str(name)): _kept_value(value) for name, value in answers.items()}


def _kept_value(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Mapping):
        return _kept(value)
    if isinstance(value, list | tuple):
        return [_kept_value(item) for item in value]
    return value
