"""Mails about a contract, to accounts that registered or manage it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opora.accounts.models import Account
from opora.contracts.models import Contract, Invitation
from opora.contracts.queries import manages
from opora.core import formats
from opora.core.wording import in_language
from opora.notifications.letters import Letter
from opora.notifications.topics import of_contract_mail


def registered(to: Account, contract: Contract, payload: dict[str, Any]) -> Letter:
    """Somebody else added the contract (S14.2). Who it was, managers see where it is shared."""
    is_manager = manages(to, contract)
    return _letter(
        to,
        contract,
        kind="mail.contract_registered",
        subject=_("Contract %(contract)s was added by another account"),
        paragraphs=(
            _("Another account has just registered the support contract %(contract)s."),
            _("If you did not expect this, look who it was and revoke the registration.")
            if is_manager
            else _("If you did not expect this, ask a manager of the contract to revoke it."),
        ),
        leads_to_sharing=is_manager,
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


def invitation(invited: Invitation, link: str, language: str) -> Letter:
    """A link to a contract, to an address that a manager typed; whose it is nobody knows yet."""
    contract = invited.contract
    words = {
        "name": invited.made_by.full_name if invited.made_by else "",
        "contract": contract.shown_contract_id or "",
        "until": formats.long_instant(invited.expires_at),
    }
    return Letter(
        to=invited.sent_to,
        language=language,
        subject=_("Invitation to support contract %(contract)s") % words,
        greeting=_("Hello,"),
        paragraphs=(
            (_("%(name)s invites you to share a support contract.") % words)
            if words["name"]
            else _("You are invited to share a support contract."),
            _(
                "Open the link, sign in or create an account, and add the contract. "
                "The link works once, until %(until)s."
            )
            % words,
        ),
        facts=(
            (_("Plan"), in_language(contract.plan_version.plan.names)),
            (_("Contract ID"), words["contract"]),
        ),
        action=_("Open the invitation"),
        path=link,
        closing=(_("If you do not expect this, leave the link alone: it ends by itself."),),
        thread=f"invitation:{invited.public_id.hex}",
        reason=_("You get this mail because somebody who manages the contract typed your address."),
        has_account=False,
    )


def _letter(
    to: Account,
    contract: Contract,
    *,
    kind: str,
    subject: str,
    paragraphs: tuple[str, ...],
    leads_to_sharing: bool = False,
) -> Letter:
    """Leads to the contract's page, or to the one about who shares it."""
    page = f"/contracts/{contract.public_id.hex}/" + ("sharing/" if leads_to_sharing else "")
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
        path=page,
        thread=f"contract:{contract.public_id.hex}",
        reason=_("You get this mail because you added the contract to your account or manage it."),
        list_name="contracts",
        has_switch=bool(of_contract_mail(kind)),
    )
