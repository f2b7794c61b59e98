"""Going on with a draft under one's other account (P5): out of this one, into that one, once."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages as flashes
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from opora.cases.actions import offer_draft, offered_draft, take_draft
from opora.cases.models import Draft
from opora.portal.door import PortalRequest, for_customers


def leave(request: PortalRequest, draft: Draft) -> HttpResponse:
    """Sign out and lead to signing in, with a link to the saved draft behind it."""
    token = offer_draft(draft=draft, by=request.user, now=timezone.now())
    logout(request)
    flashes.info(
        request,
        _(
            "Your draft is saved and you are signed out. Sign in with the other account within "
            "30 minutes to go on; in the first one the draft stays until then."
        ),
    )
    there = reverse("portal:handover", args=[token])
    return redirect(f"{reverse('account_login')}?{urlencode({'next': there})}")


@require_http_methods(["GET", "POST"])
@for_customers
def handover(request: PortalRequest, token: str) -> HttpResponse:
    """What is about to move, and from where to where; pressed, it goes on here. Looking moves
    nothing."""
    now = timezone.now()
    if request.method == "POST":
        taken = take_draft(token=token, by=request.user, now=now)
        return redirect("portal:draft", taken.public_id.hex)
    draft = offered_draft(token=token, now=now)
    if draft.account_id == request.user.pk:
        return redirect("portal:draft", draft.public_id.hex)
    return render(request, "portal/handover.html", {"draft": draft})
