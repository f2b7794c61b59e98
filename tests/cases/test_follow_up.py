"""A request that goes on from a closed one; links for whoever may read both (AC-06, AC-08)."""

from __future__ import annotations

import pytest

from opora.accounts.models import Account
from opora.cases.actions import begin_follow_up, close_case, open_case, remove_contact, save_draft
from opora.cases.errors import CaseIsOpen, NotAllowed
from opora.cases.intake import CaseRequest
from opora.cases.models import Case, Draft
from opora.cases.queries import case_page_for
from opora.core.errors import NotFound
from tests import cast, factories
from tests.cases.world import DAY, HOUR, breaches, fresh, new_case
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(alice: Account, bob: Account) -> Case:
    made = new_case(submitted_by=alice, others=(bob,), title="Backups stop", severity="A")
    close_case(case=made, outcome="solved", by=alice, now=NOW + HOUR)
    return fresh(made)


def submitted(draft: Draft, by: Account) -> Case:
    contract = factories.contract(registered_to=(by,))
    answers = draft.answers | {"contract": contract.public_id.hex}
    draft = save_draft(account=by, draft=draft, answers=answers, confirmed=(), now=NOW + DAY)
    receipt = open_case(wanted=CaseRequest.of(answers), by=by, now=NOW + DAY, draft=draft)
    return Case.objects.get(number=receipt.number)


def links(account: Account, case: Case) -> tuple[str | None, str | None]:
    page = case_page_for(account, case.number)
    return page.goes_on_from, page.goes_on_in  # type: ignore[attr-defined]


@pytest.mark.shows("S8.2")
def test_it_starts_with_the_product_the_people_and_the_number(closed: Case, bob: Account) -> None:
    draft = begin_follow_up(case=closed, by=bob, now=NOW + DAY)

    answers = draft.answers
    assert (answers["product"], answers["version"]) == (closed.product.slug, closed.version.slug)
    assert answers["primary_contact"]["email"] == "alice@example.com"
    assert [one["email"] for one in answers["additional_contacts"]] == ["bob@example.com"]
    assert answers["title"] == "Backups stop"
    assert closed.number in answers["description"]
    assert (answers["severity"], answers.get("contract")) == ("B", None)


@pytest.mark.shows("S8.2", "AC-08")
def test_both_cases_show_each_other(closed: Case, alice: Account, bob: Account) -> None:
    after = submitted(begin_follow_up(case=closed, by=bob, now=NOW + DAY), bob)

    for account in (alice, bob):
        assert links(account, closed) == (None, after.number)
        assert links(account, after) == (closed.number, None)
    assert breaches() == []


@pytest.mark.shows("AC-08", "AC-13")
def test_a_link_shows_only_to_who_may_read_what_it_leads_to(
    closed: Case, alice: Account, bob: Account
) -> None:
    draft = begin_follow_up(case=closed, by=bob, now=NOW + DAY)
    draft.answers["primary_contact"] = draft.answers["additional_contacts"][0]
    draft.answers["primary_contact"]["language"] = "en"
    draft.answers["additional_contacts"] = []
    after = submitted(draft, bob)
    assert links(alice, closed) == (None, None)

    contact = closed.contacts.get(email=bob.email)
    remove_contact(case=closed, contact=contact, by=alice, now=NOW + DAY)
    assert links(bob, after) == (None, None)


@pytest.mark.shows("AC-06")
def test_a_case_that_the_author_may_not_read_any_more_is_not_linked(
    closed: Case, alice: Account, bob: Account
) -> None:
    draft = begin_follow_up(case=closed, by=bob, now=NOW + DAY)
    contact = closed.contacts.get(email=bob.email)
    remove_contact(case=closed, contact=contact, by=alice, now=NOW + DAY)

    assert submitted(draft, bob).follows is None


@pytest.mark.shows("AC-01")
def test_only_contacts_of_a_closed_case_go_on_from_it(closed: Case, alice: Account) -> None:
    still_open = new_case(submitted_by=alice)
    with pytest.raises(CaseIsOpen):
        begin_follow_up(case=still_open, by=alice, now=NOW)
    with pytest.raises(NotFound):
        begin_follow_up(case=closed, by=cast.charlie(), now=NOW)
    with pytest.raises(NotAllowed):
        begin_follow_up(case=closed, by=cast.dana(), now=NOW)
    assert Draft.objects.count() == 0
