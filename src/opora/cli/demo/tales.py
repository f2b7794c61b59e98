"""What happened on the demo's contracts: stories that run until they end, or until now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from opora.accounts.models import Account
from opora.cases import states
from opora.cases.models import Case, CaseContact, Message, Queue
from opora.catalog.models import Version
from opora.catalog.queries import subject_of
from opora.catalog.subject import Subject
from opora.cli.demo.agreements import Agreement
from opora.cli.demo.people import People
from opora.contracts.eligibility import Question, Standing, decide
from opora.contracts.models import Contract
from opora.contracts.terms import Terms
from opora.core.days import today, vendor_zone
from opora.sla.calendars import calendar_for
from opora.sla.clock import due_at

STORIES = json.loads(Path(__file__).with_name("stories.json").read_text(encoding="utf-8"))
SEVERITIES = ("A", "B", "C")
WEIGHTS = (12, 60, 28)
SETTLED_AFTER = timedelta(days=12)  # older cases are closed, but for a few
Line = tuple[str, str, int | None, datetime, dict[str, Any]]


@dataclass
class Story:
    """One case as it went, before it is rows."""

    case: Case
    agreement: Agreement
    contacts: list[CaseContact]
    messages: list[Message] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    returned_at: datetime | None = None


class Teller:
    """Makes up what happened on a contract."""

    def __init__(self, random: Random, people: People, *, now: datetime) -> None:
        self.random = random
        self.people = people
        self.now = now
        self.versions = list(Version.objects.select_related("product").order_by("pk"))
        self.queue = Queue.objects.get(is_default=True)
        self.numbers: set[str] = set()

    def stories_of(self, agreement: Agreement) -> Iterator[Story]:
        contract = agreement.contract
        if contract.starts_on is None or contract.ends_on is None:
            return
        first = max(agreement.issued_at + timedelta(days=1), self.now - timedelta(days=365))
        last = min(self.now - timedelta(minutes=30), _end_of(contract))
        if agreement.fate in ("suspended", "cancelled"):
            last = min(last, self.now - timedelta(days=10))
        if last <= first:
            return
        for _ in range(agreement.to_use):
            submitted_at = self._office_hour(first + (last - first) * self.random.random() ** 0.8)
            submitted_at = min(max(submitted_at, first), last).replace(microsecond=0)
            version = self._covered_version(agreement, submitted_at)
            if version is not None:
                yield self._story(agreement, version, submitted_at, last)

    def _office_hour(self, moment: datetime) -> datetime:
        """Mostly a working hour: people write when they work."""
        if self.random.random() < 0.15:
            return moment
        return moment.replace(hour=self.random.randint(6, 16), minute=self.random.randint(0, 59))

    def _covered_version(self, agreement: Agreement, moment: datetime) -> Version | None:
        on = today(moment)
        for _ in range(200):
            version = self.random.choice(self.versions)
            if _is_covered(agreement.terms, subject_of(version, on), on):
                return version
        return None

    def _story(
        self, agreement: Agreement, version: Version, at: datetime, contract_ends: datetime
    ) -> Story:
        random = self.random
        by = random.choice(agreement.registrants)
        spoken = by.language
        tale = random.choice(_tales_for(agreement))
        text = tale[spoken]
        on = today(at)
        subject = subject_of(version, on)
        severity = random.choices(SEVERITIES, WEIGHTS)[0]
        is_production = agreement.terms.coverage.is_production_covered and random.random() < 0.8
        around_the_clock = severity == "A" and random.random() < 0.5
        case = Case(
            number=self._number(at),
            title=text["title"].format(product=version.name)[:200],
            description=text["description"].format(product=version.name),
            product=version.product,
            version=version,
            is_production=is_production,
            contract=agreement.contract,
            plan_version=agreement.contract.plan_version,
            admitted_phase=subject.phase.value,
            admitted_generation=subject.generation,
            admitted_by={
                "plan": agreement.contract.plan_version.plan.code,
                "product": subject.product,
                "version": subject.version,
                "deployment": subject.deployment,
                "production": is_production,
                "severity": severity,
                "on": on.isoformat(),
                "reasons": [],
            },
            severity=severity,
            is_round_the_clock=around_the_clock,
            country=by.country,
            time_zone=by.time_zone,
            language=spoken,
            status_since=at,
            queue=self.queue,
            submitted_by=by,
            submitted_at=at,
            response_due_at=due_at(
                severity=severity,
                round_the_clock=around_the_clock,
                since=at,
                calendar=calendar_for(by.country, by.time_zone),
            ),
            last_activity_at=at,
        )
        story = Story(case, agreement, self._contacts(case, agreement, by))
        story.lines.append(
            (
                "case.opened",
                case.number,
                by.pk,
                at,
                {"contract": agreement.contract.public_id.hex, "severity": severity},
            )
        )
        self._tell(story, tale, text, contract_ends)
        return story

    def _number(self, at: datetime) -> str:
        while True:
            day = at.astimezone(vendor_zone())
            number = f"{day:%y%m%d}{self.random.randrange(10**10):010d}"
            if number not in self.numbers:
                self.numbers.add(number)
                return number

    def _contacts(self, case: Case, agreement: Agreement, by: Account) -> list[CaseContact]:
        """The writer first, mostly; sometimes a colleague whom the writer asked to lead."""
        others = [a for a in agreement.registrants if a.pk != by.pk]
        people = [by, *self.random.sample(others, min(len(others), self.random.randint(0, 2)))]
        if others and self.random.random() < 0.1:
            people = people[1:] or [others[0]]
        return [
            CaseContact(
                case=case,
                role=CaseContact.Role.ADDITIONAL if place else CaseContact.Role.PRIMARY,
                given_name=person.person.given_name,
                family_name=person.person.family_name,
                email=person.email,
                email_key=person.email_key,
                phone="" if place else person.phone,
                language="" if place else person.language,
                added_at=case.submitted_at,
                added_by=by,
            )
            for place, person in enumerate(people)
        ]

    def _tell(
        self, story: Story, tale: dict[str, Any], text: dict[str, Any], contract_ends: datetime
    ) -> None:
        """Let the story run until now, or until it ends."""
        case, random = story.case, self.random
        lasts = case.submitted_at + SETTLED_AFTER > self.now or random.random() < 0.03
        most_steps = random.randint(0, 2 * len(text["talk"]) + 1) if lasts else 99
        timeline = _Timeline(case.submitted_at, self.now, most_steps)
        contact = _account_of(story, CaseContact.Role.PRIMARY)
        agent = random.choice([a for a in self.people.agents if a.language == case.language])
        span = case.response_due_at - case.submitted_at
        if text["talk"]:
            if not timeline.goes_on(span * random.uniform(0.1, 0.6)):
                return
            at = timeline.at
            case.owner, case.was_ever_owned = agent, True
            case.revision += 1
            _enter(case, states.ASSIGNED, at)
            story.lines.append(("case.assigned", case.number, agent.pk, at, {"to": agent.pk}))
        for place, (who, said) in enumerate(text["talk"]):
            wait = timedelta(minutes=random.randint(20, 1800)) if place else span * 0.3
            if not timeline.goes_on(wait):
                break
            by = contact if who == "customer" else agent
            _write(story, said, by=by, asks=who == "agent?", at=timeline.at)
            if by is agent and random.random() < 0.2:
                note = random.choice(STORIES["notes"][agent.language])
                _write_note(story, note, by=agent, at=timeline.at)
        else:
            self._end(story, tale["outcome"], agent, contact, timeline, contract_ends)
        closes_at = case.status_since + states.CLOSE_AFTER
        if case.status in states.WITH_CUSTOMER and closes_at < self.now:
            outcome = case.proposed_outcome or "no_reply"
            _close(story, outcome, by=None, at=closes_at, contract_ends=contract_ends)

    def _end(
        self,
        story: Story,
        outcome: str,
        agent: Account,
        contact: Account,
        timeline: _Timeline,
        contract_ends: datetime,
    ) -> None:
        """Agents conclude, or propose what a contact confirms; silence is left to the timer."""
        random, case = self.random, story.case
        if outcome == "no_reply" or not timeline.goes_on(
            timedelta(minutes=random.randint(60, 2000))
        ):
            return
        by = agent if case.was_ever_owned else contact
        if outcome in ("solved", "workaround") and case.was_ever_owned and random.random() < 0.6:
            said = STORIES["proposal"][case.language]
            _write(story, said, by=agent, asks=False, at=timeline.at, proposes=outcome)
            if not timeline.goes_on(timedelta(minutes=random.randint(30, 3000))):
                return
            by, outcome = contact, "solved"
        _close(story, outcome, by=by, at=timeline.at, contract_ends=contract_ends)


@dataclass
class _Timeline:
    """Time passing in a story, until now or until the story has had its steps."""

    at: datetime
    now: datetime
    steps_left: int

    def goes_on(self, after: timedelta) -> bool:
        if self.steps_left == 0 or self.at + after >= self.now:
            return False
        self.steps_left -= 1
        self.at += after
        return True


def _tales_for(agreement: Agreement) -> list[dict[str, Any]]:
    """Nothing comes back to a contract that is to be used up."""
    tales: list[dict[str, Any]] = STORIES["stories"]
    if agreement.fate != "exhausted":
        return tales
    return [tale for tale in tales if tale["outcome"] in ("solved", "workaround", "no_reply")]


def _account_of(story: Story, role: str) -> Account:
    key = next(c.email_key for c in story.contacts if c.role == role)
    return next(a for a in story.agreement.registrants if a.email_key == key)


def _enter(case: Case, status: str, at: datetime) -> None:
    case.status, case.status_since = status, at


def _write(
    story: Story, said: str, *, by: Account, asks: bool, at: datetime, proposes: str = ""
) -> None:
    """A message, and where it leads (S15.1)."""
    case, is_agent = story.case, by.is_agent
    message = Message(
        case=case,
        side=Message.Side.AGENT if is_agent else Message.Side.CUSTOMER,
        author=by,
        asks=asks,
        body=said,
        at=at,
    )
    story.messages.append(message)
    if is_agent and case.first_responded_at is None:
        case.first_responded_at = at
    event: states.Event = "contact_wrote"
    if is_agent:
        event = "agent_asked" if asks else "outcome_proposed" if proposes else "agent_wrote"
    after = states.move(case.status, event) or case.status
    if after != case.status or asks or proposes:
        _enter(case, after, at)
    case.proposed_outcome = proposes
    case.last_activity_at = at
    case.revision += 1
    facts: dict[str, Any] = {"message": message.public_id.hex}
    if proposes:
        story.lines.append(
            ("case.outcome_proposed", case.number, by.pk, at, {**facts, "outcome": proposes})
        )
        return
    facts["side"] = message.side
    if asks:
        facts["asks"] = True
    story.lines.append(("case.message_written", case.number, by.pk, at, facts))


def _write_note(story: Story, said: str, *, by: Account, at: datetime) -> None:
    """Something for agents' eyes only."""
    note = Message(
        case=story.case,
        kind=Message.Kind.NOTE,
        side=Message.Side.AGENT,
        author=by,
        body=said,
        at=at,
    )
    story.messages.append(note)
    story.case.revision += 1
    facts = {"message": note.public_id.hex}
    story.lines.append(("case.note_written", story.case.number, by.pk, at, facts))


