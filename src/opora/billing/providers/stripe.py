"""Cards by Stripe, through its official library. Card numbers never reach Opora: the page's script
trades them for a confirmation token in a frame of Stripe's own.

Which API version is spoken is fixed here, so that an upgrade of the library changes nothing by
itself. What Stripe answers holds secrets (a client secret opens its payment): none of it is logged.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import requests
import stripe
import structlog
from django.conf import settings

from opora.billing.providers.base import (
    BadNotice,
    Card,
    Charge,
    DisputeSeen,
    Moved,
    NoticeSeen,
    Payment,
    ProviderRefused,
    ProviderUnreachable,
    RefundSeen,
)
from opora.billing.providers.stripe_amounts import for_stripe
from opora.billing.providers.stripe_objects import (
    about,
    charge_of,
    dispute_of,
    payment_of,
    reference_of,
    refund_of,
)

if TYPE_CHECKING:
    from stripe.params import (
        PaymentIntentConfirmParams,
        PaymentIntentCreateParams,
        RefundCreateParams,
    )

API_VERSION = "2026-10-28.endive"
TIMEOUT = (5.0, 10.0)  # seconds until there is a connection, and until there is an answer
RETRIES = 1  # by the library, with the same key
SLOW, REST = 4.0, 30.0  # seconds that a silence cost, and for which nobody asks after it
SIGNATURE_LIVES = timedelta(minutes=5)
PAGE = 100
METHOD = re.compile(r"(pm|ctoken)_[A-Za-z0-9_]{1,90}", re.ASCII)
EXPANDED = ["latest_charge", "payment_method"]

ABOUT_PAYMENTS = ("payment_intent.", "charge.", "refund.")

_RESTS: dict[str, float] = {}  # by address: until when nobody waits for it again, in this process

log = structlog.get_logger("opora.billing")
logging.getLogger("stripe").setLevel(logging.WARNING)  # below, it writes what it sends
stripe.enable_telemetry = False


def provider() -> StripeCards:
    """Stripe as the settings describe it."""
    known = settings.STRIPE
    return StripeCards(
        client=_client(known["secret_key"], known["api"], TIMEOUT),
        webhook_secret=known["webhook_secret"],
        api=known["api"],
    )


@lru_cache(maxsize=4)
def _client(secret_key: str, api: str, timeout: tuple[float, float]) -> stripe.StripeClient:
    """One for each process: connections are kept. An answer that leads elsewhere is none."""
    session = requests.Session()
    session.max_redirects = 0
    return stripe.StripeClient(
        secret_key,
        base_addresses={"api": api},
        stripe_version=API_VERSION,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=timeout, session=session),
    )


@contextmanager
def _asking(api: str) -> Iterator[None]:
    """Stripe's errors as ours. They hold what was answered, so they end here.

    Whoever let somebody wait is not asked again for a while: the pages of everybody who pays, and
    the one worker that also sends mail, would all wait with them (F-09).
    """
    begun = time.monotonic()
    if begun < _RESTS.get(api, 0.0):
        raise ProviderUnreachable("silent a moment ago")
    try:
        yield
    except stripe.IdempotencyError:
        raise ProviderRefused("key-reused") from None
    except stripe.InvalidRequestError as error:
        is_missing = error.code == "resource_missing" or error.http_status == 404
        raise ProviderRefused("missing" if is_missing else error.code or "invalid") from None
    except stripe.CardError as error:
        raise ProviderRefused(error.code or "card") from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.error("stripe.key_refused", status=error.http_status, request=error.request_id)
        raise ProviderUnreachable("key refused") from None
    except stripe.StripeError as error:
        if time.monotonic() - begun >= SLOW:
            _RESTS[api] = time.monotonic() + REST
        log.warning("stripe.no_answer", error=type(error).__name__, status=error.http_status)
        raise ProviderUnreachable(type(error).__name__) from None


class StripeCards:
    slug = "stripe"
    has_cards = True

    def __init__(self, *, client: stripe.StripeClient, webhook_secret: str, api: str) -> None:
        self._api = client.v1
        self._asking = partial(_asking, api)
        self._webhook_secret = webhook_secret

    def customer(self, *, account: str, email: str, key: str) -> str:
        # An address may change between two tries; what the key stands for may not (PA-03).
        with self._asking():
            made = self._api.customers.create(
                {"metadata": {"account": account}}, {"idempotency_key": f"customer-{key}"}
            )
            # Only so that the vendor finds them at Stripe, which does not take every address.
            with suppress(stripe.InvalidRequestError):
                self._api.customers.update(made.id, {"email": email})
            return made.id

    def open(self, charge: Charge) -> Payment:
        asked: PaymentIntentCreateParams = {
            "amount": for_stripe(charge.amount, charge.currency),
            "currency": charge.currency.lower(),
            "description": charge.description,
            "allowed_payment_method_types": ["card"],
            "metadata": {
                "purchase": charge.key,
                "number": charge.number,
                "installation": charge.origin,
            },
            "expand": EXPANDED,
        }
        if charge.customer:
            asked["customer"] = charge.customer
        with self._asking():
            intent = self._api.payment_intents.create(
                asked, {"idempotency_key": f"open-{charge.key}"}
            )
            return payment_of(intent)

    def pay(self, reference: str, *, method: str, keep_card: bool, key: str) -> Payment:
        kind = METHOD.fullmatch(method)
        if kind is None:
            raise ProviderRefused("missing")
        # Said each time: what an earlier try said would stay otherwise.
        asked: PaymentIntentConfirmParams = {
            "expand": EXPANDED,
            "setup_future_usage": "on_session" if keep_card else "",
        }
        if kind[1] == "pm":
            asked |= {"payment_method": method, "use_stripe_sdk": True}
        else:
            asked["confirmation_token"] = method
        with self._asking():
            try:
                intent = self._api.payment_intents.confirm(
                    reference, asked, {"idempotency_key": f"pay-{key}"}
                )
            except stripe.CardError:
                return self.look(reference)
            except stripe.InvalidRequestError as error:
                if error.code != "payment_intent_unexpected_state":
                    raise
                return self.look(reference)  # paid or given up in another tab
            return payment_of(intent)

    def look(self, reference: str) -> Payment:
        with self._asking():
            intent = self._api.payment_intents.retrieve(reference, {"expand": EXPANDED})
            charge = charge_of(intent)
            if charge is None or not intent.amount_received:
                return payment_of(intent)
            return payment_of(
                intent,
                refunds=tuple(self._refunds(reference)),
                disputes=tuple(self._disputes(reference)) if charge.disputed else (),
            )

    def cancel(self, reference: str) -> Payment:
        with self._asking():
            try:
                self._api.payment_intents.cancel(reference)
            except stripe.InvalidRequestError as error:
                if error.code != "payment_intent_unexpected_state":
                    raise
            return self.look(reference)

    def refund(self, reference: str, *, amount: int, key: str) -> RefundSeen:
        with self._asking():
            # Stripe forgets its own keys after a day; what is in its books it does not.
            for known in self._refunds(reference):
                if known.key == key:
                    return known
            currency = self._api.payment_intents.retrieve(reference).currency.upper()
            asked: RefundCreateParams = {
                "payment_intent": reference,
                "amount": for_stripe(amount, currency),
                "metadata": {"refund": key},
            }
            made = self._api.refunds.create(
                asked,
                {"idempotency_key": f"refund-{key}"},
            )
            return refund_of(made)

    def since(self, moment: datetime) -> Iterator[Payment]:
        with self._asking():
            page = self._api.payment_intents.list(
                {
                    "created": {"gte": int(moment.timestamp())},
                    "limit": PAGE,
                    "expand": [f"data.{name}" for name in EXPANDED],
                }
            )
            for intent in page.auto_paging_iter():
                yield payment_of(intent)

    def moved_since(self, moment: datetime) -> Iterator[Moved]:
        since = int(moment.timestamp())
        with self._asking():
            refunds = self._api.refunds.list({"created": {"gte": since}, "limit": PAGE})
            for refund in refunds.auto_paging_iter():
                if payment := reference_of(refund.payment_intent):
                    yield Moved(payment, refund=refund_of(refund))
            disputes = self._api.disputes.list({"created": {"gte": since}, "limit": PAGE})
            for dispute in disputes.auto_paging_iter():
                if payment := reference_of(dispute.payment_intent):
                    yield Moved(payment, dispute=dispute_of(dispute))

    def cards(self, customer: str) -> list[Card]:
        with self._asking():
            known = self._api.customers.retrieve(customer)
            default = known.invoice_settings and known.invoice_settings.default_payment_method
            methods = self._api.customers.payment_methods.list(
                customer, {"type": "card", "limit": PAGE}
            )
            return [
                Card(
                    reference=method.id,
                    brand=method.card.brand,
                    last4=method.card.last4,
                    expires_month=method.card.exp_month,
                    expires_year=method.card.exp_year,
                    is_default=method.id == default,
                )
                for method in methods.auto_paging_iter()
                if method.card
            ]

    def set_default_card(self, customer: str, card: str) -> None:
        with self._asking():
            if self._owner(card) != customer:
                raise ProviderRefused("missing")
            self._api.customers.update(
                customer, {"invoice_settings": {"default_payment_method": card}}
            )

    def forget_card(self, customer: str, card: str) -> None:
        with self._asking():
            owner = self._owner(card)
            if owner is None:  # forgotten already
                return
            if owner != customer:
                raise ProviderRefused("missing")
            self._api.payment_methods.detach(card)

    def read_notice(
        self, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> NoticeSeen | None:
        lower = {name.lower(): value for name, value in headers.items()}
        signature = lower.get("stripe-signature", "")
        try:
            # The library would measure age by the clock of this machine; ours is `now`.
            stripe.WebhookSignature.verify_header(body, signature, self._webhook_secret, None)
            signed_at = int(dict(part.split("=", 1) for part in signature.split(","))["t"])
            event = stripe.Webhook.construct_event_without_verification(body).to_dict()
            seen = NoticeSeen(
                event=event["id"], kind=event["type"], reference=about(event["data"]["object"])
            )
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError):
            raise BadNotice from None
        if signed_at < (now - SIGNATURE_LIVES).timestamp():
            raise BadNotice
        return seen if seen.kind.startswith(ABOUT_PAYMENTS) and seen.reference else None

    def _refunds(self, reference: str) -> Iterator[RefundSeen]:
        page = self._api.refunds.list({"payment_intent": reference, "limit": PAGE})
        return map(refund_of, page.auto_paging_iter())

    def _disputes(self, reference: str) -> Iterator[DisputeSeen]:
        page = self._api.disputes.list({"payment_intent": reference, "limit": PAGE})
        return map(dispute_of, page.auto_paging_iter())

    def _owner(self, card: str) -> str | None:
        """Whose a saved card is; None: nobody's any more."""
        kind = METHOD.fullmatch(card)
        if kind is None or kind[1] != "pm":
            raise ProviderRefused("missing")
        owner = self._api.payment_methods.retrieve(card).customer
        return owner if owner is None or isinstance(owner, str) else owner.id
