"""Purchases and payments, for administrators: the list, its table, one of them."""

from __future__ import annotations

from datetime import datetime
from typing import cast, get_args
from urllib.parse import urlencode

from django.contrib import messages as flashes
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from opora.billing.actions.flags import accept_difference, look_after
from opora.billing.actions.outside import confirm_outside_payment
from opora.billing.actions.taking_back import take_back
from opora.billing.models import Purchase
from opora.billing.queries.orders import (
    Narrowing,
    Show,
    counts,
    open_differences,
    order_for,
    orders,
    paper_of,
    purchase_of_id,
    single_order,
)
from opora.contracts.queries import status_of
from opora.core.days import today
from opora.core.errors import Conflict
from opora.desk import order_matters
from opora.desk import order_words as words
from opora.desk.door import DeskRequest, for_administrators
from opora.desk.order_files import order_rows
from opora.desk.order_forms import OrdersForm
from opora.web.paper_files import paper_download
from opora.web.tables import csv_download

SHOWN = ("state", "provider", "currency", "country", "since", "until")


@for_administrators
@require_GET
def order_list(request: DeskRequest) -> HttpResponse:
    """Purchases, newest first, narrowed by an address that can be kept."""
    form, narrowing = _asked(request)
    after = request.GET.get("after")
    if narrowing.words and not after:
        found = single_order(narrowing.words)
        if found is not None:
            return redirect("desk:order", found.public_id.hex)
    page = orders(narrowing, after=after)
    here = {name: request.GET[name] for name in SHOWN if request.GET.get(name)}
    kept = here | {"show": narrowing.show, "q": narrowing.words}
    return render(
        request,
        "desk/orders.html",
        {
            "form": form,
            "failed": bool(form.errors),
            "rows": page.items,
            "show": narrowing.show,
            "q": narrowing.words,
            "counts": counts(),
            "is_narrowed": bool(here),
            "here": here,
            "words": words,
            "older": _query(kept, after=page.next) if page.next else "",
            "newest": _query(kept) if after else "",
            "table": _query(kept),
        },
    )


@for_administrators
@require_GET
def table(request: DeskRequest) -> HttpResponseBase:
    """What the list shows, all of it, as CSV that is sent while it is read."""
    _form, narrowing = _asked(request)
    stem = pgettext("name of a file", "purchases-%(day)s") % {"day": today(timezone.now())}
    return csv_download(order_rows(narrowing), name=f"{stem}.csv")


@for_administrators
@require_http_methods(["GET", "POST"])
def differences(request: DeskRequest) -> HttpResponse:
    """Where a provider's books and ours differ now. What belongs to a purchase is seen to on its
    page; the rest here."""
    if request.method == "POST":
        if accept_difference(
            provider=request.POST.get("provider", ""),
            reference=request.POST.get("reference", ""),
            kind=request.POST.get("kind", ""),
            by=request.user,
            now=timezone.now(),
        ):
            flashes.success(request, _("Marked as looked after."))
        return redirect("desk:order_differences")
    after = request.GET.get("after")
    page = open_differences(after=after)
    return render(
        request,
        "desk/order_differences.html",
        {
            "rows": page.items,
            "show": "differences",
            "counts": counts(),
            "words": words,
            "older": _query({}, after=page.next) if page.next else "",
            "newest": "?" if after else "",
        },
    )


@for_administrators
@require_GET
def order(request: DeskRequest, order_id: str) -> HttpResponse:
    """One purchase: its money, what it granted, what went back, what was done."""
    now = timezone.now()
    found = order_for(order_id, now=now)
    contract = found.purchase.contract
    return render(
        request,
        "desk/order.html",
        {
            "order": found,
            "purchase": found.purchase,
            "order_key": order_id,
            "contract": contract,
            "contract_status": status_of(contract, today(now)) if contract else "",
            "lines": words.history_of(found),
            "matters": order_matters.of(found),
            "words": words,
        },
    )


@for_administrators
@require_GET
def paper(request: DeskRequest, order_id: str, paper_id: str) -> HttpResponse:
    """A receipt or a credit note as PDF."""
    return paper_download(paper_of(purchase_of_id(order_id), paper_id))


@for_administrators
@require_http_methods(["GET", "POST"])
def confirmation(request: DeskRequest, order_id: str) -> HttpResponse:
    """The vendor has seen the money on the bank's statement."""
    purchase = purchase_of_id(order_id)
    if request.method == "POST":
        try:
            confirm_outside_payment(purchase=purchase, by=request.user, now=timezone.now())
            flashes.success(request, _("Confirmed. The incidents are there."))
        except Conflict as refusal:
            flashes.warning(request, refusal.detail)
    if request.method == "POST" or purchase.state != Purchase.State.AWAITING:
        return redirect("desk:order", order_id)
    deed = words.confirmation_words(purchase.amount, purchase.currency, purchase.incidents)
    return render(
        request,
        "desk/order_confirmation.html",
        {"purchase": purchase, "order_key": order_id, "deed": deed},
    )


@for_administrators
@require_POST
def looked_after(request: DeskRequest, order_id: str) -> HttpResponse:
    """Take the flag off that was seen."""
    purchase, seen = purchase_of_id(order_id), _seen(request)
    if seen and look_after(purchase=purchase, seen=seen, by=request.user, now=timezone.now()):
        flashes.success(request, _("Marked as looked after."))
    else:
        flashes.warning(
            request,
            _("Something new has happened to this purchase. Look again before you mark it."),
        )
    return redirect("desk:order", order_id)


@for_administrators
@require_POST
def taking_back(request: DeskRequest, order_id: str) -> HttpResponse:
    """Take the incidents whose money went back past Opora, and the flag that was seen."""
    purchase = purchase_of_id(order_id)
    taken = take_back(purchase=purchase, seen=_seen(request), by=request.user, now=timezone.now())
    if taken:
        flashes.success(request, words.taken_back(taken))
    else:
        flashes.warning(request, _("There was no unused incident left to take back."))
    return redirect("desk:order", order_id)


def _seen(request: DeskRequest) -> datetime | None:
    """The flag that was on the page; None for none, or for what is no instant."""
    try:
        seen = datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        return None
    return seen if seen.tzinfo else None


def _asked(request: DeskRequest) -> tuple[OrdersForm, Narrowing]:
    show = request.GET.get("show", "")
    form = OrdersForm(request.GET)
    chosen = cast(Show, show if show in get_args(Show) else "all")
    return form, form.narrowing(chosen, request.GET.get("q", "").strip()[:400])


def _query(kept: dict[str, str], **more: str) -> str:
    wanted = {name: value for name, value in (kept | more).items() if value and value != "all"}
    return "?" + urlencode(wanted)
