"""Groups: switched on by an organisation, named on a request, reading and no more (S8.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from opora.accounts.errors import NotOfTheOrganization
from opora.accounts.models import Account, Group, Organization
from opora.cases.actions import (
    add_contact,
    add_group,
    change_severity,
    close_case,
    join_group,
    leave_group,
    leave_organization,
    name_group,
    open_case,
    remove_contact,
    switch_groups,
    take_case,
    write_message,
)
from opora.cases.errors import NotAllowed
from opora.cases.models import Case, CaseReader
from opora.cases.queries import can, case_for, cases_of, group_on
from opora.core.errors import InvalidInput, NotFound
from tests import cast, factories
from tests.cases.world import HOUR, breaches, fresh, jobs, lines, new_case, primary, request
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def contoso() -> Organization:
    return cast.contoso()


@pytest.fixture
def walter(contoso: Organization) -> Account:
    return cast.walter()


@pytest.fixture
def wanda(contoso: Organization) -> Account:
    """A colleague of Walter's."""
    made = factories.account("wanda@contoso.example", kind="work", organization=contoso)
    factories.membership(made, contoso)
    return made


@pytest.fixture
def group(contoso: Organization, walter: Account, wanda: Account) -> Group:
    """Walter and Wanda, in an organisation that has groups switched on."""
    made = add_group(organization=contoso, name="Night shift", by=None, now=NOW)
    for account in (walter, wanda):
        join_group(group=made, account=account, by=None, now=NOW)
    switch_groups(organization=contoso, on=True, by=None, now=NOW)
    return made


@pytest.fixture
def case(walter: Account) -> Case:
    """Walter is its primary contact, Bob an additional one."""
    return new_case(submitted_by=walter, others=(cast.bob(),))


def reads(account: Account, case: Case) -> bool:
    listed = [row.number for row in cases_of(account).items] == [case.number]
    try:
        case_for(account, case.number)
    except NotFound:
        assert not listed
        return False
    assert listed
    return True


@pytest.mark.shows("S8.5")
def test_nobody_reads_a_request_through_a_group_by_default(
    case: Case, group: Group, wanda: Account
) -> None:
    assert not reads(wanda, case)
    assert group_on(case, wanda) is None


@pytest.mark.shows("S8.5", "I6")
def test_members_of_the_named_group_read_and_the_history_says_so(
    case: Case, group: Group, walter: Account, wanda: Account
) -> None:
    name_group(case=case, group=group, by=walter, now=NOW + HOUR)

    assert reads(wanda, case)
    shown = group_on(fresh(case), walter)
    assert shown is not None
    assert (shown.name, shown.organization, shown.members) == ("Night shift", "Contoso", 2)
    assert shown.since == NOW + HOUR
    assert lines(case)[-1] == "case.group_named"
    assert jobs("mail.contact_added") == []
    assert breaches() == []


@pytest.mark.shows("S8.5", "AC-11")
def test_contacts_outside_of_the_group_see_its_name_and_number_alone(
    case: Case, group: Group, walter: Account
) -> None:
    name_group(case=case, group=group, by=walter, now=NOW)
    [bob] = Account.objects.filter(email="bob@example.com")

    shown, inside = group_on(fresh(case), bob), group_on(fresh(case), walter)

    assert shown is not None
    assert inside is not None
    assert (shown.members, shown.names) == (2, ())
    assert "Walter Weiss" in inside.names


@pytest.mark.shows("S8.5", "S8.3")
def test_members_read_and_do_nothing_else(
    case: Case, group: Group, walter: Account, wanda: Account
) -> None:
    name_group(case=case, group=group, by=walter, now=NOW)
    before = fresh(case).revision
    tries: list[tuple[Any, dict[str, Any]]] = [
        (write_message, {"body": "Me too."}),
        (close_case, {"outcome": "solved"}),
        (change_severity, {"severity": "A"}),
        (name_group, {"group": None}),
        (add_contact, {"given_name": "W", "family_name": "", "email": wanda.email}),
    ]
    for deed, facts in tries:
        with pytest.raises(NotAllowed):
            deed(case=case, by=wanda, now=NOW + HOUR, **facts)

    assert fresh(case).revision == before
    permissions = can(case_for(wanda, case.number), wanda)
    assert not any(value for value in vars(permissions).values())


