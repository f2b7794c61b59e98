"""The demo's contracts: three hundred, in every state that a contract can be in (SPEC 12).

Issued by the real deeds, with instants of the past; who registered them is put in as rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from opora.accounts.models import Account, Person
from opora.cli.demo.people import People
from opora.contracts.actions import (
    accept_invitation,
    cancel_contract,
    expire_contract,
    grant_benefit,
    invite,
    issue_contracts,
    revoke_invitation,
    revoke_registration,
    suspend_contract,
)
from opora.contracts.models import Contract, Registration
from opora.contracts.queries import standing_of, terms_of
from opora.contracts.terms import Terms
from opora.core.days import begins_at, today
from opora.core.models import Job

# Plan, how many, first issued between so many days ago; incidents where the plan has no number.
MIX: tuple[tuple[str, int, tuple[int, int], int | None], ...] = (
    ("partner-on-premises-20", 100, (20, 380), None),
    ("partner-on-premises-20", 10, (400, 500), None),
    ("partner-cloud-50", 10, (60, 380), None),
    ("partner-cloud-5", 40, (10, 380), None),
    ("partner-cloud-2", 15, (10, 380), None),
    ("visual-studio-enterprise-4", 42, (5, 360), None),
    ("visual-studio-professional-2", 23, (5, 460), None),
    ("assurance-24x7", 10, (40, 330), 25),
    ("ppi-1", 14, (5, 330), None),
    ("ppi-5", 6, (5, 330), None),
)
NOT_STARTED = 8
NOT_ACTIVATED = 8  # beside the two that the visitors may activate
SUSPENDED = 5
CANCELLED = 5
EXHAUSTED = 12
WARNED_OF = timedelta(days=30)


@dataclass
class Agreement:
    """A contract, who registered it, and how many of its incidents the demo's cases use."""

    contract: Contract
    terms: Terms
    registrants: list[Account]
    to_use: int = 0
    fate: str = ""  # "suspended", "cancelled": after the cases; "exhausted": by them

    def state_on(self, day: date) -> str:
        """What a visitor would call it."""
        starts_on, ends_on = self.contract.starts_on, self.contract.ends_on
        if self.fate or starts_on is None or ends_on is None:
            return self.fate
        if ends_on < day or starts_on > day:
            return "over" if ends_on < day else "later"
        return "ending" if ends_on <= day + WARNED_OF else "running"

    @property
    def has_run(self) -> bool:
        """It began a while ago: there may be cases under it."""
        starts_on = self.contract.starts_on
        return starts_on is not None and starts_on <= today(self.issued_at)

    @property
    def issued_at(self) -> datetime:
        return self.contract.issued_at


@dataclass
class Agreements:
    used: list[Agreement] = field(default_factory=list)
    spare: list[tuple[Contract, str]] = field(default_factory=list)  # with the Access ID as shown


def build(random: Random, people: People, *, now: datetime) -> Agreements:
    """Issue and register; `settle` ends what is to end once the cases have drawn their units."""
    made = Agreements()
    made.used += _mixed(random, people, now=now)
    for agreement in random.sample(made.used, EXHAUSTED):
        agreement.fate = "exhausted"
    for fate, count in (("suspended", SUSPENDED), ("cancelled", CANCELLED)):
        for _ in range(count):
            agreement = _issue(random, people, "partner-on-premises-20", now - timedelta(days=200))
            agreement.fate = fate
            made.used.append(agreement)
    for place in range(NOT_STARTED):
        starts_on = today(now) + timedelta(days=7 + 5 * place)
        team = _team(random, people)
        issued = issue_contracts(
            plan_code="partner-cloud-5",
            holder=_holder(team),
            managers=team[:1],
            starts_on=starts_on,
            by=None,
            now=now - timedelta(days=3),
        )[0]
        made.used.append(Agreement(issued.contract, terms_of(issued.contract), team))
    for _ in range(NOT_ACTIVATED):
        team = _team(random, people)
        grant_benefit(
            plan_code="visual-studio-enterprise-4",
            holder=_holder(team),
            managers=team[:1],
            by=None,
            now=now - timedelta(days=2),
        )
    # What the two visitors may activate: hers by name, his by his role.
    grants: tuple[tuple[str, str | Person, list[Account]], ...] = (
        ("visual-studio-enterprise-4", people.personal.person, [people.personal]),
        ("partner-cloud-5", people.work.company or people.organizations[0].name, []),
    )
    for plan, holder, managers in grants:
        grant_benefit(
            plan_code=plan, holder=holder, managers=managers, by=None, now=now - timedelta(hours=20)
        )
    for plan in ("partner-on-premises-20", "partner-cloud-5"):
        issued = issue_contracts(
            plan_code=plan, holder=people.organizations[1], by=None, now=now - timedelta(days=1)
        )[0]
        made.spare.append((issued.contract, issued.access_id))
    _show_everything_to(people.personal, made, now=now)
    _show_everything_to(people.work, made, now=now)
    Registration.objects.bulk_create(
        (
            Registration(
                contract=agreement.contract,
                account=account,
                registered_at=agreement.issued_at + timedelta(hours=1 + place),
            )
            for agreement in made.used
            for place, account in enumerate(agreement.registrants)
        ),
        ignore_conflicts=True,  # PPI contracts are registered by their deed
    )
    for visitor in (people.personal, people.work):
        _share(visitor, made, people, now=now)
    Job.objects.filter(kind__startswith="mail.contract").delete()  # mailed long ago
    return made


