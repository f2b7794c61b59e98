"""Opening a case: the reference flow Submit (SECURITY 3), in as few statements as it can be.

Nothing is locked before the last step: the incident is drawn when all else is written, so that a
contract shared by many is locked over the commit only.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from opora.accounts.models import Account, Group
from opora.cases import readers, search
from opora.cases.actions.change import mail
from opora.cases.actions.messages import bind_uploads
from opora.cases.actions.resolving import Resolved, group_named, resolve
from opora.cases.details import whole_description
from opora.cases.errors import DraftIsGone
from opora.cases.intake import AdditionalContact, CaseRequest, PrimaryContact, check, tidy
from opora.cases.models import Case, CaseContact, Draft
from opora.cases.queries import Receipt, receipt_of
from opora.cases.texts import key_of
from opora.catalog.queries import questions
from opora.contracts.actions import consume_incident
from opora.core import audit, outbox
from opora.core.days import today, vendor_zone
from opora.core.errors import Refusal
from opora.core.prepared import insert

NUMBERS_TRIED = 5


@dataclass(frozen=True)
class Rehearsal:
    """What opening the case would answer, stored nowhere."""

    response_due_at: datetime
    incidents_left_after: int


class _DraftChanged(Exception):
    """Another tab saved, submitted or discarded the draft between our look and our write."""


def open_case(
    *, wanted: CaseRequest, by: Account, now: datetime, draft: Draft | None = None
) -> Receipt:
    """Open a case and draw its incident; all of it or nothing.

    A draft opens one case, with the files on it: submitting it again answers the first receipt
    (F-16). What `draft.answers` says is kept with it.

    Raises InvalidInput by field, RoundTheClockNeedsCritical, PhoneRequired, ContractNotRegistered,
    SupportedElsewhere, NotEligible, DraftIsGone; a refusal leaves no trace.
    """
    if draft is not None and draft.case_id is not None:
        return receipt_of(draft)
    wanted = tidy(wanted)
    check(wanted)
    for _attempt in range(NUMBERS_TRIED):
        number = _new_number(now)
        try:
            with transaction.atomic():
                return _open(number, wanted, by=by, now=now, draft=draft)
        except IntegrityError:
            if not Case.objects.filter(number=number).exists():
                raise
        except (_DraftChanged, Refusal) as refusal:
            # Whoever came first may have taken the last incident with this very draft.
            current = _as_it_is_now(draft, by)
            if current is not None and current.case_id is not None:
                return receipt_of(current)
            if isinstance(refusal, Refusal):
                raise
            if current is None:
                raise DraftIsGone from None
            draft = current
    raise RuntimeError("no free case number was found")


def rehearse_case(*, wanted: CaseRequest, by: Account, now: datetime) -> Rehearsal:
    """Check everything that `open_case` checks and store nothing; raises the same refusals."""
    wanted = tidy(wanted)
    check(wanted)
    found = resolve(wanted, by=by, now=now)
    group_named(wanted.group, by=by)
    return Rehearsal(
        response_due_at=found.response_due_at,
        incidents_left_after=found.contract.incidents_left - 1,
    )


def _open(
    number: str, wanted: CaseRequest, *, by: Account, now: datetime, draft: Draft | None
) -> Receipt:
    found = resolve(wanted, by=by, now=now, draft=draft)
    group = group_named(wanted.group, by=by, hold=True)
    follows = _followed(draft, by)
    case = _insert_case(number, found, follows=follows, group=group, by=by, now=now)
    if draft is not None:
        _link(draft, case, by=by, now=now)
    contacts = _insert_contacts(case, wanted, by=by, now=now)
    reading = readers.admit_contacts_of(case.pk, now=now)
    bind_uploads(case, found.uploads, by=by, now=now)
    search.index(case_pk=case.pk, text=f"{number} {case.title}\n{case.description}", at=now)
    audit.record(
        "case.opened",
        target=("case", number),
        by=by.pk,
        at=now,
        contract=found.contract.public_id.hex,
        severity=case.severity,
    )
    if group is not None:
        _share(case, group, by=by, now=now)
    outbox.publish(mail("mail.case_receipt", case, contacts[0].pk), at=now)
    consume_incident(contract_pk=found.contract.pk, case_number=number, by=by, now=now)
    return Receipt(
        number=number,
        submitted_at=now,
        response_due_at=case.response_due_at,
        contract_public_id=found.contract.public_id.hex,
        contract_id=found.contract.shown_contract_id or "",
        readable=by.pk in reading or group is not None or by.is_administrator,
    )


def _share(case: Case, group: Group, *, by: Account, now: datetime) -> None:
    """Everybody in the group reads the case from its first moment, whoever submits among them."""
    readers.admit_group_of(case.pk)
    audit.record(
        "case.group_named",
        target=("case", case.number),
        by=by.pk,
        at=now,
        group=group.public_id.hex,
    )


# --- What is written -----------------------------------------------------------------------------


def _new_number(now: datetime) -> str:
    """YYMMDD in the vendor's zone and ten random digits (S15.5)."""
    return f"{now.astimezone(vendor_zone()):%y%m%d}{secrets.randbelow(10**10):010d}"


