"""The demo's cases: two thousand of the past year, with messages in both languages.

Rows are made in bulk, but each is what the deeds would have left: the same audit lines, entries,
readers, timers. `opora verify` says so after every build.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from random import Random

from opora.cases import readers, search, states
from opora.cases.models import Case, CaseContact, Message
from opora.cli.demo.agreements import Agreements
from opora.cli.demo.people import People
from opora.cli.demo.tales import Story, Teller
from opora.contracts.models import Contract, IncidentEntry
from opora.core import outbox
from opora.core.models import AuditLine
from opora.core.outbox import Effect

CASES = 2_000


def build(random: Random, people: People, agreements: Agreements, *, now: datetime) -> int:
    """Insert the cases with all that hangs on them; how many."""
    teller = Teller(random, people, now=now)
    _share_out(random, agreements)
    stories = [story for agreement in agreements.used for story in teller.stories_of(agreement)]
    stories.sort(key=lambda story: story.case.submitted_at)
    _insert(stories, now=now)
    return len(stories)


def _share_out(random: Random, agreements: Agreements) -> None:
    """Say how many incidents of each contract are used: in all as many as there are cases."""
    usable = [a for a in agreements.used if a.has_run]
    share = CASES / sum(a.contract.incidents_left for a in usable)
    for agreement in usable:
        granted = agreement.contract.incidents_left
        wished = round(granted * share * random.uniform(0.5, 1.5))
        agreement.to_use = granted if agreement.fate == "exhausted" else min(granted, wished)
    others = [a for a in usable if a.fate != "exhausted"]
    while missing := CASES - sum(a.to_use for a in usable):
        agreement = random.choice(others)
        step = 1 if missing > 0 else -1
        if 0 <= agreement.to_use + step <= agreement.contract.incidents_left:
            agreement.to_use += step


def _insert(stories: list[Story], *, now: datetime) -> None:
    Case.objects.bulk_create((s.case for s in stories), batch_size=500)
    for story in stories:
        for contact in story.contacts:
            contact.case_id = story.case.pk
        for message in story.messages:
            message.case_id = story.case.pk
    CaseContact.objects.bulk_create((c for s in stories for c in s.contacts), batch_size=500)
    Message.objects.bulk_create(
        sorted((m for s in stories for m in s.messages), key=lambda m: m.at), batch_size=500
    )
    AuditLine.objects.bulk_create(
        (
            AuditLine(
                at=at, actor_id=actor, code=code, target_kind="case", target_id=number, facts=facts
            )
            for code, number, actor, at, facts in sorted(
                (line for s in stories for line in s.lines), key=lambda line: line[3]
            )
        ),
        batch_size=500,
    )
    readers.admit_everybody(now=now)
    _insert_entries(stories)
    for story in stories:
        case = story.case
        opening = f"{case.number} {case.title}\n{case.description}"
        search.index(case_pk=case.pk, text=opening, at=case.submitted_at)
        for message in story.messages:
            search.index(
                case_pk=case.pk,
                text=message.body,
                at=message.at,
                is_internal=message.kind == Message.Kind.NOTE,
            )
    _set_timers([s.case for s in stories], now=now)


def _insert_entries(stories: list[Story]) -> None:
    """Each contract's draws and returns in the order they happened; balance and count go along."""
    moves: dict[int, list[tuple[datetime, int, str, str, int | None]]] = defaultdict(list)
    contracts: dict[int, Contract] = {}
    for story in stories:
        case = story.case
        contracts[case.contract_id] = story.agreement.contract
        moves[case.contract_id].append(
            (case.submitted_at, -1, "case_opened", case.number, case.submitted_by_id)
        )
        if story.returned_at:
            closer = story.lines[-1][2]
            moves[case.contract_id].append(
                (story.returned_at, 1, case.outcome, case.number, closer)
            )
    entries = []
    for key, happened in moves.items():
        contract = contracts[key]
        for at, quantity, reason, number, actor in sorted(happened, key=lambda move: move[0]):
            contract.entry_count += 1
            contract.incidents_left += quantity
            entries.append(
                IncidentEntry(
                    contract=contract,
                    sequence=contract.entry_count,
                    kind=IncidentEntry.Kind.CONSUMED
                    if quantity < 0
                    else IncidentEntry.Kind.RETURNED,
                    quantity=quantity,
                    balance_after=contract.incidents_left,
                    reason=reason,
                    case_number=number,
                    actor_id=actor,
                    at=at,
                )
            )
    IncidentEntry.objects.bulk_create(entries, batch_size=500)
    Contract.objects.bulk_update(
        contracts.values(), ["entry_count", "incidents_left"], batch_size=200
    )


def _set_timers(cases: list[Case], *, now: datetime) -> None:
    """Reminders and closing of cases that wait for the customer (S15.3)."""
    effects = []
    for case in cases:
        if case.status in states.WITH_CUSTOMER:
            payload = {"case": case.pk, "status_since": case.status_since.isoformat()}
            waits = [("case.remind", wait) for wait in states.REMIND_AFTER]
            effects += [
                Effect(kind, f"case:{case.number}", payload, run_after=case.status_since + wait)
                for kind, wait in [*waits, ("case.close_silent", states.CLOSE_AFTER)]
                if case.status_since + wait > now
            ]
    outbox.publish(*effects, at=now)
