"""The tab "Sharing": who sees a request, through what and since when; groups; the address book."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from opora.accounts.models import Account
from opora.cases.actions import (
    add_group,
    leave_group,
    name_group,
    take_case,
    write_message,
)
from opora.cases.models import Case
from opora.core.models import Job
from tests import cast, factories
from tests.cast import signed_in
from tests.portal.people import night_shift
from tests.portal.workflow_forms import stands_beside, started, whole

NOW = factories.NOW


@pytest.fixture
def case(alice: Account, bob: Account) -> Case:
    return factories.case(submitted_by=alice, others=(bob,), title="Backups stop")


def sharing_of(case: Case) -> str:
    return f"/requests/{case.number}/sharing/"


def shared_with_a_group(case: Case, by: Account) -> Account:
    """The case, shared by `by` with a group of Contoso; the other one who is in it."""
    walter, group = night_shift(by)
    name_group(case=case, group=group, by=by, now=NOW)
    return walter


@pytest.mark.shows("S8.1", "S8.2", "P15")
def test_says_who_sees_it_through_what_and_since_when(alices: Client, case: Case) -> None:
    take_case(case=case, by=cast.dana(), now=NOW)
    page = alices.get(sharing_of(case)).content.decode()
    for words in (
        "Alice Ames",
        "Bob Burke",
        "Primary contact",
        "Additional contact",
        "since <time",
        "Support agents",
        "Dana Dvořáková works on it.",
    ):
        assert words in page, words


@pytest.mark.shows("S8.4", "AC-11")
def test_says_who_has_not_opened_it_and_never_who_has_an_account(
    alices: Client, case: Case, bob: Account
) -> None:
    words = "Has not opened it yet"
    assert alices.get(sharing_of(case)).content.decode().count(words) == 1
    write_message(case=case, body="I see it.", by=bob, now=NOW)
    assert words not in alices.get(sharing_of(case)).content.decode()
    alices.post(sharing_of(case), {"given_name": "Z", "email": "nobody@example.com"})
    assert alices.get(sharing_of(case)).content.decode().count(words) == 1


@pytest.mark.shows("S6.6", "AC-11")
def test_people_worked_with_are_offered_and_their_address_is_enough(
    alices: Client, alice: Account, case: Case
) -> None:
    cast.charlie()
    other = factories.case(submitted_by=alice)
    page = alices.get(sharing_of(other)).content.decode()
    assert '<option value="bob@example.com"' in page
    assert "charlie@example.net" not in page

    alices.post(sharing_of(other), {"email": "BOB@example.com"})

    assert other.contacts.get(role="additional").full_name == "Bob Burke"
    answer = alices.post(sharing_of(other), {"email": "charlie@example.net"})
    assert answer.status_code == 422
    assert "Enter the first name." in answer.content.decode()


@pytest.mark.shows("S6.5", "S6.6")
@pytest.mark.parametrize("step", ["primary_contact", "sharing"])
def test_the_workflow_offers_them_and_fills_in_their_names(
    alices: Client, alice: Account, case: Case, step: str
) -> None:
    draft = factories.draft(alice)
    address = f"/requests/new/{draft.public_id.hex}/"
    draft.confirmed = ["problem", "support", "primary_contact"]
    draft.save()
    answers = {
        "primary_contact": {
            "primary_contact.email": "bob@example.com",
            "primary_contact.given_name": "",
            "primary_contact.family_name": "",
        },
        "sharing": {"additional_contacts.0.email": "bob@example.com"},
    }
    alices.post(address, {"do": "save", "sections": step, **answers[step]})
    draft.refresh_from_db()
    people = [draft.answers["primary_contact"], *draft.answers["additional_contacts"]]
    found = [p for p in people if p["email"] == "bob@example.com"]
    assert (found[0]["given_name"], found[0]["family_name"]) == ("Bob", "Burke")


@pytest.mark.shows("S8.5")
def test_a_group_is_named_and_taken_away_without_script(
    alices: Client, alice: Account, case: Case
) -> None:
    assert "Share with a group" not in alices.get(sharing_of(case)).content.decode()
    walter = shared_with_a_group(case, alice)
    page = alices.get(sharing_of(case)).content.decode()
    assert "Group Night shift" in page
    assert "2 people of Contoso; they read only" in page
    his = signed_in(walter)
    assert "Backups stop" in his.get("/").content.decode()

    alices.post(sharing_of(case) + "group/", {"group": ""})

    assert "Group Night shift" not in alices.get(sharing_of(case)).content.decode()
    assert his.get(f"/requests/{case.number}/").status_code == 404
    group = alice.group_memberships.get().group.public_id.hex
    alices.post(sharing_of(case) + "group/", {"group": group})
    assert his.get(f"/requests/{case.number}/").status_code == 200


@pytest.mark.shows("S8.5", "AC-05")
def test_a_group_of_others_is_no_group(alices: Client, alice: Account, case: Case) -> None:
    strange = add_group(organization=cast.contoso(), name="Theirs", by=None, now=NOW)
    for chosen in (strange.public_id.hex, "nonsense"):
        answer = alices.post(sharing_of(case) + "group/", {"group": chosen})
        assert answer.status_code == 404
    case.refresh_from_db()
    assert case.group is None


@pytest.mark.shows("S8.5")
def test_a_member_reads_and_finds_no_form_to_write(case: Case, alice: Account) -> None:
    his = signed_in(shared_with_a_group(case, alice))
    page = his.get(f"/requests/{case.number}/").content.decode()
    assert 'id="reply"' not in page
    assert "You read this request through the group" in page
    tab = his.get(sharing_of(case)).content.decode()
    assert "Add the contact" not in tab
    assert ">Remove" not in tab
    answer = his.post(f"/requests/{case.number}/messages/", {"body": "Me too."})
    assert answer.status_code == 403
    assert case.messages.count() == 0


# --- Step 4 --------------------------------------------------------------------------------------


@pytest.mark.shows("S8.5", "S6.6", "S6.8")
def test_step_four_offers_ones_groups_and_says_before_submitting_which_one_will_read(
    alice: Account, alices: Client
) -> None:
    walter, group = night_shift(alice)
    answers = whole(factories.version(), factories.contract(registered_to=(alice,)))
    address = started(alices)
    for step in ("problem", "support", "primary_contact"):
        alices.post(address, answers | {"do": f"next:{step}"})
    asked = alices.get(address, {"step": "sharing"}).content.decode()
    assert '<option value="">No group</option>' in asked, "none is the default"
    assert f'<option value="{group.public_id.hex}">Night shift</option>' in asked
    chosen = {"group": group.public_id.hex, "sections": "sharing", "do": "next:sharing"}
    alices.post(address, chosen)
    verified = alices.get(address, {"step": "verify"}).content.decode()
    assert "Night shift: everybody in it reads the request" in verified
    alices.post(address, {"do": "next:verify"})
    alices.post(address, {"do": "submit"})
    case = Case.objects.get()
    assert signed_in(walter).get(f"/requests/{case.number}/").status_code == 200
    told = alices.get(f"{address}submitted/").content.decode()
    assert "Group Night shift" in told
    assert "2 people of Contoso; they read only" in told


@pytest.mark.shows("S8.5", "AC-05")
@pytest.mark.parametrize("language", ["en", "cs"])
def test_a_group_left_meanwhile_is_said_beside_the_field(
    alice: Account, alices: Client, language: str
) -> None:
    _walter, group = night_shift(alice)
    alices.cookies["language"] = language
    answers = whole(factories.version(), factories.contract(registered_to=(alice,)))
    address = started(alices)
    alices.post(address, answers | {"group": group.public_id.hex, "do": "save"})
    leave_group(group=group, account=alice, by=None, now=NOW)
    for do in ("next:sharing", "submit"):
        page = alices.post(address, answers | {"group": group.public_id.hex, "do": do})
        assert page.status_code == 422
        stands_beside(
            page.content.decode(), "group", "Choose one of your groups, or none.", language
        )
    assert not Case.objects.exists()


def test_without_a_group_nothing_is_asked(alices: Client) -> None:
    page = alices.get(started(alices), {"step": "sharing"}).content.decode()
    assert 'name="group"' not in page


@pytest.mark.shows("AC-13", "S8.3", "S8.5")
@pytest.mark.parametrize("through", ["contact", "group"])
def test_what_is_taken_away_is_gone_everywhere_at_once(
    alices: Client, alice: Account, bob: Account, case: Case, through: str
) -> None:
    """Page, parts of the page, list, search, API, file; and mails that wait are called off."""
    file = alices.post(
        f"/requests/{case.number}/files/", {"file": SimpleUploadedFile("log.txt", b"log")}
    ).json()["id"]
    alices.post(f"/requests/{case.number}/messages/", {"body": "See the log", "kept": file})
    if through == "group":
        somebody = shared_with_a_group(case, alice)
    else:
        somebody = bob
        write_message(case=case, body="Try it.", by=cast.dana(), now=NOW)
    contact = case.contacts.get(email=bob.email)
    key = f"case:{case.number}:contact:{contact.pk}"
    open_mails = Job.objects.filter(key=key, kind__startswith="mail.")
    assert open_mails.exists() == (through == "contact")
    his, program = signed_in(somebody), cast.bearer(somebody)
    pages = ["", "history/", "sharing/", "closing/", f"files/{file}/"]
    calls = ["", "/messages", "/contacts", "/attachments", f"/attachments/{file}"]
    assert set(_answers(his, program, case, pages, calls)) == {200}
    assert _listed(his, program) == [True] * 4

    if through == "group":
        name_group(case=case, group=None, by=alice, now=NOW)
    else:
        alices.post(f"{sharing_of(case)}{contact.public_id.hex}/removal/", {"confirmed": "yes"})

    assert set(_answers(his, program, case, pages, calls)) == {404}
    assert _listed(his, program) == [False] * 4
    assert not open_mails.filter(state="open").exists()


def _answers(
    his: Client, program: Client, case: Case, pages: list[str], calls: list[str]
) -> list[int]:
    paths = [(his, f"/requests/{case.number}/{page}") for page in pages]
    paths += [(program, f"/api/v1/cases/{case.number}{call}") for call in calls]
    found = []
    for client, path in paths:
        answer = client.get(path)
        found.append(answer.status_code)
        if answer.streaming:
            list(answer)
    return found


def _listed(his: Client, program: Client) -> list[bool]:
    """In the list, in what the search finds, and in both by the API."""
    return [
        "Backups stop" in his.get("/?state=all").content.decode(),
        "<mark>Backups</mark> stop" in his.get("/?q=backups").content.decode(),
        bool(program.get("/api/v1/cases").json()["items"]),
        bool(program.get("/api/v1/cases?q=backups").json()["items"]),
    ]
