"""An invitation link, from the first click to the contract on the account (S14.1)."""

from __future__ import annotations

from django import forms
from django.contrib import messages as flashes
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from opora.contracts.actions import accept_invitation
from opora.contracts.errors import ContractAlreadyRegistered, InvitationNotFound
from opora.contracts.queries import status_of
from opora.contracts.sharing import invitation_for, is_live
from opora.core.days import today
from opora.portal.door import PortalRequest, for_customers
from opora.web.invited import forget, invited_by, remember
from opora.web.posting import posted


class AcceptForm(forms.Form):
    """Which invitation the page was about: another link may have been opened since."""

    invitation = forms.CharField(max_length=32)


@login_not_required
@require_GET
def opening(request: HttpRequest, secret: str) -> HttpResponse:
    """The link itself. The same for every secret and everybody: on to the page, and nothing else
    (EN-06, AU-17)."""
    response = redirect("portal:invitation")
    remember(response, secret)
    return response


@require_http_methods(["GET", "POST"])
@for_customers
def invitation(request: PortalRequest) -> HttpResponse:
    """Which contract would come to which account; POST adds it, or puts the link aside."""
    now, secret = timezone.now(), invited_by(request)
    if request.method == "POST" and "decline" in request.POST:
        aside = redirect("portal:contracts")
        forget(aside)
        return aside
    try:
        found = invitation_for(request.user, secret, now=now)
        form = AcceptForm(posted(request))
        if form.is_valid() and form.cleaned_data["invitation"] == found.public_id.hex:
            made = accept_invitation(account=request.user, secret=secret, now=now)
            flashes.success(request, _("The contract was added to your account."))
            added = redirect("portal:contract", made.contract.public_id.hex)
            forget(added)
            return added
    except InvitationNotFound as refusal:
        gone = render(request, "portal/invitation_gone.html", {"refusal": refusal}, status=404)
        forget(gone)
        return gone
    except ContractAlreadyRegistered:
        pass  # in another window, just now: the page says so
    return render(
        request,
        "portal/invitation.html",
        {
            "invitation": found,
            "contract": found.contract,
            "contract_status": status_of(found.contract, today(now)),
            "is_registered": is_live(request.user, found.contract),
            "is_another": form.is_bound,
        },
    )
