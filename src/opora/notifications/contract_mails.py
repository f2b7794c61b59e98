"""Mails about a contract, to accounts that registered or manage it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opora.accounts.models import Account
from opora.contracts.models import Contract
from opora.core import formats
from opora.core.wording import in_language
from opora.notifications.letters import Letter
from opora.notifications.topics import of_contract_mail


def registered(to: Account, contract: Contract, payload: dict[str, Any]) -> Letter:
    """Somebody else added the contract (S14.2). Who it was, managers see on the contract's page."""
    return _letter(
        to,
        contract,
        kind="mail.contract_registered",
        subject=_("Contract %(contract)s was added by another account"),
        paragraphs=(
            _("Another account has just registered the support contract %(contract)s."),
            _("If you did not expect this, ask a manager of the contract to revoke it."),
        ),
    )


def ending(to: Account, contract: Contract, payload: dict[str, Any]) -> Letter | None:
    """The contract ends in so many days (S13.5); None if it was renewed or emptied meanwhile."""
    if contract.ends_on is None or contract.incidents_left == 0 or contract.cancelled_at:
        return None
    if payload.get("ends_on") not in (None, contract.ends_on.isoformat()):
        return None
    left = contract.incidents_left
    return _letter(
        to,
        contract,
        kind="mail.contract_ending",
        subject=_("Contract %(contract)s ends on %(day)s"),
        paragraphs=(
            _("The support contract %(contract)s ends on %(day)s."),
            ngettext(
                "%(count)s incident is left on it; after that day it cannot be used.",
                "%(count)s incidents are left on it; after that day they cannot be used.",
                left,
            ),
        ),
    )


def running_low(to: Account, contract: Contract, payload: dict[str, Any]) -> Letter | None:
    """One incident is left (S13.5); None if that is not so any more."""
    if contract.incidents_left != 1:
        return None
    return _letter(
        to,
        contract,
        kind="mail.incidents_low",
        subject=_("One incident is left on contract %(contract)s"),
        paragraphs=(_("The support contract %(contract)s has one incident left, until %(day)s."),),
    )


def _letter(
    to: Account, contract: Contract, *, kind: str, subject: str, paragraphs: tuple[str, ...]
) -> Letter:
    words = {
        "contract": contract.shown_contract_id or "",
        "day": formats.day(contract.ends_on) if contract.ends_on else "",
        "count": contract.incidents_left,
    }
    return Letter(
        to=to.email,
        language=to.language or "en",
        subject=subject % words,
        greeting=_("Hello %(name)s,") % {"name": to.full_name},
        paragraphs=tuple(paragraph % words for paragraph in paragraphs),
        facts=((_("Plan"), in_language(contract.plan_version.plan.names)),),
        action=_("Open the contract"),
        path=f"/contracts/{contract.public_id.hex}/",
        thread=f"contract:{contract.public_id.hex}",
        reason=_("You get this mail because you added the contract to your account or manage it."),
        list_name="contracts",
        has_switch=bool(of_contract_mail(kind)),
    )
