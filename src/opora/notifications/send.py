"""The queue's mail kinds: written from ids at the moment of sending, for readers of that moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from opora.accounts.models import Account
from opora.billing.models import Purchase, Refund
from opora.contracts.ids import invitation_hashes, mailed_invitation_secrets
from opora.contracts.models import Contract, Invitation
from opora.contracts.queries import people_to_warn
from opora.core.models import Job
from opora.core.outbox import Hopeless
from opora.notifications import account_mails, case_mails, contract_mails, purchase_mails
from opora.notifications.letters import Letter, as_mail
from opora.notifications.recipients import (
    CaseRecipient,
    case_recipient,
    contract_recipient,
    reader_of,
)

CaseMail = Callable[[CaseRecipient, dict[str, Any]], Letter | None]
ContractMail = Callable[..., Letter | None]

CASE_MAILS: dict[str, CaseMail] = {
    "mail.case_receipt": case_mails.receipt,
    "mail.case_message": case_mails.new_message,
    "mail.case_resolved": case_mails.resolved,
    "mail.case_closed": case_mails.closed,
    "mail.case_reminder": case_mails.reminder,
    "mail.contact_added": case_mails.contact_added,
    "mail.unit_lapsed": case_mails.unit_lapsed,
}
CONTRACT_MAILS: dict[str, ContractMail] = {
    "mail.contract_registered": contract_mails.registered,
    "mail.contract_ending": contract_mails.ending,
    "mail.incidents_low": contract_mails.running_low,
}
PURCHASE_MAILS: dict[str, Callable[[Account, Purchase], Letter | None]] = {
    "mail.purchase_receipt": purchase_mails.receipt,
    "mail.purchase_awaiting": purchase_mails.awaiting,
}


def send_case_mail(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Send a mail on a case, unless its reader or its reason is gone by now, or it is not wanted.

    `payload`: {"case": key, "contact": key, …keys}. Errors of the mail server are raised, so that
    the queue tries again.
    """
    to = case_recipient(job.kind, payload)
    if to is None:
        return
    with translation.override(to.language), timezone.override(ZoneInfo(to.time_zone)):
        if letter := CASE_MAILS[job.kind](to, payload):
            _send(letter, job)


def send_contract_mail(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Send a mail on a contract, unless its reader neither registered nor manages it by now, or
    does not want it.

    `payload`: {"contract": key, "account": key, …}.
    """
    to = contract_recipient(job.kind, payload)
    contract = (
        Contract.objects.select_related("plan_version__plan").filter(pk=payload["contract"]).first()
    )
    if to is None or contract is None or to.pk not in people_to_warn(contract):
        return
    zone = ZoneInfo(to.time_zone) if to.time_zone else None
    with translation.override(to.language or "en"), timezone.override(zone):
        if letter := CONTRACT_MAILS[job.kind](to, contract, payload):
            _send(letter, job)


def send_invitation(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Mail an invitation link, unless it opens nothing by now. `payload`: {"invitation": key}.

    The link's secret is made again here, so that none lay in the queue; if the installation has
    given up the secret it followed from, the link is dead and nothing is sent.
    """
    invited = (
        Invitation.objects.select_related("contract__plan_version__plan", "made_by__person")
        .filter(pk=payload["invitation"])
        .first()
    )
    if invited is None or not invited.sent_to or invited.state_at(now) != "open":
        return
    secrets = mailed_invitation_secrets(invited.public_id.hex)
    secret = next((s for s in secrets if invited.secret_hash in invitation_hashes(s)), "")
    if not secret:
        return
    reader, zone = reader_of(invited.sent_to), None
    by = reader or invited.made_by
    if by is not None and by.time_zone:
        zone = ZoneInfo(by.time_zone)
    language = (by.language if by else "") or "en"
    with translation.override(language), timezone.override(zone):
        link = f"/invitations/{secret}/"
        _send(contract_mails.invitation(invited, link, language), job)


def send_purchase_mail(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Send a mail on a purchase to the account that bought, unless it was deactivated or the reason
    is gone by now.

    `payload`: {"purchase": key}, or {"refund": key} of a mail on a refund.
    """
    refund = None
    if job.kind == "mail.purchase_refunded":
        refund = Refund.objects.filter(pk=payload["refund"]).first()
        if refund is None:
            return
    purchase = (
        Purchase.objects.select_related("account__person", "plan_version__plan", "contract")
        .filter(pk=refund.purchase_id if refund else payload["purchase"])
        .first()
    )
    if purchase is None or not purchase.account.is_active:
        return
    to = purchase.account
    zone = ZoneInfo(to.time_zone) if to.time_zone else None
    with translation.override(to.language or "en"), timezone.override(zone):
        if letter := _on_purchase(job.kind, to, purchase, refund):
            _send(letter, job)


def _on_purchase(
    kind: str, to: Account, purchase: Purchase, refund: Refund | None
) -> Letter | None:
    if refund is not None:
        refund.purchase = purchase
        return purchase_mails.refunded(to, refund)
    return PURCHASE_MAILS[kind](to, purchase)


def send_account_mail(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Send a mail on an account itself, unless the account or the reason is gone by now."""
    if letter := account_mails.letter_for(payload):
        with translation.override(letter.language):
            _send(letter, job)


def _send(letter: Letter, job: Job) -> None:
    try:
        as_mail(letter, job_id=job.pk).send()
    # 4xx is tried again; 5xx will say the same tomorrow (F-14).
    except SMTPRecipientsRefused as refused:
        if all(code >= 500 for code, _ in refused.recipients.values()):
            raise Hopeless("the mail server refuses this recipient for good") from refused
        raise
    except SMTPDataError as refused:
        if refused.smtp_code >= 500:
            raise Hopeless("the mail server refuses this message for good") from refused
        raise
