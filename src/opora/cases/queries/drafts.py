"""Doors to drafts and uploads, and the receipt of what was submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet, UUIDField
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases.files import LOOSE_FOR
from opora.cases.models import Attachment, CaseReader, Draft
from opora.core.errors import InvalidInput, NotFound
from opora.core.ids import parse_public_id
from opora.core.prepared import Param, Prepared

MOST_DRAFTS_SHOWN = 25


@dataclass(frozen=True)
class Receipt:
    """What submitting answers, whoever asks. `readable`: whether the submitter sees the case.

    `contract_public_id` is the contract's id in the API, `contract_id` the number printed on it.
    """

    number: str
    submitted_at: datetime
    response_due_at: datetime
    contract_public_id: str
    contract_id: str
    readable: bool


def draft_for(account: Account, public_id: str) -> Draft:
    """The account's own draft of that id, submitted or not; else NotFound. One statement loads its
    case and contract, and whether the account reads the case."""
    key = parse_public_id(public_id)
    found = _BY_ID.first(key=key) if key else None
    if found is None or found.account_id != account.pk:
        raise NotFound
    return found


def draft_or_new(account: Account, public_id: str) -> Draft:
    """The same for a page that may not have been saved yet: if nobody has a draft of that id, an
    unsaved one under it, to be stored by what is done next. A stranger's id is NotFound."""
    key = parse_public_id(public_id)
    if key is None:
        raise NotFound
    found = _BY_ID.first(key=key)
    if found is None:
        return Draft(public_id=key, account=account)
    if found.account_id != account.pk:
        raise NotFound
    return found


_BY_ID: Prepared[Draft] = Prepared(
    lambda: (
        Draft.objects.select_related("case__contract")
        .annotate(is_case_read=Exists(_reading(OuterRef("case"), OuterRef("account"))))
        .filter(public_id=Param("key", UUIDField()))
    )
)


def drafts_of(account: Account) -> list[Draft]:
    """The account's unfinished drafts, the last one touched first, at most 25. One statement."""
    return _UNFINISHED.rows(account=account.pk, limit=MOST_DRAFTS_SHOWN)


_UNFINISHED: Prepared[Draft] = Prepared(
    lambda: Draft.objects.filter(
        account=Param("account", BigIntegerField()), case__isnull=True
    ).order_by("-updated_at", "-pk"),
    limited=True,
)


def receipt_of(draft: Draft) -> Receipt:
    """The receipt of a submitted draft, for whoever submitted it; NotFound before. No statement on
    a draft that came through its door.

    Whether the submitter sees the case is asked anew: a contact may have added or removed them.
    """
    case = draft.case
    if case is None:
        raise NotFound
    return Receipt(
        number=case.number,
        submitted_at=case.submitted_at,
        response_due_at=case.response_due_at,
        contract_public_id=case.contract.public_id.hex,
        contract_id=case.contract.shown_contract_id or "",
        readable=_reads_its_case(draft),
    )


def _reads_its_case(draft: Draft) -> bool:
    known: bool | None = getattr(draft, "is_case_read", None)
    return _reading(draft.case_id, draft.account_id).exists() if known is None else known


def _reading(case: Any, account: Any) -> QuerySet[CaseReader]:
    return CaseReader.objects.filter(case=case, account=account)


def uploads_for(account: Account, public_ids: Sequence[str], *, now: datetime) -> list[Attachment]:
    """The account's own loose uploads of those ids, in that order, under 24 hours old. Foreign,
    unknown and stale ids alike are InvalidInput on `attachments` (AC-04)."""
    if not public_ids:
        return []
    keys = [parse_public_id(public_id) for public_id in public_ids]
    rows = Attachment.objects.filter(
        uploaded_by=account,
        case__isnull=True,
        draft__isnull=True,
        at__gt=now - LOOSE_FOR,
        public_id__in=[key for key in keys if key],
    )
    found = {row.public_id: row for row in rows}
    if len(found) < len(public_ids):
        raise InvalidInput.on("attachments", _("Upload the file again: it is not there any more."))
    return [found[key] for key in keys if key]


def upload_for(account: Account, public_id: str) -> Attachment:
    """The account's own upload of that id, not yet a case's; else NotFound."""
    key = parse_public_id(public_id)
    own = Attachment.objects.filter(uploaded_by=account, case__isnull=True)
    found = own.filter(public_id=key).first() if key else None
    if found is None:
        raise NotFound
    return found