def _followed(draft: Draft | None, by: Account) -> int | None:
    """The key of the case that the draft goes on from, while its author reads it (AC-06)."""
    number = draft.answers.get("follows") if draft is not None else None
    if not number:
        return None
    return Case.objects.read_by(by.pk).filter(number=number).values_list("pk", flat=True).first()


def _insert_case(
    number: str,
    found: Resolved,
    *,
    follows: int | None,
    group: Group | None,
    by: Account,
    now: datetime,
) -> Case:
    wanted, subject, contract = found.wanted, found.subject, found.contract
    return insert(
        Case(
            number=number,
            title=wanted.title,
            description=_whole_description(wanted),
            product_id=found.version.product_id,
            version=found.version,
            problem_id=found.problem_id,
            is_production=not wanted.non_production,
            contract=contract,
            plan_version_id=contract.plan_version_id,
            admitted_phase=subject.phase.value,
            admitted_generation=subject.generation,
            admitted_by={
                "plan": contract.plan_version.plan.code,
                "product": subject.product,
                "version": subject.version,
                "deployment": subject.deployment,
                "production": not wanted.non_production,
                "severity": wanted.severity,
                "on": today(now).isoformat(),
                "reasons": [],
            },
            severity=wanted.severity,
            is_round_the_clock=wanted.round_the_clock,
            country=wanted.country,
            time_zone=wanted.time_zone,
            language=wanted.primary_contact.language,
            status_since=now,
            queue_id=found.queue_id,
            submitted_by=by,
            submitted_at=now,
            response_due_at=found.response_due_at,
            last_activity_at=now,
            follows_id=follows,
            group=group,
            group_named_at=now if group else None,
        )
    )


def _whole_description(wanted: CaseRequest) -> str:
    """With what was answered, in the language of whoever submits. One statement if anything was."""
    if not wanted.details:
        return wanted.description
    words = {one.id: one.name for one in questions()}
    return whole_description(wanted.description, wanted.details, words)


def _link(draft: Draft, case: Case, *, by: Account, now: datetime) -> None:
    """The draft becomes the case. Whoever comes second waits here for the first, and gives way.

    One that was never saved is stored with its case, under the id that the page carried.
    """
    if not draft.is_stored:
        _store_with_case(draft, case, by=by, now=now)
        return
    linked = Draft.objects.filter(pk=draft.pk, account=by, case__isnull=True).update(
        case=case, answers=draft.answers, confirmed=draft.confirmed, updated_at=now
    )
    if not linked:
        raise _DraftChanged


def _store_with_case(draft: Draft, case: Case, *, by: Account, now: datetime) -> None:
    try:
        insert(
            Draft(
                public_id=draft.public_id,
                account=by,
                answers=draft.answers,
                confirmed=draft.confirmed,
                created_at=now,
                updated_at=now,
                case=case,
            )
        )
    except IntegrityError:
        raise _DraftChanged from None


def _insert_contacts(
    case: Case, wanted: CaseRequest, *, by: Account, now: datetime
) -> list[CaseContact]:
    """All contacts in one statement, the primary first, with their keys."""
    primary = wanted.primary_contact
    rows = [
        CaseContact(
            **_person(primary),
            role=CaseContact.Role.PRIMARY,
            phone=primary.phone,
            preferred_contact=primary.preferred_contact,
            language=primary.language,
        ),
        *(
            CaseContact(**_person(other), role=CaseContact.Role.ADDITIONAL)
            for other in wanted.additional_contacts
        ),
    ]
    for row in rows:
        row.case, row.added_at, row.added_by = case, now, by
    insert(*rows)
    return rows


def _person(person: PrimaryContact | AdditionalContact) -> dict[str, str]:
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "email_key": key_of(person.email),
    }


def _as_it_is_now(draft: Draft | None, by: Account) -> Draft | None:
    """The stored draft with the answers that are being submitted; None if there is none."""
    if draft is None:
        return None
    current = Draft.objects.filter(public_id=draft.public_id, account=by).first()
    if current is not None and current.case_id is None:
        current.answers, current.confirmed = draft.answers, draft.confirmed
    return current
