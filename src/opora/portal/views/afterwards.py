"""After a request is closed: how satisfied one is, and a request that goes on from it."""

from __future__ import annotations

from django.contrib import messages as flashes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from opora.cases.actions import begin_follow_up, rate_case
from opora.cases.queries import case_for, rating_of
from opora.portal.door import PortalRequest, for_customers
from opora.portal.forms import RatingForm
from opora.web.posting import posted
from opora.web.refusals import refusals_on


@require_http_methods(["GET", "POST"])
@for_customers
def rating(request: PortalRequest, number: str) -> HttpResponse:
    """One answer, which may be changed as often as one likes."""
    found = case_for(request.user, number)
    before = rating_of(found, request.user)
    said = {"score": before.score, "comment": before.comment} if before else {}
    form = RatingForm(posted(request), initial=said)
    if form.is_valid():
        with refusals_on(form):
            rate_case(case=found, by=request.user, now=timezone.now(), **form.cleaned_data)
            flashes.success(request, _("Thank you, your answer was kept."))
            return redirect("portal:case", number)
    return render(
        request,
        "portal/case_rating.html",
        {"case": found, "form": form, "failed": bool(form.errors), "before": before},
        status=422 if form.errors else 200,
    )


@require_POST
@for_customers
def follow_up(request: PortalRequest, number: str) -> HttpResponse:
    """A new draft with the product, the version and the people of a closed request."""
    found = case_for(request.user, number)
    draft = begin_follow_up(case=found, by=request.user, now=timezone.now())
    return redirect("portal:draft", draft.public_id.hex)
