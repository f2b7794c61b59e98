"""What an account could buy for what it asks about, and what it would cost (S7, S11.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from opora.accounts.models import Account
from opora.billing.providers.registry import is_anything_sold, providers_for
from opora.contracts.eligibility import Buyer, Decision, Question, Reason
from opora.contracts.models import Plan
from opora.contracts.queries import plan_decision, plans
from opora.contracts.terms import Price, Terms


@dataclass(frozen=True)
class Offer:
    """A plan that is sold, at the buyer's price; `decision` says why not, if it cannot be bought
    for what was asked."""

    plan: Plan
    terms: Terms
    price: Price
    decision: Decision

    @property
    def incidents(self) -> int:
        return self.terms.incidents or 0

    @property
    def each(self) -> int:
        """What one incident of it costs, in minor units, rounded down."""
        return self.price.amount // (self.incidents or 1)


@dataclass(frozen=True)
class Offers:
    """Every plan that is sold, the smallest first. `ways`: how this account may pay."""

    ways: list[str]
    every: list[Offer]

    @property
    def buyable(self) -> list[Offer]:
        return [offer for offer in self.every if offer.decision.usable] if self.ways else []

    @property
    def reasons(self) -> list[Reason]:
        """Why nothing can be bought, each reason once, as the smallest offer has it; empty where
        something can, and where nothing is sold at all."""
        if self.buyable:
            return []
        found: dict[str, Reason] = {}
        for one in self.every:
            for reason in one.decision.reasons:
                found.setdefault(reason.code, reason)
        return list(found.values())


def offer_of(plan: Plan, question: Question, buyer: Buyer) -> Offer | None:
    """The plan as `buyer` could have it for what is asked; None if it is not sold."""
    terms = Terms.read(plan.current.terms) if plan.current else None
    price = terms.price_in(buyer.country) if terms else None
    if terms is None or price is None or not terms.is_sold or not terms.incidents or plan.legacy:
        return None
    return Offer(plan, terms, price, plan_decision(plan, replace(question, buyer=buyer)))


def offers_for(account: Account, question: Question) -> Offers:
    """What this account could buy for what is asked. One statement; none if nothing is sold."""
    ways = providers_for(account)
    buyer = Buyer(kind=account.kind, country=account.country)
    # A work account without a way to pay is still told why: its kind cannot buy (S7.1).
    found = [offer_of(plan, question, buyer) for plan in plans()] if is_anything_sold() else []
    every = sorted((one for one in found if one), key=lambda one: (one.incidents, one.plan.code))
    return Offers(ways=ways, every=every)
