"""What runs for each kind of job: one line a kind.

A handler takes the payload, the job and the instant, and is safe to run twice. It opens its own
transaction where it writes; a mail is sent outside of any. It returns nothing, or, for a periodic
kind, True when there is more to do at once. Raising anything is a failed try; `outbox.Hopeless`
parks the job.

Handlers are named by their dotted path and imported when first needed, so that one kind's
dependencies cost the others nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.utils.module_loading import import_string

from opora.core.models import Job

Handler = Callable[[dict[str, Any], Job, datetime], bool | None]

KINDS: Mapping[str, str] = {
    "audit.seal": "opora.jobs.housekeeping.seal_audit_lines",
    "jobs.prune": "opora.jobs.housekeeping.prune_jobs",
    "sessions.prune": "opora.jobs.housekeeping.prune_sessions",
    "mail.account": "opora.notifications.send.send_account_mail",
    "mail.case_receipt": "opora.notifications.send.send_case_mail",
    "mail.case_message": "opora.notifications.send.send_case_mail",
    "mail.case_resolved": "opora.notifications.send.send_case_mail",
    "mail.case_closed": "opora.notifications.send.send_case_mail",
    "mail.case_reminder": "opora.notifications.send.send_case_mail",
    "mail.contact_added": "opora.notifications.send.send_case_mail",
    "mail.unit_lapsed": "opora.notifications.send.send_case_mail",
    "mail.contract_registered": "opora.notifications.send.send_contract_mail",
    "mail.contract_invitation": "opora.notifications.send.send_invitation",
    "mail.contract_ending": "opora.notifications.send.send_contract_mail",
    "mail.incidents_low": "opora.notifications.send.send_contract_mail",
    "mail.purchase_receipt": "opora.notifications.send.send_purchase_mail",
    "mail.purchase_refunded": "opora.notifications.send.send_purchase_mail",
    "mail.purchase_awaiting": "opora.notifications.send.send_purchase_mail",
    "contract.expire": "opora.jobs.contracts.expire_contract",
    "contract.incidents_low": "opora.jobs.contracts.warn_incidents_low",
    "contracts.expire_due": "opora.jobs.contracts.expire_due",
    "contracts.warn": "opora.jobs.contracts.warn_of_ends",
    "ledger.check": "opora.jobs.contracts.check_ledger",
    "account.address_proved": "opora.jobs.cases.bind_contacts",
    "case.remind": "opora.cases.timers.remind",
    "case.close_silent": "opora.cases.timers.close_silent",
    "payment.ask": "opora.jobs.payments.ask",
    "payment.notice": "opora.jobs.payments.look_into_notice",
    "payments.reconcile": "opora.jobs.payments.reconcile_books",
    "purchase.captured": "opora.jobs.payments.choose_what_was_bought",
    "attachment.scan": "opora.jobs.files.scan_file",
    "attachments.erase": "opora.jobs.files.erase_files",
    "uploads.sweep": "opora.jobs.files.sweep_uploads",
    "payment.refund": "opora.jobs.refunds.carry_out",
}

# Kinds that nobody publishes: one row each, started again after this long.
PERIODIC: Mapping[str, timedelta] = {
    "audit.seal": timedelta(seconds=20),
    "jobs.prune": timedelta(hours=1),
    "sessions.prune": timedelta(hours=6),
    "contracts.expire_due": timedelta(hours=1),
    "contracts.warn": timedelta(hours=6),
    "ledger.check": timedelta(hours=24),
    "payments.reconcile": timedelta(hours=24),
    "uploads.sweep": timedelta(hours=6),
}

# What these do leaves the house and cannot be undone: each is marked done at once, so that a killed
# worker repeats at most one (F-02). Others are marked together.
LEAVES_THE_HOUSE = ("mail.",)


@cache
def handler_of(kind: str) -> Handler:
    """The function for `kind`; LookupError if nobody registered one."""
    if kind not in KINDS:
        raise LookupError(f"no handler for jobs of kind {kind}")
    handler: Handler = import_string(KINDS[kind])
    return handler
