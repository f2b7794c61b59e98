"""Saved cards under the account's settings (S7.3). Accounts that cannot pay by card have no such
page."""

from __future__ import annotations

from django.contrib import messages as flashes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from opora.billing.cards import card_of, forget_card, prefer_card, takes_cards, wallet_of
from opora.billing.errors import CardsUnavailable, NoSuchCard
from opora.billing.wording import card_words
from opora.core.days import today
from opora.core.errors import NotFound
from opora.portal.door import PortalRequest, for_customers


@require_GET
@for_customers
def cards(request: PortalRequest) -> HttpResponse:
    """Every card that is kept for the account, the default one first."""
    _refuse_without_cards(request)
    on = today(timezone.now())
    wallet = wallet_of(request.user)
    rows = [(one, one.is_expired_on(on.year, on.month)) for one in wallet.cards]
    return render(request, "portal/cards.html", {"wallet": wallet, "rows": rows})


@require_POST
@for_customers
def preference(request: PortalRequest, provider: str, reference: str) -> HttpResponse:
    """Offer the card first."""
    _refuse_without_cards(request)
    try:
        prefer_card(
            account=request.user, provider=provider, reference=reference, now=timezone.now()
        )
    except NoSuchCard:
        raise NotFound from None
    except CardsUnavailable as refusal:
        flashes.error(request, refusal.detail)
    else:
        flashes.success(request, _("From now on this card is offered first."))
    return redirect("portal:cards")


@require_http_methods(["GET", "POST"])
@for_customers
def removal(request: PortalRequest, provider: str, reference: str) -> HttpResponse:
    """Ask first, then take the card off."""
    _refuse_without_cards(request)
    try:
        one = card_of(request.user, provider, reference)
        if request.method == "GET":
            return render(request, "portal/card_removal.html", {"one": one})
        forget_card(
            account=request.user, provider=provider, reference=reference, now=timezone.now()
        )
    except NoSuchCard:
        raise NotFound from None
    except CardsUnavailable as refusal:
        flashes.error(request, refusal.detail)
    else:
        words = {"card": card_words(one.card.brand, one.card.last4)}
        flashes.success(request, _("%(card)s is not saved any more.") % words)
    return redirect("portal:cards")


def _refuse_without_cards(request: PortalRequest) -> None:
    if not takes_cards(request.user):
        raise NotFound