@pytest.mark.shows("S8.5")
def test_only_a_contact_who_is_in_the_group_names_it(
    case: Case, group: Group, wanda: Account
) -> None:
    [bob] = Account.objects.filter(email="bob@example.com")
    dana = cast.dana()
    take_case(case=case, by=dana, now=NOW)
    for somebody in (bob, dana):
        with pytest.raises(NotAllowed):
            name_group(case=case, group=group, by=somebody, now=NOW)
    with pytest.raises(NotFound):
        name_group(case=case, group=group, by=wanda, now=NOW)

    assert fresh(case).group is None
    assert not reads(wanda, case)


@pytest.mark.shows("S8.5", "AC-13")
@pytest.mark.parametrize(
    "how", ["taken away", "leaves the group", "leaves the organization", "switched off"]
)
def test_taking_it_away_ends_reading_at_once(
    case: Case, group: Group, walter: Account, wanda: Account, how: str
) -> None:
    name_group(case=case, group=group, by=walter, now=NOW)
    if how == "taken away":
        name_group(case=case, group=None, by=walter, now=NOW + HOUR)
    elif how == "leaves the group":
        leave_group(group=group, account=wanda, by=None, now=NOW + HOUR)
    elif how == "leaves the organization":
        leave_organization(organization=group.organization, account=wanda, by=None, now=NOW + HOUR)
    else:
        switch_groups(organization=group.organization, on=False, by=None, now=NOW + HOUR)

    assert not reads(wanda, case)
    assert cases_of(wanda, q="nightly").items == []
    assert reads(walter, case)
    assert breaches() == []


@pytest.mark.shows("S8.5")
def test_switched_on_again_what_was_named_is_read_again(
    case: Case, group: Group, walter: Account, wanda: Account
) -> None:
    name_group(case=case, group=group, by=walter, now=NOW)
    switch_groups(organization=group.organization, on=False, by=None, now=NOW)
    assert group_on(fresh(case), walter) is None
    switch_groups(organization=group.organization, on=True, by=None, now=NOW)

    assert reads(wanda, case)
    assert breaches() == []


@pytest.mark.shows("S8.5")
def test_who_joins_while_groups_are_switched_off_reads_nothing_until_they_are_on(
    case: Case, group: Group, walter: Account
) -> None:
    name_group(case=case, group=group, by=walter, now=NOW)
    switch_groups(organization=group.organization, on=False, by=None, now=NOW)
    new = factories.account()
    factories.membership(new, group.organization)
    join_group(group=group, account=new, by=None, now=NOW)
    assert not reads(new, case)
    assert breaches() == []
    switch_groups(organization=group.organization, on=True, by=None, now=NOW)
    assert reads(new, case)
    assert breaches() == []


@pytest.mark.shows("S8.5")
def test_who_joins_later_reads_what_was_shared_before(
    case: Case, group: Group, walter: Account
) -> None:
    name_group(case=case, group=group, by=walter, now=NOW)
    new = factories.account()
    factories.membership(new, group.organization)

    join_group(group=group, account=new, by=None, now=NOW)
    join_group(group=group, account=new, by=None, now=NOW)

    assert reads(new, case)
    assert breaches() == []


@pytest.mark.shows("S8.5")
def test_only_people_of_the_organization_are_in_its_groups(group: Group) -> None:
    with pytest.raises(NotOfTheOrganization):
        join_group(group=group, account=cast.charlie(), by=None, now=NOW)

    assert group.members.count() == 2


