"""Mails as they leave the house: to whom, in what thread, with which headers, read back from files.

Each test sends what the queue holds through the real transport and parses what it wrote.
"""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.urls import get_resolver

from opora.accounts.actions import change_address, deactivate_account
from opora.accounts.models import ProvedAddress
from opora.cases.actions import add_contact, close_case, propose_outcome, take_case, write_message
from opora.cases.models import Case
from opora.core.models import Job
from opora.jobs.kinds import handler_of
from opora.notifications.actions import choose_mails
from opora.notifications.models import SwitchedOffMail
from opora.notifications.topics import CHOICES, GROUPS
from tests import cast, factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


class Post:
    """Sends every open mail job; what was written, by address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self) -> list[EmailMessage]:
        for path in self.folder.glob("*.eml"):
            path.unlink()
        jobs = Job.objects.filter(kind__startswith="mail.", state=Job.State.OPEN).order_by("pk")
        for job in jobs:
            handler_of(job.kind)(job.payload, job, NOW)
            job.state = Job.State.DONE
            job.finished_at = NOW
            job.save()
        paths = sorted(self.folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]

    def by_address(self) -> dict[str, EmailMessage]:
        mails = self.deliver()
        found = {str(mail["To"]): mail for mail in mails}
        assert len(found) == len(mails), "one mail each"
        return found


@pytest.fixture
def post(settings: Any, tmp_path: Path) -> Post:
    settings.EMAIL_BACKEND = "opora.notifications.transport.EmailBackend"
    settings.EMAIL_URL = f"file:{tmp_path / 'mail'}"
    return Post(tmp_path / "mail")


def shared_case() -> Case:
    """Alice leads, Bob shares."""
    return factories.case(submitted_by=cast.alice(), others=(cast.bob(),))


def parts(mail: EmailMessage) -> tuple[str, str]:
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    return str(text.get_content()).replace("\u00a0", " "), str(html.get_content())


@pytest.mark.shows("S6.9")
def test_submitting_mails_the_primary_contact_and_nobody_else(post: Post) -> None:
    case = shared_case()
    (mail,) = post.deliver()
    assert mail["To"] == "alice@example.com"
    assert mail["Subject"] == f"Support request {case.number}: {case.title}"
    assert mail["X-Opora-Case"] == case.number
    for said in parts(mail):
        assert case.number in said
        assert case.title in said
        assert case.description not in said


@pytest.mark.shows("S6.9")
def test_every_mail_on_a_case_is_one_thread_that_the_receipt_opens(post: Post) -> None:
    case = shared_case()
    (receipt,) = post.deliver()
    dana = cast.dana()
    take_case(case=case, by=dana, now=NOW)
    write_message(case=case, body="Send the log, please.", by=dana, now=NOW, asks=True)
    propose_outcome(case=case, outcome="solved", body="Fixed.", by=dana, now=NOW)
    close_case(case=case, outcome="solved", by=dana, now=NOW + timedelta(hours=1))
    case.refresh_from_db()
    mails = post.deliver()
    # The proposal's own mails are gone with the closing: nobody is asked any more.
    assert {str(mail["To"]) for mail in mails} == {"alice@example.com", "bob@example.com"}
    assert len({str(mail["Message-ID"]) for mail in (receipt, *mails)}) == len(mails) + 1
    assert receipt["References"] is None
    for mail in mails:
        assert mail["References"] == mail["In-Reply-To"] == receipt["Message-ID"]
        assert mail["X-Opora-Case"] == case.number
        assert case.number in mail["Subject"]
        assert case.title in mail["Subject"]


@pytest.mark.shows("S6.9")
def test_whoever_wrote_gets_no_mail_of_it(post: Post) -> None:
    case = shared_case()
    post.deliver()
    bob = case.contacts.get(email="bob@example.com").bindings.get().account
    close_case(case=case, outcome="solved", by=bob, now=NOW)
    assert set(post.by_address()) == {"alice@example.com"}


@pytest.mark.shows("S6.9")
def test_whoever_is_added_later_gets_a_link_and_nothing_of_the_case(post: Post) -> None:
    alice = cast.alice()
    case = factories.case(submitted_by=alice)
    post.deliver()
    add_contact(
        case=case,
        given_name="Nora",
        family_name="New",
        email="nora@elsewhere.example",
        by=alice,
        now=NOW,
    )
    (mail,) = post.deliver()
    assert mail["To"] == "nora@elsewhere.example"
    assert mail["X-Opora-Case"] == case.number
    for said in (str(mail["Subject"]), *parts(mail)):
        assert case.title not in said
        assert case.description not in said
    assert f"/requests/{case.number}/" in parts(mail)[0]


def test_no_mail_is_answered_by_a_machine(post: Post) -> None:
    case = shared_case()
    dana = cast.dana()
    take_case(case=case, by=dana, now=NOW)
    write_message(case=case, body="Try again.", by=dana, now=NOW)
    for mail in post.deliver():
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["X-Auto-Response-Suppress"] == "All"
        assert mail["List-Id"] == "<requests.localhost>"


@pytest.mark.shows("F-02")
def test_sent_again_a_mail_is_the_same_mail(post: Post) -> None:
    factories.case(submitted_by=cast.alice())
    (first,) = post.deliver()
    Job.objects.filter(kind="mail.case_receipt").update(state=Job.State.OPEN, finished_at=None)
    (again,) = post.deliver()
    assert again["Message-ID"] == first["Message-ID"]


def test_a_mail_says_why_it_came_and_where_to_choose(post: Post) -> None:
    case = shared_case()
    dana = cast.dana()
    take_case(case=case, by=dana, now=NOW)
    Job.objects.filter(kind="mail.case_receipt").delete()
    write_message(case=case, body="Try again.", by=dana, now=NOW)
    mails = post.by_address()
    lead, shared = (parts(mails[to])[0] for to in ("alice@example.com", "bob@example.com"))
    choose = f"{configured.PUBLIC_URL}/settings/mails/"
    assert f"you are the primary contact of the request.\nWhich mails there are: {choose}" in lead
    assert f"you are a contact of the request.\nSwitch such mails off: {choose}" in shared
    assert mails["alice@example.com"]["List-Unsubscribe"] is None
    assert mails["bob@example.com"]["List-Unsubscribe"] == f"<{choose}>"
    assert any(str(one.pattern) == "settings/mails/" for one in portal_patterns())


def portal_patterns() -> list[Any]:
    from opora.portal.urls import urlpatterns

    assert get_resolver().url_patterns
    return urlpatterns


# --- What was switched off ------------------------------------------------------------------------


def test_every_switch_stands_once_on_the_page() -> None:
    codes = [topic.code for group in GROUPS for topic in group.topics if topic.code]
    assert sorted(codes) == sorted(CHOICES)


@pytest.mark.shows("S6.9")
def test_a_switched_off_mail_is_not_sent_even_if_it_was_queued_before(post: Post) -> None:
    case = shared_case()
    post.deliver()
    dana = cast.dana()
    take_case(case=case, by=dana, now=NOW)
    write_message(case=case, body="Try again.", by=dana, now=NOW)
    bob = case.contacts.get(email="bob@example.com").bindings.get().account
    choose_mails(account=bob, wanted=CHOICES - {"shared.messages"}, by=bob, now=NOW)
    assert set(post.by_address()) == {"alice@example.com"}
    close_case(case=case, outcome="solved", by=dana, now=NOW)
    assert set(post.by_address()) == {"alice@example.com", "bob@example.com"}


@pytest.mark.shows("S6.9")
def test_the_primary_contact_cannot_switch_off_what_would_close_the_request(post: Post) -> None:
    case = shared_case()
    alice = case.contacts.get(role="primary").bindings.get().account
    choose_mails(account=alice, wanted=(), by=alice, now=NOW)
    assert set(post.by_address()) == {"alice@example.com"}
    dana = cast.dana()
    take_case(case=case, by=dana, now=NOW)
    write_message(case=case, body="Try again.", by=dana, now=NOW)
    assert set(post.by_address()) == {"alice@example.com", "bob@example.com"}


@pytest.mark.shows("S13.5")
@pytest.mark.parametrize(
    ("kind", "topic"),
    [("mail.contract_ending", "contract.ends"), ("mail.incidents_low", "contract.low")],
)
def test_warnings_of_a_contract_have_switches_of_their_own(
    post: Post, kind: str, topic: str
) -> None:
    alice, bob = cast.alice(), cast.bob()
    contract = factories.contract(registered_to=(alice, bob), incidents=1)
    choose_mails(account=alice, wanted=CHOICES - {topic}, by=alice, now=NOW)
    for account in (alice, bob):
        Job.objects.create(
            kind=kind,
            payload={"contract": contract.pk, "account": account.pk},
            run_after=NOW,
            created_at=NOW,
        )
    mails = post.by_address()
    assert set(mails) == {"bob@example.com"}
    assert mails["bob@example.com"]["List-Id"] == "<contracts.localhost>"
    assert mails["bob@example.com"]["List-Unsubscribe"] is not None


def test_choosing_twice_changes_nothing_and_unknown_topics_are_passed_over() -> None:
    alice = cast.alice()
    for _ in range(2):
        choose_mails(account=alice, wanted={"contract.ends", "receipt"}, by=alice, now=NOW)
    off = set(SwitchedOffMail.objects.values_list("topic", flat=True))
    assert off == CHOICES - {"contract.ends"}
    choose_mails(account=alice, wanted=CHOICES, by=alice, now=NOW)
    assert not SwitchedOffMail.objects.exists()


# --- Whose address it is now ----------------------------------------------------------------------


@pytest.mark.shows("S8.4")
def test_an_address_that_was_let_go_gets_nothing_more(post: Post) -> None:
    case = shared_case()
    post.deliver()
    bob = case.contacts.get(email="bob@example.com").bindings.get().account
    change_address(account=bob, address="robert@example.com", how=ProvedAddress.How.MAIL, now=NOW)
    dana = cast.dana()
    take_case(case=case, by=dana, now=NOW)
    write_message(case=case, body="Try again.", by=dana, now=NOW)
    assert set(post.by_address()) == {"alice@example.com", "robert@example.com"}


@pytest.mark.shows("AU-10")
def test_a_deactivated_account_gets_no_mail_of_its_cases(post: Post) -> None:
    case = shared_case()
    post.deliver()
    bob = case.contacts.get(email="bob@example.com").bindings.get().account
    deactivate_account(account=bob, by=None, now=NOW)
    dana = cast.dana()
    take_case(case=case, by=dana, now=NOW)
    write_message(case=case, body="Try again.", by=dana, now=NOW)
    assert set(post.by_address()) == {"alice@example.com"}
