"""The queue: which requests wait for whom, by address; found by words and by number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.cases import frequent_stems
from opora.cases.actions import close_case, set_third_party, take_case, write_message
from opora.cases.models import Case, Queue
from tests import cast, factories
from tests.counting import statements, writes
from tests.desk.seats import address_of, seat_of
from tests.factories import NOW

EARLIER = NOW - timedelta(days=3)


def titles(client: Client, query: str = "") -> list[str]:
    """The titles of the rows that the queue shows, in order."""
    page = client.get(f"/desk/{query}")
    assert page.status_code == 200
    return titles_in(page.content.decode())


def titles_in(page: str) -> list[str]:
    rows = page.split('class="queue-title"')[1:]
    return [row.split(">", 1)[1].split("<", 1)[0] for row in rows]


@pytest.fixture
def busy(alice: Account, dana: Account) -> dict[str, Case]:
    """One request of each kind that a view tells apart."""
    grace = factories.account("grace@opora.example", kind=Account.Kind.AGENT)
    paid_by = factories.contract(registered_to=(alice,), incidents=9)
    made = {
        name: factories.case(
            submitted_by=alice, contract=paid_by, title=name, now=EARLIER + timedelta(minutes=after)
        )
        for after, name in enumerate(["new", "mine", "asked", "third", "grace", "done"])
    }
    take_case(case=made["mine"], by=dana, now=EARLIER)
    write_message(case=made["asked"], body="Which build?", by=dana, now=NOW, asks=True)
    take_case(case=made["third"], by=grace, now=EARLIER)
    set_third_party(case=made["third"], reason="The maker of the disk", by=grace, now=EARLIER)
    write_message(case=made["grace"], body="I am on it.", by=grace, now=EARLIER)
    close_case(case=made["done"], outcome="solved", by=grace, now=EARLIER)
    return made


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ("mine", ["mine", "asked"]),
        ("unassigned", ["new"]),
        ("ours", ["new", "mine", "grace"]),
        ("waiting", ["asked"]),
        ("open", ["new", "mine", "third", "asked", "grace"]),
        ("closed", ["done"]),
    ],
)
def test_a_view_shows_what_it_says_and_unanswered_ones_first(
    danas: Client, busy: dict[str, Case], view: str, shown: list[str]
) -> None:
    assert titles(danas, f"?view={view}&by=due") == shown


def test_by_activity_the_newest_comes_first(danas: Client, busy: dict[str, Case]) -> None:
    assert titles(danas, "?view=open&by=activity")[0] == "asked"


def test_whoever_comes_without_an_address_sees_their_own(
    danas: Client, busy: dict[str, Case]
) -> None:
    assert titles(danas) == ["mine", "asked"]
    assert titles(danas, "?view=nonsense&by=nonsense") == ["mine", "asked"]


def test_overdue_is_said_in_words(danas: Client, busy: dict[str, Case]) -> None:
    """Submitted on Friday, due the same day; it is Monday."""
    page = danas.get("/desk/?view=unassigned").content.decode()
    assert "Overdue since Fri\u00a020\u00a0Nov, 14:00" in page
    assert 'class="queue-row overdue"' in page
    assert "Overdue" not in danas.get("/desk/?view=waiting").content.decode()


def test_the_customer_stands_in_the_row(danas: Client, alice: Account) -> None:
    held = factories.contract(registered_to=(alice,), holder=factories.organization("Maple Rail"))
    factories.case(submitted_by=alice, contract=held)
    assert "Maple Rail" in danas.get("/desk/?view=unassigned").content.decode()


@pytest.mark.parametrize("query", ["?view=open", "?view=open&by=due", "?q=stops", "?view=closed"])
def test_costs_five_statements_however_many_rows(danas: Client, alice: Account, query: str) -> None:
    costs = []
    paid_by = factories.contract(registered_to=(alice,), incidents=30)
    of = factories.version()
    frequent_stems.forget()
    danas.get(f"/desk/{query}")  # now statistics of words are known for a while
    for more in (2, 18):
        for _ in range(more):
            factories.case(submitted_by=alice, contract=paid_by, of=of, title="It stops")
        with statements() as seen:
            danas.get(f"/desk/{query}")
        assert writes(seen) == []
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 5


@pytest.mark.parametrize("order", ["due", "activity"])
def test_pages_follow_each_other_without_a_gap(
    danas: Client, alice: Account, dana: Account, order: str
) -> None:
    paid_by = factories.contract(registered_to=(alice,), incidents=30)
    of = factories.version()
    made = [
        factories.case(
            submitted_by=alice, contract=paid_by, of=of, title=f"Case {n}",
            now=EARLIER + timedelta(minutes=n),
        )
        for n in range(28)
    ]  # fmt: skip
    for case in made[:3]:
        write_message(case=case, body="On it.", by=dana, now=NOW)
    first = danas.get(f"/desk/?view=open&by={order}").content.decode()
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    rest = danas.get(f"/desk/{following.replace('&amp;', '&')}").content.decode()
    shown = titles_in(first) + titles_in(rest)
    assert len(shown) == 28
    assert set(shown) == {case.title for case in made}
    answered = {case.title for case in made[:3]}
    assert set(shown[-3:] if order == "due" else shown[:3]) == answered


def test_a_number_leads_straight_to_its_request(danas: Client, case: Case) -> None:
    spaced = f"{case.number[:4]} {case.number[4:10]}-{case.number[10:]}"
    answer = danas.get("/desk/", {"q": spaced, "view": "open"})
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/desk/cases/{case.number}/?view=open&by=activity",
    )
    nothing = danas.get("/desk/", {"q": "2611230000000000"})
    assert "No request fits" in nothing.content.decode()


def test_words_find_requests_and_notes(danas: Client, case: Case, dana: Account) -> None:
    write_message(case=case, body="Looks like the condenser.", by=dana, now=NOW, is_note=True)
    assert titles(danas, "?q=condenser") == ["Backups stop"]
    assert titles(danas, "?q=unicorn") == []


def test_an_empty_view_offers_a_way_on(danas: Client) -> None:
    page = danas.get("/desk/").content.decode()
    assert "You have no open requests" in page
    assert "/desk/?view=unassigned" in page


@pytest.mark.shows("S8.1")
def test_an_agent_sees_no_queue_of_others(danas: Client, case: Case) -> None:
    Queue.objects.update(holds_every_agent=False)
    for view in ("unassigned", "ours", "open"):
        assert titles(danas, f"?view={view}") == []
    assert titles(danas, "?q=backups") == []
    assert danas.get("/desk/", {"q": case.number}).status_code == 200
    assert titles(seat_of(cast.eve()), "?view=open") == ["Backups stop"]


def test_a_row_leads_to_the_case_and_back_to_the_view(danas: Client, case: Case) -> None:
    page = danas.get("/desk/?view=open&by=due").content.decode()
    assert f"{address_of(case)}?view=open&amp;by=due" in page
    assert (
        "/desk/?view=open&amp;by=due"
        in danas.get(f"{address_of(case)}?view=open&by=due").content.decode()
    )
