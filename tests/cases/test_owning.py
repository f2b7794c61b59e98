"""Taking, assigning, releasing, and third parties (S15.1, S15.2, AC-06)."""

from __future__ import annotations

import pytest

from opora.accounts.models import Account
from opora.cases import states
from opora.cases.actions import (
    assign_case,
    close_case,
    release_case,
    set_third_party,
    take_case,
    write_message,
)
from opora.cases.errors import (
    CaseHasChanged,
    CaseHasNoOwner,
    CaseHasOwner,
    CaseIsClosed,
    NotAllowed,
)
from opora.cases.models import Queue, QueueMember
from opora.core.errors import InvalidInput, NotFound
from tests import cast, factories
from tests.cases.world import HOUR, breaches, fresh, jobs, lines, new_case, waiting
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.shows("S15.1")
def test_taking_a_case_makes_its_agent_the_owner_once() -> None:
    case, dana = new_case(), cast.dana()
    take_case(case=case, by=dana, now=NOW)
    take_case(case=case, by=dana, now=NOW + HOUR)

    assert (fresh(case).owner, fresh(case).status) == (dana, "assigned")
    assert fresh(case).was_ever_owned
    assert lines(case) == ["case.opened", "case.assigned"]
    with pytest.raises(CaseHasOwner):
        take_case(case=case, by=cast.eve(), now=NOW)
    assert fresh(case).owner == dana


@pytest.mark.shows("S15.1")
def test_an_assigned_case_keeps_its_status() -> None:
    case, dana, eve = new_case(), cast.dana(), cast.eve()
    waiting(case, dana)
    assign_case(case=case, to=eve, by=dana, now=NOW + 2 * HOUR)

    assert (fresh(case).owner, fresh(case).status) == (eve, "waiting_for_customer")
    assert breaches() == []


@pytest.mark.shows("AC-06", "S8.1")
def test_a_case_is_assigned_only_to_active_agents_who_see_its_queue() -> None:
    case, dana = new_case(), cast.dana()
    Queue.objects.update(holds_every_agent=False)
    queue = Queue.objects.get()
    QueueMember.objects.create(queue=queue, account=dana)
    outsider = factories.account(kind="agent")
    gone = factories.account(kind="agent", is_active=False)
    QueueMember.objects.create(queue=queue, account=gone)

    for nobody in (outsider, gone, cast.alice()):
        with pytest.raises(InvalidInput):
            assign_case(case=case, to=nobody, by=dana, now=NOW)
    with pytest.raises(NotFound):
        take_case(case=case, by=outsider, now=NOW)

    assert fresh(case).owner is None


def test_a_released_case_goes_back_to_its_queue() -> None:
    case, dana = new_case(), cast.dana()
    waiting(case, dana)
    release_case(case=case, by=dana, now=NOW + 2 * HOUR)

    assert (fresh(case).owner, fresh(case).status) == (None, "submitted")
    assert fresh(case).was_ever_owned
    assert jobs("case.remind") == jobs("case.close_silent") == []
    with pytest.raises(CaseHasNoOwner):
        release_case(case=case, by=dana, now=NOW + 3 * HOUR)
    assert breaches() == []


@pytest.mark.shows("S15.2")
def test_a_third_partys_turn_has_a_reason_and_ends_when_the_customer_is_asked() -> None:
    case, dana = new_case(), cast.dana()
    take_case(case=case, by=dana, now=NOW)
    set_third_party(case=case, reason="The cable vendor", by=dana, now=NOW)
    assert states.turn(fresh(case).status, fresh(case).third_party_reason) == "third_party"

    set_third_party(case=case, reason="", by=dana, now=NOW)
    assert states.turn(fresh(case).status, fresh(case).third_party_reason) == "vendor"

    set_third_party(case=case, reason="The cable vendor", by=dana, now=NOW)
    write_message(case=case, body="And you?", by=dana, now=NOW + HOUR, asks=True)
    assert fresh(case).third_party_reason == ""
    with pytest.raises(InvalidInput):
        set_third_party(case=case, reason="Again", by=dana, now=NOW + HOUR)
    assert breaches() == []


def test_only_agents_do_any_of_it_and_only_while_open() -> None:
    alice, dana = cast.alice(), cast.dana()
    case = new_case(submitted_by=alice)
    with pytest.raises(NotAllowed):
        take_case(case=case, by=alice, now=NOW)
    with pytest.raises(NotAllowed):
        assign_case(case=case, to=dana, by=alice, now=NOW)
    with pytest.raises(NotAllowed):
        release_case(case=case, by=alice, now=NOW)
    with pytest.raises(NotAllowed):
        set_third_party(case=case, reason="x", by=alice, now=NOW)
    close_case(case=case, outcome="solved", by=alice, now=NOW)
    with pytest.raises(CaseIsClosed):
        take_case(case=case, by=dana, now=NOW)
    with pytest.raises(CaseIsClosed):
        assign_case(case=case, to=dana, by=dana, now=NOW)

    assert lines(case) == ["case.opened", "case.closed"]


@pytest.mark.shows("F-32")
def test_two_agents_who_assign_at_once_do_not_overwrite_each_other() -> None:
    case, dana, eve = new_case(), cast.dana(), cast.eve()
    seen: int = fresh(case).revision
    assign_case(case=case, to=dana, by=dana, now=NOW, revision=seen)

    with pytest.raises(CaseHasChanged):
        assign_case(case=case, to=eve, by=eve, now=NOW, revision=seen)

    assert fresh(case).owner == dana


def test_the_owner_sees_a_case_whose_queue_is_not_theirs() -> None:
    case = new_case()
    owner: Account = factories.account(kind="agent")
    take_case(case=case, by=owner, now=NOW)
    Queue.objects.update(holds_every_agent=False)

    write_message(case=case, body="Still mine.", by=owner, now=NOW + HOUR)

    assert fresh(case).status == "in_progress"
