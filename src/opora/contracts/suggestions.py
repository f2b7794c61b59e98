"""What would be usable where nothing is (S12.3): another version, another plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from opora.accounts.models import Account
from opora.catalog.models import Version
from opora.catalog.queries import subject_of, versions_of
from opora.contracts.eligibility import Buyer, Decision, Question, Reason
from opora.contracts.models import Plan
from opora.contracts.queries import coverage, decision_for, plan_decision, plans
from opora.contracts.terms import Terms
from opora.core.days import today


@dataclass(frozen=True)
class JudgedPlan:
    """A plan of the vendor and what eligibility says of a contract under it, as if it were issued
    and activated on the asked day.

    `to_buy`: why this account cannot buy what it covers; empty for plans that are not sold.
    """

    plan: Plan
    decision: Decision
    is_sold: bool
    to_buy: tuple[Reason, ...] = field(default=())


def judged_plans(
    account: Account,
    version: Version,
    *,
    is_production: bool = True,
    now: datetime,
) -> list[JudgedPlan]:
    """Every plan that is still issued, those that would be usable first, then by code (S12.2). One
    statement if `version.product` is loaded."""
    on = today(now)
    asked = Question(on=on, subject=subject_of(version, on), is_production=is_production)
    buying = replace(asked, buyer=Buyer(kind=account.kind, country=account.country))
    found = []
    for plan in plans():
        if plan.legacy or plan.current is None:
            continue
        decision = plan_decision(plan, asked)
        is_sold = Terms.read(plan.current.terms).is_sold
        to_buy = plan_decision(plan, buying).reasons[len(decision.reasons) :] if is_sold else ()
        found.append(JudgedPlan(plan, decision, is_sold, to_buy))
    return sorted(found, key=lambda one: not one.decision.usable)


def usable_versions(
    account: Account, version: Version, asked: Question, *, now: datetime
) -> list[Version]:
    """The product's other versions that one of the account's contracts can be used for, newest
    first. Two statements."""
    product = version.product
    usable_alone = [one.contract for one in coverage(account, None, now=now).usable]
    found = []
    for other in versions_of(product) if usable_alone else []:
        if other.pk == version.pk:
            continue
        other.product = product
        about = replace(asked, subject=subject_of(other, asked.on))
        if any(decision_for(contract, about).usable for contract in usable_alone):
            found.append(other)
    return sorted(found, key=lambda one: (one.released_on or date.min, -one.position), reverse=True)