@pytest.mark.shows("S8.5", "S8.3", "AC-13")
def test_a_member_who_was_a_contact_too_keeps_reading_and_no_more(
    case: Case, group: Group, walter: Account, wanda: Account
) -> None:
    name_group(case=case, group=group, by=walter, now=NOW)
    contact = add_contact(
        case=case, given_name="W", family_name="", email=wanda.email, by=walter, now=NOW
    )
    write_message(case=case, body="Here I am.", by=wanda, now=NOW)
    remove_contact(case=case, contact=contact, by=walter, now=NOW)

    assert reads(wanda, case)
    with pytest.raises(NotAllowed):
        write_message(case=case, body="Still here.", by=wanda, now=NOW)
    assert list(CaseReader.objects.filter(account=wanda).values_list("is_contact")) == [(False,)]
    assert breaches() == []


@pytest.mark.shows("S8.5")
def test_another_group_takes_the_place_of_the_first(
    case: Case, group: Group, walter: Account, wanda: Account
) -> None:
    name_group(case=case, group=group, by=walter, now=NOW)
    other = add_group(organization=group.organization, name="Day shift", by=None, now=NOW)
    join_group(group=other, account=walter, by=None, now=NOW)

    name_group(case=case, group=other, by=walter, now=NOW)

    assert fresh(case).group == other
    assert not reads(wanda, case)
    assert breaches() == []


# --- Named when the request is opened -----------------------------------------------------------


@pytest.mark.shows("S8.5", "S6.6", "I6")
def test_a_group_named_at_submission_reads_from_the_first_moment(
    group: Group, walter: Account, wanda: Account
) -> None:
    case = new_case(submitted_by=walter, group=group.public_id.hex)
    assert reads(wanda, case)
    shown = group_on(fresh(case), walter)
    assert shown is not None
    assert (shown.name, shown.since) == ("Night shift", NOW)
    assert lines(case) == ["case.opened", "case.group_named"]
    assert breaches() == []


@pytest.mark.shows("S8.5", "S6.7")
def test_who_submits_for_others_reads_through_their_group(
    group: Group, walter: Account, wanda: Account
) -> None:
    case = new_case(
        submitted_by=walter, group=group.public_id.hex, primary_contact=primary(cast.bob())
    )
    assert reads(walter, case)
    assert can(fresh(case), walter).write is False
    assert reads(wanda, case)


@pytest.mark.shows("S8.5", "S6.7")
def test_the_receipt_says_that_its_member_can_read_it(group: Group, walter: Account) -> None:
    wanted = request(
        by=walter,
        contract=factories.contract(registered_to=(walter,)),
        of=factories.version(),
        primary_contact=primary(cast.bob()),
    )
    assert open_case(wanted=wanted, by=walter, now=NOW).readable is False
    wanted = replace(wanted, group=group.public_id.hex)
    assert open_case(wanted=wanted, by=walter, now=NOW).readable is True


@pytest.mark.shows("S8.5", "AC-05")
@pytest.mark.parametrize("whose", ["of others", "switched off", "left", "unknown", "nonsense"])
def test_a_group_that_is_not_ones_own_is_refused_and_nothing_is_opened(
    group: Group, contoso: Organization, walter: Account, whose: str
) -> None:
    named = group.public_id.hex
    by = cast.alice() if whose == "of others" else walter
    if whose == "switched off":
        switch_groups(organization=contoso, on=False, by=None, now=NOW)
    elif whose == "left":
        leave_group(group=group, account=walter, by=None, now=NOW)
    elif whose in ("unknown", "nonsense"):
        named = "0" * 32 if whose == "unknown" else "<script>"
    contract = factories.contract(registered_to=(by,))
    left = contract.incidents_left
    with pytest.raises(InvalidInput) as refused:
        new_case(submitted_by=by, contract=contract, group=named)
    assert [error["field"] for error in refused.value.errors] == ["group"]
    assert not Case.objects.exists()
    contract.refresh_from_db()
    assert contract.incidents_left == left
