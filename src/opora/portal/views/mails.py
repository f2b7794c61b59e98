"""Which mails one gets and why; agents get those about their account only."""

from __future__ import annotations

from typing import cast

from django.contrib import messages as flashes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from opora.accounts.models import Account
from opora.notifications.actions import choose_mails
from opora.notifications.queries import switched_off_by
from opora.notifications.topics import GROUPS


@require_http_methods(["GET", "POST"])
def mails(request: HttpRequest) -> HttpResponse:
    """Every sort of mail; a box where there is a choice."""
    account = cast(Account, request.user)
    if request.method == "POST":
        choose_mails(
            account=account,
            wanted=request.POST.getlist("topic"),
            by=account,
            now=timezone.now(),
        )
        flashes.success(request, _("Your choice of mails is saved."))
        return redirect("portal:mails")
    return render(
        request,
        "portal/mails.html",
        {
            "groups": [one for one in GROUPS if one.is_for_agents or not account.is_agent],
            "off": switched_off_by(account),
        },
    )