def _close(
    story: Story, outcome: str, *, by: Account | None, at: datetime, contract_ends: datetime
) -> None:
    """Close, and give the unit back where the outcome does. What would come back after the
    contract's end stays open: that is a story of its own."""
    case = story.case
    gives_back = states.returns_unit(
        outcome,
        by_agent=by is not None and by.is_agent,
        agent_says_so=True,
        was_ever_owned=case.was_ever_owned,
    )
    if gives_back and at >= contract_ends:
        return
    _enter(case, states.CLOSED, at)
    case.closed_at, case.outcome, case.last_activity_at = at, outcome, at
    case.proposed_outcome = ""
    case.revision += 1
    facts: dict[str, Any] = {"outcome": outcome}
    if gives_back:
        case.unit_returned_at = story.returned_at = at
        facts["unit_returned"] = True
    story.lines.append(("case.closed", case.number, by.pk if by else None, at, facts))


def _end_of(contract: Contract) -> datetime:
    assert contract.ends_on is not None  # noqa: S101 - only activated contracts have cases
    return datetime.combine(
        contract.ends_on, datetime.min.time(), tzinfo=vendor_zone()
    ) + timedelta(hours=20)


def _is_covered(terms: Terms, subject: Subject, on: date) -> bool:
    standing = Standing(
        plan={},
        activated_on=on,
        starts_on=on,
        ends_on=on,
        is_suspended=False,
        is_cancelled=False,
        incidents_left=1,
    )
    production = terms.coverage.is_production_covered
    return decide(
        terms, standing, Question(on=on, subject=subject, is_production=production)
    ).usable
