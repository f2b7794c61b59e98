"""Refunds at the desk: chosen, shown, done; consented to by a second person, or called off."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages as flashes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from opora.billing.actions.refunds import (
    consent_to_refund,
    refusal_for,
    request_refund,
    waits_for_second_person,
    withdraw_refund,
)
from opora.billing.actions.sending_back import UNSETTLED, carry_out_refund
from opora.billing.errors import RefundIsOver
from opora.billing.models import Purchase, Refund
from opora.billing.queries.orders import purchase_of_id, refund_of
from opora.billing.queries.refunds import refundable
from opora.billing.refunds import Wanted, problem_with, what_stands_against
from opora.core import formats
from opora.core.errors import Conflict
from opora.core.ids import new_public_id
from opora.desk import order_words as words
from opora.desk.door import DeskRequest, for_administrators
from opora.desk.order_forms import RefundForm, RefundStepForm
from opora.web.posting import posted


@for_administrators
@require_http_methods(["GET", "POST"])
def refund(request: DeskRequest, order_id: str) -> HttpResponse:
    """Choose what goes back; then see what that does; then do it."""
    purchase = purchase_of_id(order_id)
    now = timezone.now()
    standing = refundable(purchase, purchase.contract, now=now)
    if request.method == "POST" and "key" in request.POST:
        return _done(request, purchase, now=now)
    if (problem := what_stands_against(standing)) is not None:
        flashes.warning(request, refusal_for(problem, standing, purchase.currency).detail)
        return redirect("desk:order", order_id)
    form = RefundForm(
        posted(request),
        standing=standing,
        currency=purchase.currency,
        initial={"what": "whole"},
    )
    if form.is_valid():
        wanted = form.wanted()
        problem = problem_with(wanted, standing)
        if problem is None:
            return _step(request, purchase, wanted)
        form.add_error(None, refusal_for(problem, standing, purchase.currency).detail)
    return render(
        request,
        "desk/refund.html",
        {
            "form": form,
            "failed": bool(form.errors),
            "purchase": purchase,
            "order_key": order_id,
            "standing": standing,
            "contract": purchase.contract,
        },
    )


@for_administrators
@require_POST
def consent(request: DeskRequest, order_id: str, refund_id: str) -> HttpResponse:
    """The second person agrees, and the money goes."""
    purchase = purchase_of_id(order_id)
    found = refund_of(purchase, refund_id)
    now = timezone.now()
    try:
        agreed = consent_to_refund(refund=found, by=request.user, now=now)
    except Conflict as refusal:
        flashes.warning(request, refusal.detail)
        return redirect("desk:order", order_id)
    return _carried_out(request, purchase, agreed, now=now)


@for_administrators
@require_POST
def withdrawal(request: DeskRequest, order_id: str, refund_id: str) -> HttpResponse:
    """Called off, before anything moved."""
    found = refund_of(purchase_of_id(order_id), refund_id)
    try:
        withdraw_refund(refund=found, by=request.user, now=timezone.now())
        flashes.success(request, _("The refund is called off. No money was sent."))
    except Conflict as refusal:
        flashes.warning(request, refusal.detail)
    return redirect("desk:order", order_id)


@for_administrators
@require_POST
def asking(request: DeskRequest, order_id: str, refund_id: str) -> HttpResponse:
    """Ask the provider once more what became of it."""
    purchase = purchase_of_id(order_id)
    return _carried_out(request, purchase, refund_of(purchase, refund_id), now=timezone.now())


def _step(request: DeskRequest, purchase: Purchase, wanted: Wanted) -> HttpResponse:
    """What the refund will do, with one button that says so."""
    given = {
        "key": new_public_id().hex,
        "minor": wanted.amount,
        "units": wanted.incidents,
        "why": wanted.reason,
    }
    return render(
        request,
        "desk/refund_step.html",
        {
            "step": RefundStepForm(initial=given),
            "purchase": purchase,
            "order_key": purchase.public_id.hex,
            "wanted": wanted,
            "deed": words.refund_words(wanted.amount, purchase.currency, wanted.incidents),
            "waits": waits_for_second_person(purchase, wanted.amount),
            "is_whole": wanted.amount == purchase.left_to_refund,
            "contract": purchase.contract,
            "words": words,
        },
    )


def _done(request: DeskRequest, purchase: Purchase, *, now: datetime) -> HttpResponse:
    step = RefundStepForm(request.POST)
    if not step.is_valid():
        return redirect("desk:refund", purchase.public_id.hex)
    try:
        made = request_refund(
            purchase=purchase,
            wanted=step.wanted(),
            key=step.cleaned_data["key"],
            by=request.user,
            now=now,
        )
    except Conflict as refusal:
        flashes.warning(request, refusal.detail)
        return redirect("desk:refund", purchase.public_id.hex)
    if made.state == Refund.State.REQUESTED:
        flashes.success(request, _("The refund waits for the consent of another administrator."))
        return redirect("desk:order", purchase.public_id.hex)
    return _carried_out(request, purchase, made, now=now)


def _carried_out(
    request: DeskRequest, purchase: Purchase, found: Refund, *, now: datetime
) -> HttpResponse:
    """Ask the provider, say what came of it."""
    found = carry_out_refund(found.pk, now)
    amount = {"amount": formats.money(found.amount, purchase.currency)}
    if found.state == Refund.State.DONE:
        flashes.success(request, _("%(amount)s went back to the buyer.") % amount)
    elif found.state == Refund.State.REFUSED:
        flashes.error(
            request,
            _("The provider refused to refund %(amount)s. Nothing was taken back.") % amount,
        )
    elif found.state not in UNSETTLED:
        flashes.warning(request, RefundIsOver().detail)
    elif found.reference:
        flashes.success(
            request, _("The provider has the refund of %(amount)s; it is on its way.") % amount
        )
    else:
        flashes.warning(
            request,
            _(
                "The provider has not answered yet. It is asked again by itself; %(amount)s will "
                "not be sent twice."
            )
            % amount,
        )
    return redirect("desk:order", purchase.public_id.hex)
