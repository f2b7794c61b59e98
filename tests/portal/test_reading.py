"""Reading a request while others write: what is new, on the page and in the list; on paper."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.cases.actions import close_case, remove_contact, take_case, write_message
from opora.cases.files import receive_file
from opora.cases.models import Case, CaseReader
from tests import cast, factories
from tests.cast import signed_in
from tests.counting import statements, writes

NOW = factories.NOW
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def case(alice: Account, bob: Account) -> Case:
    return factories.case(submitted_by=alice, others=(bob,), title="Backups stop")


@pytest.fixture
def bobs(bob: Account) -> Client:
    return signed_in(bob)


def page_of(client: Client, case: Case) -> str:
    return client.get(f"/requests/{case.number}/").content.decode()


def asks_at(page: str) -> str:
    found = re.search(r'hx-get="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


def reading_form(page: str) -> tuple[str, dict[str, str]] | None:
    found = re.search(
        r'action="([^"]+)" data-reading>.*?name="until" value="([^"]+)"', page, re.DOTALL
    )
    return (found[1], {"until": unescape(found[2])}) if found else None


@pytest.mark.shows("S8.2")
def test_what_is_new_is_marked_in_the_list_and_counted_until_it_was_opened(
    bobs: Client, case: Case
) -> None:
    home = bobs.get("/").content.decode()
    assert 'class="request unread"' in home
    assert '<span class="count">1</span>' in home
    assert "Backups stop" in bobs.get("/?state=unread").content.decode()

    with statements() as seen:
        page = page_of(bobs, case)
    assert writes(seen) == []  # looking writes nothing; the page says that it was looked at
    form = reading_form(page)
    assert form is not None
    with statements() as marked:
        assert bobs.post(*form).status_code == 204
    assert len(writes(marked)) == 1

    home = bobs.get("/").content.decode()
    assert 'class="request unread"' not in home
    assert "count" not in re.findall(r'<span class="(count)">', home)
    assert reading_form(page_of(bobs, case)) is None


@pytest.mark.shows("S8.2")
def test_without_script_a_button_marks_it_and_so_does_writing(bobs: Client, case: Case) -> None:
    page = page_of(bobs, case)
    assert "Mark as read" in page
    form = reading_form(page)
    assert form is not None
    answer = bobs.post(*form, headers={"sec-fetch-mode": "navigate"})
    assert answer["Location"] == f"/requests/{case.number}/"

    CaseReader.objects.update(seen_at=None)
    bobs.post(f"/requests/{case.number}/messages/", {"body": "I see."})
    assert reading_form(page_of(bobs, case)) is None


@pytest.mark.shows("S8.2")
def test_nothing_new_is_one_statement_and_no_content(alices: Client, case: Case) -> None:
    address = asks_at(page_of(alices, case))
    with statements() as seen:
        answer = alices.get(address)
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(seen) == 2, seen  # the session, and the reader's row
    assert writes(seen) == []


@pytest.mark.shows("S8.2", "AC-12")
def test_what_comes_appears_with_who_wrote_it_and_never_a_note(
    alices: Client, case: Case, bob: Account
) -> None:
    address = asks_at(page_of(alices, case))
    dana = cast.dana()
    write_message(case=case, body="Secret canary.", by=dana, now=LATER, is_note=True)
    assert alices.get(address).status_code == 204

    write_message(case=case, body="Try it <now>.", by=dana, now=LATER)
    write_message(case=case, body="We did.", by=bob, now=LATER + timedelta(minutes=1))
    with statements() as seen:
        came = alices.get(address).content.decode()

    assert came.count('<li class="message') == 2
    assert "Try it &lt;now&gt;." in came
    assert "Dana Dvořáková wrote a message. Bob Burke wrote a message." in came
    assert "canary" not in came
    assert "Description" not in came
    assert len(seen) <= 7, seen
    assert writes(seen) == []
    assert reading_form(came) is not None
    assert alices.get(asks_at(came)).status_code == 204


@pytest.mark.shows("S8.2")
def test_what_one_did_oneself_elsewhere_is_no_news(
    alices: Client, alice: Account, case: Case
) -> None:
    address = asks_at(page_of(alices, case))
    write_message(case=case, body="From my phone.", by=alice, now=LATER)
    came = alices.get(address).content.decode()
    assert "From my phone." in came
    assert "data-news>" not in came


@pytest.mark.shows("AC-12", "S8.2")
def test_a_file_for_agents_only_is_no_news(alices: Client, case: Case, bob: Account) -> None:
    address = asks_at(page_of(alices, case))
    for is_internal in (True, False):
        receive_file(
            account=cast.dana() if is_internal else bob,
            chunks=[b"log"],
            name="trace.log",
            now=LATER,
            case=case,
            is_internal=is_internal,
        )
    write_message(case=case, body="See the file.", by=bob, now=LATER)
    came = alices.get(address).content.decode()
    assert "Bob Burke added a file." in came
    assert "Dana" not in came


@pytest.mark.shows("S8.2")
def test_a_change_without_a_message_offers_the_page_as_it_is(
    alices: Client, case: Case, bob: Account
) -> None:
    address = asks_at(page_of(alices, case))
    close_case(case=case, outcome="solved", by=bob, now=LATER)
    came = alices.get(address).content.decode()
    assert "Bob Burke closed the request: the problem is solved." in came
    assert "Show the page as it is now" in came


@pytest.mark.shows("AC-13")
def test_who_was_taken_off_hears_no_more(bobs: Client, case: Case, alice: Account) -> None:
    address = asks_at(page_of(bobs, case))
    remove_contact(case=case, contact=case.contacts.get(role="additional"), by=alice, now=LATER)
    write_message(case=case, body="Now among us.", by=alice, now=LATER)
    assert bobs.get(address).status_code == 404


@pytest.mark.parametrize(
    "query", ["", "?since=x&after=", "?since=2026-11-23", "?since=2026-99-99T"]
)
def test_an_address_not_ours_is_refused(alices: Client, case: Case, query: str) -> None:
    assert alices.get(f"/requests/{case.number}/news/{query}").status_code == 422


@pytest.mark.shows("S8.2", "AC-12")
def test_everything_is_on_one_page_to_print_but_notes(
    alices: Client, alice: Account, case: Case
) -> None:
    dana = cast.dana()
    take_case(case=case, by=dana, now=NOW)
    write_message(case=case, body="Secret canary.", by=dana, now=NOW, is_note=True)
    for position in range(120):
        write_message(case=case, body=f"Line {position}.", by=alice, now=NOW)
    page = alices.get(f"/requests/{case.number}/printable/").content.decode()
    for words in ("Line 0.", "Line 119.", "Alice Ames", "bob@example.com", "took the request"):
        assert words in page
    assert "canary" not in page
    assert 'id="reply"' not in page


# --- After closing -------------------------------------------------------------------------------


@pytest.mark.shows("S8.2")
def test_a_closed_request_asks_how_it_was_and_shows_agents_the_answer(
    alices: Client, alice: Account, case: Case
) -> None:
    assert "Say how satisfied you are" not in page_of(alices, case)
    close_case(case=case, outcome="solved", by=alice, now=NOW)
    assert "Say how satisfied you are" in page_of(alices, case)
    address = f"/requests/{case.number}/rating/"
    assert alices.post(address, {"comment": "Fine"}).status_code == 422

    answer = alices.post(address, {"score": "4", "comment": "Quick & kind"})

    assert answer["Location"] == f"/requests/{case.number}/"
    assert "Change your answer" in page_of(alices, case)
    again = alices.get(address).content.decode()
    assert 'value="4" checked' in again
    desk = cast.signed_in(cast.dana()).get(f"/desk/cases/{case.number}/").content.decode()
    assert "4 z 5" in desk  # Dana reads Czech
    assert "Quick &amp; kind" in desk


@pytest.mark.shows("S8.2", "AC-08")
def test_a_follow_up_starts_as_a_draft_that_names_the_closed_request(
    alices: Client, alice: Account, case: Case
) -> None:
    close_case(case=case, outcome="solved", by=alice, now=NOW)
    assert "Open a follow-up request" in page_of(alices, case)
    answer = alices.post(f"/requests/{case.number}/follow-up/")
    page = alices.get(answer["Location"]).content.decode()
    assert "Goes on from support request" in page
    assert case.number in page
    assert "Backups stop" in page
