"""Mails: what may stand in their headers, and servers that are away, put off, refuse or drop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller

from opora.accounts.addresses import parse_address
from opora.accounts.errors import NotAnAddress
from opora.core.models import Job
from opora.jobs.worker import Worker
from opora.notifications.letters import Letter, as_mail
from tests import factories
from tests.cast import alice
from tests.installation import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def letter(**facts: str) -> Letter:
    return Letter(
        **{"to": "alice@example.com", "subject": "About a request"} | facts,  # type: ignore[arg-type]
        language="en",
        greeting="Dear Alice,",
        paragraphs=("Something happened.",),
        path="/requests/1/",
        action="Open",
    )


@pytest.mark.shows("EM-09")
@pytest.mark.parametrize(
    "poison", ["\r\nBcc: eve@evil.example", "\nX: y", "\r", "\x00", "\x0b\x0c"]
)
def test_no_text_becomes_a_header(poison: str) -> None:
    for facts in (
        {"subject": f"Before{poison} after", "list_name": "requests"},
        {"thread": f"case{poison}", "reason": f"Because{poison}"},
    ):
        message = as_mail(letter(**facts), job_id=7).message()
        read = message_from_bytes(message.as_bytes(), policy=policy.default)
        assert set(read.keys()) <= {
            "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID",
            "Auto-Submitted", "X-Auto-Response-Suppress", "References", "In-Reply-To", "List-Id",
        }  # fmt: skip
        assert "evil.example" not in str(read["To"])
        assert read["Bcc"] is None
    # No address with any of it is ever stored, and the last gate refuses line breaks itself.
    for typed in (f"alice@example.com{poison}", f"al{poison}ice@example.com"):
        with pytest.raises(NotAnAddress):
            parse_address(typed)
    if {"\r", "\n"} & set(poison):
        with pytest.raises(ValueError, match=r"(?i)newline|header"):
            as_mail(letter(to=f"alice@example.com{poison}"), job_id=7).message()


@pytest.mark.shows("EM-09", "EM-11")
def test_the_bytes_of_a_mail_are_these() -> None:
    """Golden: every header of a mail, and that all parts are escaped or plain."""
    message = as_mail(letter(subject="Žádost <b>1</b>", thread="case 1"), job_id=7).message()
    read = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert read["Subject"] == "Žádost <b>1</b>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["References"] == read["In-Reply-To"] != read["Message-ID"]
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    shown = read.get_body(("html",))
    assert shown is not None
    assert "<script" not in shown.get_content()
    assert 'src="http' not in shown.get_content(), "a mail fetches nothing when it is opened"


# --- Mail servers ---------------------------------------------------------------------------------


class Scripted:
    """A mail server that answers as it is told: `recipient` and `data` give an answer by number of
    the try; DROP hangs up after the data was read."""

    def __init__(
        self, *, recipient: dict[int, str] | None = None, data: dict[int, str] | None = None
    ):
        self.recipient = recipient or {}
        self.data = data or {}
        self.seen_recipients = self.seen_data = 0
        self.ids: list[str] = []

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.seen_recipients += 1
        answer = self.recipient.get(self.seen_recipients, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.seen_data += 1
        answer = self.data.get(self.seen_data, "250 OK")
        self.ids.append(str(message_from_bytes(envelope.content)["Message-ID"]))
        if answer == "DROP":
            server.transport.abort()
            return "421 gone"
        return answer


@contextmanager
def served(script: Scripted, settings: Any) -> Iterator[Scripted]:
    port = free_port()
    settings.EMAIL_BACKEND = "opora.notifications.transport.EmailBackend"
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    controller = Controller(script, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield script
    finally:
        controller.stop()


def run() -> None:
    Worker(threading.Event()).run_batch()


@pytest.fixture
def at_noon() -> Iterator[Callable[[timedelta], None]]:
    with time_machine.travel(factories.NOW, tick=False) as clock:
        yield clock.shift


def receipt() -> Job:
    factories.case(submitted_by=alice())
    return Job.objects.get(kind="mail.case_receipt")


@pytest.mark.shows("F-14")
def test_a_recipient_put_off_is_tried_again_and_gets_one_mail(settings: Any, at_noon: Any) -> None:
    job = receipt()
    with served(Scripted(recipient={1: "451 greylisted", 2: "452 full"}), settings) as server:
        for tries in (1, 2):
            run()
            job.refresh_from_db()
            assert (job.state, job.tries) == ("open", tries)
            run()  # not before its time
            assert server.seen_recipients == tries
            at_noon(timedelta(hours=2))
        run()
    job.refresh_from_db()
    assert job.state == "done"
    assert len(server.ids) == 1


@pytest.mark.shows("F-14", "I5")
@pytest.mark.parametrize("script", [{"recipient": {1: "550 unknown"}}, {"data": {1: "554 no"}}])
def test_what_is_refused_for_good_is_asked_once_and_sounds_the_alarm(
    settings: Any, at_noon: Any, script: dict[str, dict[int, str]]
) -> None:
    job = receipt()
    with served(Scripted(**script), settings) as server:
        run()
        at_noon(timedelta(days=2))
        run()
    job.refresh_from_db()
    assert job.state == "dead"
    assert job.alarmed_at is not None
    assert server.seen_recipients == 1


@pytest.mark.shows("F-14", "F-02")
def test_a_server_that_hangs_up_gets_the_same_mail_again(settings: Any, at_noon: Any) -> None:
    job = receipt()
    with served(Scripted(data={1: "DROP"}), settings) as server:
        run()
        job.refresh_from_db()
        assert (job.state, job.tries) == ("open", 1)
        at_noon(timedelta(hours=2))
        run()
    job.refresh_from_db()
    assert job.state == "done"
    assert len(server.ids) == 2
    assert len(set(server.ids)) == 1


@pytest.mark.slow("every failed try writes its whole story into the log")
@pytest.mark.shows("F-13")
def test_a_day_without_a_mail_server_loses_nothing(settings: Any, at_noon: Any) -> None:
    """The oldest go first when it is back; nothing is sent twice."""
    settings.EMAIL_BACKEND = "opora.notifications.transport.EmailBackend"
    settings.EMAIL_URL = f"smtp://127.0.0.1:{free_port()}"
    person = alice()
    for _ in range(2):
        factories.case(submitted_by=person)
    waiting = Job.objects.filter(kind="mail.case_receipt")
    assert waiting.count() == 2
    for _ in range(3):
        run()
        at_noon(timedelta(hours=8))
    assert set(waiting.values_list("state", flat=True)) == {"open"}
    with served(Scripted(), settings) as server:
        at_noon(timedelta(hours=13))
        while waiting.filter(state="open").exists():
            run()
            at_noon(timedelta(hours=1))
    assert len(server.ids) == len(set(server.ids)) == 2
