"""The page of one purchase: paying for it, and what came of it (S7); and the door for notices."""

from __future__ import annotations

from django.contrib import messages as flashes
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from opora.billing import paying
from opora.billing.actions.notices import keep_notice
from opora.billing.errors import AlreadyBought, PriceChanged
from opora.billing.models import Purchase
from opora.billing.paying import Paid, Wish
from opora.billing.providers.base import BadNotice
from opora.billing.providers.registry import offered, provider_named
from opora.billing.queries import open_purchase_of, purchase_for
from opora.cases.actions import choose_bought_contract
from opora.core.errors import InvalidInput, NotFound, Refusal
from opora.portal.door import PortalRequest, for_customers
from opora.portal.payment_page import NEW_CARD, read_payment_page, way_of

LONGEST_NOTICE = 256 * 1024


@require_http_methods(["GET", "POST"])
@for_customers
def purchase(request: PortalRequest, purchase_id: str) -> HttpResponse:
    """One purchase. Looking changes nothing; a button pays, asks the provider again, pays another
    way, or gives up. A page that comes back from the customer's bank proves nothing: the provider
    is asked."""
    found = purchase_for(request.user, purchase_id)
    if request.method == "POST":
        return _press(request, found)
    return _page(request, paying.seen(purchase=found))


@csrf_exempt
@login_not_required
@require_POST
def notices(request: HttpRequest, provider: str) -> HttpResponse:
    """A provider's notices (WH-05, WH-06): the signature is checked over the bytes as they came,
    then the notice is kept, and only then is it acknowledged. The work follows in the
    background."""
    if provider not in offered():
        raise Http404
    body = request.read(LONGEST_NOTICE + 1)
    if len(body) > LONGEST_NOTICE:
        raise BadRequest
    now = timezone.now()
    try:
        seen = provider_named(provider).read_notice(headers=request.headers, body=body, now=now)
    except BadNotice:
        return HttpResponse(status=400)
    if seen is not None:
        keep_notice(provider=provider, seen=seen, body=body.decode("utf-8", "replace"), now=now)
    return HttpResponse(status=200)


# --- Pieces ---------------------------------------------------------------------------------------
def _press(request: PortalRequest, found: Purchase) -> HttpResponse:
    deed = request.POST.get("do", "")
    problems: dict[str, str] = {}
    paid = Paid(found)
    try:
        if deed == "pay":
            paid = paying.pay(
                purchase=found, wish=_wish(request), by=request.user, clock=timezone.now
            )
        elif deed == "check":
            paid = paying.look_after(purchase=found, clock=timezone.now)
        elif deed == "another-way":
            anew = paying.another_way(purchase=found, by=request.user, now=timezone.now())
            return redirect("portal:purchase", anew.public_id.hex)
        elif deed == "give-up":
            paid = Paid(paying.give_up(purchase=found, by=request.user, now=timezone.now()))
    except InvalidInput as refusal:
        problems = {error["field"]: error["message"] for error in refusal.errors}
    except (NotFound, AlreadyBought):
        return redirect("portal:purchase", found.public_id.hex)
    except PriceChanged as refusal:
        found.refresh_from_db()
        other = open_purchase_of(request.user, found.draft) if found.draft else None
        if other is not None and other.pk != found.pk:  # at the new price, for another payment
            flashes.warning(request, refusal.detail)
            return redirect("portal:purchase", other.public_id.hex)
        problems = {"amount": refusal.detail}
        paid = Paid(found)
    except Refusal as refusal:
        problems = {"": refusal.detail}
        found.refresh_from_db()
        paid = paying.seen(purchase=found)
    if problems or paid.action or paid.purchase.state == Purchase.State.DECLINED:
        return _page(request, paid, problems)
    if paid.purchase.state == Purchase.State.CAPTURED:
        return _go_on(request, paid.purchase)
    if paid.purchase.state == Purchase.State.CANCELLED and found.draft:
        return redirect("portal:draft", found.draft.hex)
    return redirect("portal:purchase", paid.purchase.public_id.hex)


def _go_on(request: PortalRequest, paid: Purchase) -> HttpResponse:
    """Back to the request it was bought for, with what was bought selected (S7.4)."""
    contract = paid.contract
    if contract is None:
        raise NotFound
    flashes.success(
        request,
        ngettext(
            "Paid. %(count)s incident is yours, and you can use it at once.",
            "Paid. %(count)s incidents are yours, and you can use them at once.",
            paid.incidents,
        )
        % {"count": paid.incidents},
    )
    if paid.draft is not None and choose_bought_contract(
        account=request.user,
        draft_id=paid.draft,
        contract=contract.public_id.hex,
        now=timezone.now(),
    ):
        return redirect(f"{reverse('portal:draft', args=[paid.draft.hex])}?step=support#support")
    return redirect("portal:contract", contract.public_id.hex)


def _wish(request: PortalRequest) -> Wish:
    """What the form says. The amount is what the buyer was shown; the server names the price."""
    posted = request.POST
    chosen = posted.get("method", "")
    provider = way_of(chosen, request.user)
    if not provider:
        raise InvalidInput.on("method", _("Choose how you want to pay."))
    is_new = chosen == NEW_CARD
    if is_new and not posted.get("token"):
        raise InvalidInput.on(
            "method", _("The card was not read. Wait until its fields are there, then type it in.")
        )
    amount = posted.get("amount", "")
    return Wish(
        provider=provider,
        method=posted.get("token", "") if is_new else chosen.partition(":")[2],
        keeps_card=is_new and posted.get("keep_card") == "on",
        amount=int(amount) if amount.isascii() and amount.isdigit() and len(amount) < 16 else 0,
        currency=posted.get("currency", ""),
        has_round_the_clock=posted.get("round_the_clock") == "on",
        has_agreed=posted.get("agreed") == "yes",
    )


def _page(
    request: PortalRequest, paid: Paid, problems: dict[str, str] | None = None
) -> HttpResponse:
    page = read_payment_page(
        purchase_for(request.user, paid.purchase.public_id.hex),
        request.user,
        now=timezone.now(),
        action=paid.action,
        # Once by itself: whoever closed the bank's question is not shown it again unasked.
        asks_at_once=request.method == "POST" and not problems and "asked" not in request.POST,
        posted=request.POST,
        problems=problems or {},
    )
    request.processor_origins = page.processor_origins  # type: ignore[attr-defined]
    failed = bool(problems) or bool(page.declined and request.method == "POST")
    return render(
        request,
        "portal/purchase.html",
        {"page": page, "purchase": page.purchase, "failed": failed},
        status=422 if problems else 200,
    )
