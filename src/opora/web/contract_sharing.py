"""Pages about who shares a contract, for managers at the portal and agents at the desk.

Both doors check who comes in and call these with their `Door`; the pages lead to addresses of the
same names in either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urljoin

from django import forms
from django.conf import settings
from django.contrib import messages as flashes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opora.accounts.models import Account
from opora.contracts.actions import (
    Issued,
    invite,
    lift_revocation,
    revoke_invitation,
    revoke_registration,
    rotate_access_id,
)
from opora.contracts.errors import AlreadyRotated, InvitationIsUsed
from opora.contracts.models import Contract, Registration
from opora.contracts.queries import status_of, terms_of
from opora.contracts.sharing import (
    invitation_on,
    invitations_to,
    is_live,
    live_registrations,
    managers_of,
    registrant,
    registrants_of,
    rotation_mark,
)
from opora.core.days import today
from opora.web.invited import PATH
from opora.web.posting import posted
from opora.web.refusals import refusals_on

MOST_COUNTED = 100  # accounts that keep the contract, where a rotation says how many


@dataclass(frozen=True)
class Door:
    """Whose pages these are: the name of its addresses, and the frame around the page."""

    name: str
    frame: str

    def address(self, page: str, *arguments: str) -> str:
        return reverse(f"{self.name}:{page}", args=arguments)


class InvitationForm(forms.Form):
    send_to = forms.CharField(
        label=gettext_lazy("Mail the link to"),
        help_text=gettext_lazy("Left empty, you pass the link on yourself."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class RotationForm(forms.Form):
    mark = forms.CharField(widget=forms.HiddenInput, max_length=64)


def sharing(request: HttpRequest, contract: Contract, door: Door) -> HttpResponse:
    """Who registered the contract and which links there are; POST makes a link and shows it."""
    account = cast(Account, request.user)
    form = InvitationForm(posted(request))
    if form.is_bound and form.is_valid():
        with refusals_on(form, field="send_to"):
            invited = invite(
                contract=contract,
                send_to=form.cleaned_data["send_to"],
                by=account,
                now=timezone.now(),
            )
            return handover(
                request,
                contract,
                door,
                kind="invited",
                link=urljoin(settings.PUBLIC_URL + "/", f"{PATH}{invited.secret}/"),
                invitation=invited.invitation,
            )
    now = timezone.now()
    asked = request.GET
    return render(
        request,
        "web/sharing/sharing.html",
        _about(contract, door, now)
        | {
            "form": form,
            "failed": bool(form.errors),
            "can_invite": _can_share(contract),
            "managers": managers_of(contract),
            "registrants": registrants_of(contract, asked.get("after")),
            "invitations": [
                (row, row.state_at(now)) for row in invitations_to(contract, limit=25).items
            ],
            "is_first": "after" not in asked,
            "viewer": account,
            "is_on_account": door.name == "portal" and is_live(account, contract),
        },
        status=422 if form.errors else 200,
    )


def revocation(
    request: HttpRequest, contract: Contract, account_id: str, door: Door
) -> HttpResponse:
    """End an account's registration so that it cannot add the contract again (S14.3)."""
    return _asked_first(
        request,
        contract,
        account_id,
        door,
        template="web/sharing/revocation.html",
        deed=revoke_registration,
        done=_("The registration is revoked."),
    )


def lifting(request: HttpRequest, contract: Contract, account_id: str, door: Door) -> HttpResponse:
    """Let a revoked account add the contract again."""
    return _asked_first(
        request,
        contract,
        account_id,
        door,
        template="web/sharing/lifting.html",
        deed=lift_revocation,
        done=_("The account can add the contract again."),
    )


def invitation_revocation(
    request: HttpRequest, contract: Contract, invitation_id: str, door: Door
) -> HttpResponse:
    """Call a link off."""
    found = invitation_on(contract, invitation_id)
    try:
        revoke_invitation(invitation=found, by=cast(Account, request.user), now=timezone.now())
        flashes.success(request, _("The link no longer opens anything."))
    except InvitationIsUsed as refusal:
        flashes.warning(request, refusal.detail)
    return redirect(door.address("contract_sharing", contract.public_id.hex))


def rotation(request: HttpRequest, contract: Contract, door: Door) -> HttpResponse:
    """A new Access ID, shown this once; the old pair is dead, registrations stay (S14.3)."""
    form = RotationForm(posted(request))
    if form.is_bound and form.is_valid():
        with refusals_on(form):
            try:
                issued = rotate_access_id(
                    contract=contract,
                    by=cast(Account, request.user),
                    now=timezone.now(),
                    mark=form.cleaned_data["mark"],
                )
            except AlreadyRotated as refusal:
                flashes.warning(request, refusal.detail)
                return redirect(door.address("contract_sharing", contract.public_id.hex))
            return issued_page(request, issued, door, kind="rotated")
    return render(
        request,
        "web/sharing/rotation.html",
        _about(contract, door, timezone.now())
        | {
            "form": form,
            "failed": bool(form.errors),
            "mark": rotation_mark(contract),
            "has_access_id": _can_share(contract),
            "live": live_registrations(contract, MOST_COUNTED),
            "most": MOST_COUNTED,
        },
        status=422 if form.errors else 200,
    )


def issued_page(request: HttpRequest, issued: Issued, door: Door, *, kind: str) -> HttpResponse:
    """Both ids right after activation or rotation; the Access ID is in this answer only."""
    return handover(request, issued.contract, door, kind=kind, access_id=issued.access_id)


def handover(
    request: HttpRequest,
    contract: Contract,
    door: Door,
    *,
    kind: str,
    access_id: str = "",
    link: str = "",
    **more: Any,
) -> HttpResponse:
    """What is shown this once, as a sheet that can be printed and handed to a customer.

    `kind`: activated, rotated, invited.
    """
    return render(
        request,
        "web/sharing/handover.html",
        _about(contract, door, timezone.now())
        | {
            "kind": kind,
            "access_id": access_id,
            "link": link,
            "invitation": None,
            "public_url": settings.PUBLIC_URL,
            "zone": timezone.get_current_timezone_name(),
        }
        | more,
    )


def _asked_first(
    request: HttpRequest,
    contract: Contract,
    account_id: str,
    door: Door,
    *,
    template: str,
    deed: Callable[..., Registration],
    done: str,
) -> HttpResponse:
    row = registrant(contract, account_id)
    if request.method == "POST":
        account = cast(Account, request.user)
        deed(account=row.account, contract=contract, by=account, now=timezone.now())
        flashes.success(request, done)
        return redirect(door.address("contract_sharing", contract.public_id.hex))
    return render(request, template, _about(contract, door, timezone.now()) | {"row": row})


def _about(contract: Contract, door: Door, now: datetime) -> dict[str, Any]:
    return {
        "door": door,
        "frame": door.frame,
        "contract": contract,
        "contract_key": contract.public_id.hex,
        "contract_status": status_of(contract, today(now)),
        "holder": holder_name(contract),
    }


def holder_name(contract: Contract) -> str:
    """Of the organisation or person that holds the contract."""
    if contract.holder_organization is not None:
        return contract.holder_organization.name
    return contract.holder_person.full_name if contract.holder_person else ""


def _can_share(contract: Contract) -> bool:
    return (
        contract.activated_on is not None
        and contract.cancelled_at is None
        and terms_of(contract).has_access_id
    )
