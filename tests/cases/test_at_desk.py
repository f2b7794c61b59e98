"""A case as agents work on it: one statement brings what hangs on it, and nothing of others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from opora.accounts.models import Account
from opora.cases.actions import (
    add_group,
    close_case,
    join_group,
    name_group,
    rate_case,
    switch_groups,
    take_case,
)
from opora.cases.models import Case, Queue, QueueMember
from opora.cases.queries import (
    attachments_of,
    case_at_desk,
    case_for,
    contacts_of,
    queue_keys,
    queue_of,
)
from opora.core.errors import NotFound
from tests import cast, factories
from tests.cases.world import HOUR, fresh, new_case, upload
from tests.counting import statements
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def walter() -> Account:
    cast.contoso()
    return cast.walter()


def with_files(case: Case, count: int) -> Case:
    for position in range(count):
        file = upload(case.submitted_by, at=NOW + timedelta(microseconds=position))
        file.case, file.is_internal = case, position % 2 == 1
        file.erased_at = NOW + HOUR if position == 0 else None
        file.save()
    return case


def everything_of(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


@pytest.mark.parametrize("files", [0, 3])
def test_contacts_and_files_are_those_that_are_read_one_by_one(
    walter: Account, dana: Account, files: int
) -> None:
    """Every field of every row, in the same order."""
    case = with_files(new_case(submitted_by=walter, others=(cast.bob(), cast.alice())), files)
    found = case_at_desk(dana, case.number)

    assert everything_of(found.case).items() >= everything_of(fresh(case)).items()
    assert [*map(everything_of, found.contacts)] == [*map(everything_of, contacts_of(case))]
    assert [*map(everything_of, found.files)] == [*map(everything_of, attachments_of(case, dana))]
    assert len(found.contacts) == 3
    assert len(found.files) == files
    assert (found.group, found.ratings, found.others) == (None, [], [])


@pytest.mark.shows("S8.5")
def test_the_group_that_reads_it_is_named_while_its_organization_has_groups(
    walter: Account, dana: Account
) -> None:
    case = new_case(submitted_by=walter)
    contoso = cast.contoso()
    group = add_group(organization=contoso, name='Noční "směna"', by=None, now=NOW)
    join_group(group=group, account=walter, by=None, now=NOW)
    switch_groups(organization=contoso, on=True, by=None, now=NOW)
    name_group(case=case, group=group, by=walter, now=NOW)

    assert case_at_desk(dana, case.number).group == ('Noční "směna"', "Contoso", 1)
    switch_groups(organization=contoso, on=False, by=None, now=NOW)
    assert case_at_desk(dana, case.number).group is None


@pytest.mark.shows("S8.1", "AC-08")
def test_other_cases_of_the_contract_are_the_newest_that_the_agent_sees(dana: Account) -> None:
    alice, eve = cast.alice(), cast.eve()
    contract = factories.contract(registered_to=(alice,), incidents=9)
    cases = [
        new_case(submitted_by=alice, contract=contract, title=f"{n}", now=NOW + n * HOUR)
        for n in range(8)
    ]
    new_case(submitted_by=alice, title="Of another contract")
    other = Queue.objects.create(slug="other", names={"cs": "Jiná", "en": "Other"})
    for hidden in cases[5:7]:
        Case.objects.filter(pk=hidden.pk).update(queue=other)
    take_case(case=cases[6], by=eve, now=NOW + 9 * HOUR)

    seen = case_at_desk(dana, cases[0].number).others
    assert [(row.number, row.title, row.submitted_at) for row in seen] == [
        (case.number, case.title, case.submitted_at)
        for case in (cases[7], cases[4], cases[3], cases[2], cases[1])
    ]
    by_eve = case_at_desk(eve, cases[0].number).others
    assert [row.title for row in by_eve] == ["7", "6", "5", "4", "3"]
    assert [row.turn for row in by_eve] == ["vendor"] * 5


def test_the_queues_are_those_that_the_agent_sees(dana: Account) -> None:
    eve, case = cast.eve(), new_case(submitted_by=cast.alice())
    others = [Queue.objects.create(slug=f"q{n}", names={"cs": "", "en": ""}) for n in range(3)]
    QueueMember.objects.create(queue=others[1], account=dana)

    for agent, many in ((dana, 2), (eve, 4)):
        queues = case_at_desk(agent, case.number).queues
        assert queues == queue_keys(agent)
        assert len(queues) == many
        assert queue_of(agent, queues=queues) == queue_of(agent)


@pytest.mark.shows("AC-01", "AC-03", "S8.1", "I6")
def test_it_is_the_same_door_as_to_the_case_alone(dana: Account) -> None:
    alice, eve = cast.alice(), cast.eve()
    case = new_case(submitted_by=alice)
    Queue.objects.update(holds_every_agent=False)
    for agent, number in [(dana, case.number), (eve, "1" * 16), (eve, "x"), (alice, case.number)]:
        with pytest.raises(NotFound):
            case_at_desk(agent, number)
    assert case_at_desk(eve, case.number).case == case_for(eve, case.number)


@pytest.mark.parametrize("many", [1, 5])
def test_it_is_one_statement_however_much_hangs_on_it(
    walter: Account, dana: Account, many: int
) -> None:
    contract = factories.contract(registered_to=(walter,), incidents=9)
    case = with_files(new_case(submitted_by=walter, contract=contract), many)
    for _ in range(many):
        new_case(submitted_by=walter, contract=contract)
    take_case(case=case, by=dana, now=NOW)
    close_case(case=fresh(case), outcome="solved", by=dana, now=NOW + HOUR)
    rate_case(case=fresh(case), score=3, comment="Fair.", by=walter, now=NOW + 2 * HOUR)
    with statements() as ran:
        found = case_at_desk(dana, case.number)
        assert found.case.owner == dana
        assert found.case.queue.is_default

    [rating] = found.ratings
    assert tuple(rating) == ("Walter", "Weiss", 3, "Fair.", NOW + 2 * HOUR)
    assert (len(found.files), len(found.others)) == (many, many)
    assert len(ran) == 1, ran
