"""Lists: whose, in what order, page by page, in a constant number of statements (S8.1, AC-08)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from opora.accounts.models import Account
from opora.cases import frequent_stems
from opora.cases.actions import close_case, take_case, write_message
from opora.cases.models import Case, Queue, QueueMember
from opora.cases.queries import (
    attachment_for,
    can,
    case_for,
    cases_in_full,
    cases_of,
    contacts_of,
    figures_of,
    messages_of,
    queue_of,
)
from opora.core.errors import InvalidInput, NotFound
from tests import cast, factories
from tests.cases.world import (
    DAY,
    HOUR,
    cases_for,
    new_case,
    numbers,
    primary,
    upload,
    waiting,
    walk,
)
from tests.counting import statements
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.shows("S8.1")
def test_a_customers_list_is_newest_activity_first_and_pages_by_key() -> None:
    alice = cast.alice()
    cases = cases_for(alice, 7)
    write_message(case=cases[2], body="Up.", by=alice, now=NOW + 2 * DAY)
    expected = [cases[2], *(case for case in reversed(cases) if case != cases[2])]

    for limit in (1, 2, 3, 7, 100):
        for read in (cases_of, cases_in_full):
            seen = walk(partial(read, alice, limit=limit))
            assert seen == [case.number for case in expected]


def test_cases_of_one_instant_are_neither_lost_nor_repeated() -> None:
    alice = cast.alice()
    cases = cases_for(alice, 5)
    for case in cases:
        Case.objects.filter(pk=case.pk).update(last_activity_at=NOW)
        case.readers.update(last_activity_at=NOW)

    seen = walk(partial(cases_of, alice, limit=2))
    assert seen == [case.number for case in reversed(cases)]


@pytest.mark.shows("AC-08", "AC-09")
def test_a_list_holds_only_what_its_reader_may_read_whatever_is_asked() -> None:
    alice, bob = cast.alice(), cast.bob()
    mine, theirs = cases_for(alice, 2), cases_for(bob, 2)
    product = theirs[0].product.slug
    asked_for: list[dict[str, Any]] = [
        {},
        {"q": theirs[0].number},
        {"product": product},
        {"severity": "B"},
    ]
    for asked in asked_for:
        seen = numbers(cases_of(alice, **asked))
        assert set(seen) <= {case.number for case in mine}


def test_a_list_is_narrowed_by_state_severity_product_and_words() -> None:
    alice = cast.alice()
    first = new_case(submitted_by=alice, title="The backup is broken")
    second = new_case(submitted_by=alice, severity="C", title="A question", now=NOW + HOUR)
    close_case(case=first, outcome="solved", by=alice, now=NOW + 2 * HOUR)

    assert numbers(cases_of(alice, state="open")) == [second.number]
    assert numbers(cases_of(alice, state="closed")) == [first.number]
    assert numbers(cases_of(alice, severity="C")) == [second.number]
    assert numbers(cases_of(alice, product="no-such")) == []
    assert numbers(cases_of(alice, q="backups")) == [first.number]
    assert numbers(cases_of(alice, q=second.number)) == [second.number]
    assert numbers(cases_of(alice, q="?!")) == []


@pytest.mark.parametrize("cursor", ["x", "%%%", "AAAA", "žluť"])
def test_a_cursor_that_nobody_gave_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        cases_of(cast.alice(), after=cursor)


def test_a_cursor_of_one_list_opens_no_other() -> None:
    alice, dana = cast.alice(), cast.dana()
    cases_for(alice, 2)
    cursor = queue_of(dana, limit=1).next

    with pytest.raises(InvalidInput):
        cases_of(alice, after=cursor)


@pytest.mark.parametrize(
    "read",
    [
        lambda cast_: cases_of(cast_.alice),
        lambda cast_: cases_in_full(cast_.alice),
        lambda cast_: cases_of(cast_.alice, q="nightly"),
        lambda cast_: queue_of(cast_.dana),
        lambda cast_: queue_of(cast_.dana, view="mine", by="activity"),
        lambda cast_: cases_of(cast_.dana),
        lambda cast_: cases_of(cast_.eve),
        lambda cast_: cases_of(cast_.dana, q="nightly"),
        lambda cast_: figures_of(cast_.alice, now=NOW),
    ],
)
def test_a_list_costs_as_many_statements_for_twenty_cases_as_for_two(read: Any) -> None:
    people = cast.whole_cast()
    for case in cases_for(people.alice, 2):
        take_case(case=case, by=people.dana, now=NOW + 3 * DAY)
    frequent_stems.forget()
    read(people)  # now statistics of words are known for a while
    with statements() as few:
        read(people)
    for case in cases_for(people.alice, 18):
        take_case(case=case, by=people.dana, now=NOW + 3 * DAY)
    with statements() as many:
        read(people)

    assert len(many) == len(few) <= 3, many


def test_a_customers_list_is_one_statement_and_an_agents_queue_two() -> None:
    alice, dana = cast.alice(), cast.dana()
    cases_for(alice, 3)
    with statements() as listed:
        assert cases_of(alice).items[0].product_name == "Database Server"
    with statements() as queued:
        queue_of(dana)

    assert (len(listed), len(queued)) == (1, 2)


def test_a_case_with_its_conversation_and_people_is_read_in_three_statements() -> None:
    alice = cast.alice()
    [case] = cases_for(alice, 1)
    for n in range(10):
        write_message(case=case, body=f"Message {n}", by=alice, now=NOW + n * HOUR)
    with statements() as ran:
        found = case_for(alice, case.number)
        assert can(found, alice, NOW).write
        [message.author.full_name for message in messages_of(found, alice).items]
        contacts_of(found, alice)
        str(found.version.name + found.product.name + found.contract.public_id.hex)

    assert len(ran) == 3, ran


# --- The desk ------------------------------------------------------------------------------------


@pytest.mark.shows("S8.1")
def test_the_queue_has_views_and_two_orders() -> None:
    alice, dana, eve = cast.alice(), cast.dana(), cast.eve()
    new, mine, theirs, asked, done = cases_for(alice, 5)
    take_case(case=mine, by=dana, now=NOW + DAY)
    take_case(case=theirs, by=eve, now=NOW + DAY)
    waiting(asked, dana, now=NOW + 2 * DAY)
    close_case(case=done, outcome="solved", by=alice, now=NOW + 3 * DAY)

    def seen(**asked_for: Any) -> list[str]:
        return walk(partial(queue_of, dana, limit=1, **asked_for))

    assert seen() == [case.number for case in (new, mine, theirs, asked)]
    assert seen(by="activity")[0] == asked.number
    assert seen(view="mine") == [mine.number, asked.number]
    assert seen(view="unassigned") == [new.number]
    assert seen(view="waiting", by="activity") == [asked.number]


@pytest.mark.shows("S8.1", "AC-01")
def test_agents_see_their_queues_and_what_they_own_administrators_all() -> None:
    alice, dana, eve = cast.alice(), cast.dana(), cast.eve()
    first, second, third = cases_for(alice, 3)
    Queue.objects.update(holds_every_agent=False)
    other = Queue.objects.create(slug="other", names={"cs": "Jiná", "en": "Other"})
    QueueMember.objects.create(queue=other, account=dana)
    Case.objects.filter(pk=second.pk).update(queue=other)
    Case.objects.filter(pk=third.pk).update(owner=dana, was_ever_owned=True, status="assigned")

    assert set(numbers(queue_of(dana))) == {second.number}
    assert set(numbers(cases_of(dana))) == {second.number, third.number}
    assert case_for(dana, third.number) == third
    with pytest.raises(NotFound):
        case_for(dana, first.number)
    assert len(queue_of(eve).items) == 3
    assert set(numbers(cases_of(eve))) == {case.number for case in (first, second, third)}


def test_figures_are_what_waits_what_is_open_what_is_left_and_what_ends() -> None:
    alice = cast.alice()
    first, _second, third = cases_for(alice, 3)
    waiting(first, cast.dana())
    close_case(case=third, outcome="solved", by=alice, now=NOW + DAY)
    factories.contract(registered_to=(alice,), incidents=4, ends_on=(NOW + 400 * DAY).date())
    factories.contract(registered_to=(alice,), incidents=9, ends_on=(NOW - DAY).date())

    figures = figures_of(alice, now=NOW)
    assert (figures.waiting_for_you, figures.open) == (1, 2)
    assert (figures.incidents_left, figures.contracts_ending_soon) == (4, 1)


# --- The door ------------------------------------------------------------------------------------


@pytest.mark.shows("I6", "AC-01", "AC-02", "S8.1", "S6.7")
def test_one_matrix_of_readers_for_every_way_in() -> None:
    people = cast.whole_cast()
    submitter = factories.account()
    contract = factories.contract(registered_to=(submitter,))
    case = new_case(
        submitted_by=submitter,
        contract=contract,
        primary_contact=primary(people.alice),
        others=(people.bob,),
    )
    file = upload(people.alice)
    file.case = case
    file.save()
    other = factories.account(kind="agent")
    Queue.objects.update(holds_every_agent=False)
    QueueMember.objects.create(queue=Queue.objects.get(), account=people.dana)

    def reads(account: Account) -> set[bool]:
        answers = {bool(cases_of(account).items), bool(cases_of(account, q="nightly").items)}
        for door in (
            lambda: case_for(account, case.number),
            lambda: attachment_for(account, case.number, file.public_id.hex),
        ):
            try:
                door()
                answers.add(True)
            except NotFound:
                answers.add(False)
        return answers

    for reader in (people.alice, people.bob, people.dana, people.eve):
        assert reads(reader) == {True}, reader.email
    for stranger in (submitter, people.charlie, people.walter, other):
        assert reads(stranger) == {False}, stranger.email


@pytest.mark.shows("EN-05")
@pytest.mark.parametrize("number", ["", "1", "2611230000000000", "x" * 16, "\x00" * 16, "²" * 16])
def test_a_stranger_and_a_typo_get_the_same_answer(number: str) -> None:
    [case] = cases_for(cast.alice(), 1)
    charlie = cast.charlie()
    said = []
    for asked in (number, case.number):
        with pytest.raises(NotFound) as refused:
            case_for(charlie, asked)
        said.append((refused.value.code, refused.value.detail))

    assert said[0] == said[1]


@pytest.mark.shows("AC-03")
def test_a_file_is_found_through_its_own_case_only() -> None:
    alice = cast.alice()
    first, second = cases_for(alice, 2)
    file = upload(alice)
    file.case = first
    file.save()

    assert attachment_for(alice, first.number, file.public_id.hex) == file
    with pytest.raises(NotFound):
        attachment_for(alice, second.number, file.public_id.hex)


def test_messages_are_oldest_first_and_page_by_key() -> None:
    alice = cast.alice()
    [case] = cases_for(alice, 1)
    for n in range(5):
        write_message(case=case, body=str(n), by=alice, now=NOW + timedelta(minutes=n))
    found, cursor = [], None
    for _page in range(3):
        page = messages_of(case, alice, after=cursor, limit=2)
        found += [message.body for message in page.items]
        cursor = page.next

    assert found == ["0", "1", "2", "3", "4"]
    assert cursor is None
    assert len(messages_of(case, alice, limit=None).items) == 5