def _share(visitor: Account, made: Agreements, people: People, *, now: datetime) -> None:
    """The visitor manages a running contract: links in every state, a colleague revoked."""
    running = [
        one.contract
        for one in made.used
        if visitor in one.registrants and one.terms.has_access_id
        if one.state_on(today(now)) == "running"
    ]
    theirs = [c for c in running if c.holder_organization_id == visitor.organization_id]
    shared = (theirs or running)[0]
    shared.managers.get_or_create(account=visitor)
    here = shared.registrations.values_list("account", flat=True)
    strangers = [a for a in people.customers if a.pk not in set(here)]
    colleagues = [a for a in strangers if a.company and a.company == visitor.company]
    first, second = (colleagues + strangers)[:2]
    for days, account in ((9, first), (4, second)):
        at = now - timedelta(days=days)
        secret = invite(contract=shared, send_to=account.email, by=visitor, now=at).secret
        accept_invitation(account=account, secret=secret, now=at + timedelta(hours=5))
    revoke_registration(
        account=first, contract=shared, by=visitor, now=now - timedelta(days=3, hours=2)
    )
    invite(contract=shared, by=visitor, now=now - timedelta(days=6))
    off = invite(contract=shared, by=visitor, now=now - timedelta(days=1, hours=3)).invitation
    revoke_invitation(invitation=off, by=visitor, now=now - timedelta(days=1))
    invite(contract=shared, by=visitor, now=now - timedelta(hours=5))


def settle(agreements: Agreements, *, now: datetime) -> None:
    """Suspend and cancel what is to be, and post what is left of contracts that are over."""
    for agreement in agreements.used:
        contract = agreement.contract
        if agreement.fate == "suspended":
            suspend_contract(contract=contract, by=None, now=now - timedelta(days=9))
        elif agreement.fate == "cancelled":
            ended_at = now - timedelta(days=9)
            cancel_contract(contract=contract, by=None, now=ended_at)
            expire_contract(contract_pk=contract.pk, now=ended_at + timedelta(minutes=5))
        elif contract.ends_on and standing_of(contract).is_over(today(now)):
            over_at = begins_at(contract.ends_on + timedelta(days=1)) + timedelta(minutes=10)
            expire_contract(contract_pk=contract.pk, now=over_at)


def _mixed(random: Random, people: People, *, now: datetime) -> Iterator[Agreement]:
    for plan, count, (newest, oldest), incidents in MIX:
        for _ in range(count):
            issued_at = now - timedelta(
                days=random.randint(newest, oldest), minutes=random.randint(0, 600)
            )
            yield _issue(random, people, plan, issued_at, incidents=incidents)


def _issue(
    random: Random,
    people: People,
    plan: str,
    issued_at: datetime,
    *,
    incidents: int | None = None,
) -> Agreement:
    bought = plan.startswith("ppi-")
    team = _team(random, people, personal=bought)
    issued = issue_contracts(
        plan_code=plan,
        holder=team[0].person if bought else _holder(team),
        managers=team[:1],
        incidents=incidents,
        legacy=incidents is not None,
        by=None,
        now=issued_at,
    )[0]
    return Agreement(issued.contract, terms_of(issued.contract), team)


def _team(random: Random, people: People, *, personal: bool = False) -> list[Account]:
    """Colleagues who share a contract; one personal account for what is bought."""
    if personal:
        candidates = [a for a in people.customers if a.kind == Account.Kind.PERSONAL]
        return [random.choice(candidates)]
    first = random.choice(people.customers)
    colleagues = [
        a for a in people.customers if a.pk != first.pk and a.company and a.company == first.company
    ]
    return [first, *random.sample(colleagues, min(len(colleagues), random.randint(0, 3)))]


def _holder(team: list[Account]) -> str:
    return team[0].company or team[0].full_name


def _show_everything_to(account: Account, made: Agreements, *, now: datetime) -> None:
    """One contract of each plan and each state, so that a visitor sees them all in one list."""
    seen: set[tuple[str, str]] = set()
    for agreement in made.used:
        plan = agreement.contract.plan_version.plan
        kind = (plan.code, agreement.state_on(today(now)))
        if plan.code.startswith("ppi-") or kind in seen or account in agreement.registrants:
            continue
        seen.add(kind)
        agreement.registrants.append(account)
