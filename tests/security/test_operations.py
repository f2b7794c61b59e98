"""What the operator can rely on: refused settings, honest logs, full disks, jumping clocks."""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client

from opora.cases.models import Attachment, Case, Draft, Message
from opora.contracts.models import Contract, IncidentEntry
from opora.core.models import AuditLine, Job, StoredAnswer
from opora.jobs.worker import run_one
from opora.web import logs, trouble
from tests import factories
from tests.api.caller import Caller
from tests.cast import alice, bearer, bob, dana, signed_in

# --- Settings -------------------------------------------------------------------------------------


def started(**settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "OPORA_DATA_DIR")}
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import opora.config.settings as s; print(s.DEBUG, s.ALLOWED_HOSTS)",
        ],
        env=kept | settings,
        capture_output=True,
        text=True,
    )


@pytest.mark.shows("OP-02")
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"OPORA_SECRET_KEY": "short"}, "at least 32 characters"),
        ({"OPORA_PUBLIC_URL": "http://support.example.com"}, "must be https"),
        ({"OPORA_PUBLIC_URL": "https://*"}, "OPORA_PUBLIC_URL"),
        ({"OPORA_PUBLIC_URL": "https://*.example.com"}, "OPORA_PUBLIC_URL"),
        ({"OPORA_PUBLIC_URL": "support.example.com"}, "OPORA_PUBLIC_URL"),
    ],
)
def test_what_is_weak_or_open_does_not_start(settings: dict[str, str], reason: str) -> None:
    done = started(**settings)
    assert done.returncode != 0
    assert reason in done.stderr


@pytest.mark.shows("OP-02")
def test_debugging_cannot_be_switched_on_and_the_host_is_the_public_one() -> None:
    done = started(
        OPORA_PUBLIC_URL="https://support.example.com",
        OPORA_DEBUG="1",
        DEBUG="1",
        DJANGO_DEBUG="1",
        OPORA_ALLOWED_HOSTS="*",
    )
    assert done.stdout.strip() == "False ['support.example.com']"


@pytest.mark.shows("OP-02")
def test_a_generated_key_is_long_random_and_the_owners(tmp_path: Any) -> None:
    from opora.config.secret import secret_key

    keys = {secret_key(tmp_path / name, "") for name in "abcdefgh"}
    assert len(keys) == 8
    assert all(len(key) >= 64 for key in keys)
    assert (tmp_path / "a" / "secret").stat().st_mode & 0o777 == 0o600


# --- Logs -----------------------------------------------------------------------------------------


@pytest.fixture
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Lines of the log as they are written, read back as JSON."""
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    logs.configure()
    written = io.StringIO()
    root.handlers[0].setStream(written)  # type: ignore[attr-defined]
    try:
        yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    finally:
        root.handlers[:], root.level = kept
        logging.captureWarnings(False)


@pytest.mark.shows("IN-03")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/x%0d%0a{%22level%22:%22info%22}/", "/x%0aforged/", "/x\u2028y/", "/%1b[31mred/"]
)
def test_one_request_writes_whole_lines_whatever_it_asks(path: str, logged: Any) -> None:
    Client().get(path, headers={"User-Agent": "a\tb\u2028c"})
    lines = logged()
    assert lines, "a page that is not there is noted"
    assert all(line["level"] == "warning" for line in lines)
    assert not any(line["event"].startswith("forged") for line in lines)


SECRETS = {
    "password": "Tr0ub4dor-and-3-horses",
    "cookie": "sidvalue4d2f9e1c8b7a",
    "access id": "ZZZZYYYYXXXXWWWWVVVV",
    "token": "opora_planted0token0value",
    "card": "4111111111111111",
}


@pytest.mark.shows("OP-04")
@pytest.mark.django_db
def test_planted_secrets_occur_in_no_log_page_or_mail(
    logged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a failing view, wrong tries and refused calls: what was sent is told to nobody."""

    def broken(*args: Any, **named: Any) -> None:
        password = SECRETS["password"]
        raise ValueError(f"broken while {len(password)} were there")

    person = alice()
    browser = Client(raise_request_exception=False)
    browser.cookies["sid"] = SECRETS["cookie"]
    answers = [
        browser.post("/accounts/login/", {"login": person.email, "password": SECRETS["password"]}),
        browser.post("/accounts/signup/", {"email": "x", "password1": SECRETS["password"]}),
        browser.get("/api/v1/me", headers={"Authorization": f"Bearer {SECRETS['token']}"}),
        browser.post(
            "/api/v1/contracts",
            {"access_id": SECRETS["access id"], "contract_id": SECRETS["card"]},
            "application/json",
            headers={"Authorization": f"Bearer {SECRETS['token']}"},
        ),
    ]
    hers = signed_in(person)
    hers.raise_request_exception = False
    tried = {"access_id": SECRETS["access id"], "contract_id": "111111111111"}
    page = hers.post("/contracts/new/", tried)
    with monkeypatch.context() as patch:
        patch.setattr("opora.portal.views.contracts.register_contract", broken)
        answers.append(hers.post("/contracts/new/", tried))
    assert answers[-1].status_code == 500
    assert SECRETS["access id"] not in json.dumps(logged())
    assert page.status_code in (404, 422)
    factories.case(submitted_by=person)
    for job in Job.objects.all():
        run_one(job)
    assert mail.outbox
    told = json.dumps(logged()) + "".join(message.message().as_string() for message in mail.outbox)
    for name, secret in SECRETS.items():
        assert secret not in told, name
        if name != "access id":  # shown again to who typed it, so that a slip can be mended
            for answer in answers:
                assert secret.encode() not in b"".join(answer), name
    stored = json.dumps(
        [list(AuditLine.objects.values_list("facts")), list(Job.objects.values_list("payload"))],
        default=str,
    )
    assert not any(secret in stored for secret in SECRETS.values())


# --- A full disk ----------------------------------------------------------------------------------


class Full:
    """From the n-th write on, the database's disk is full."""

    def __init__(self, writes: int) -> None:
        self.left = writes

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "WITH")):
            self.left -= 1
            if self.left < 0:
                raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)


def rows() -> list[int]:
    counted = (Case, Message, Attachment, IncidentEntry, AuditLine, Job, StoredAnswer)
    return [model.objects.count() for model in counted]


@pytest.mark.shows("F-06")
@pytest.mark.django_db(transaction=True)
def test_a_disk_that_is_full_at_any_write_of_a_call_undoes_all_of_it() -> None:
    with time_machine.travel(factories.NOW, tick=False):
        person = alice()
        contract = factories.contract(registered_to=(person,))
        of = factories.version()
        caller = Caller(person)
        caller.get("/me")  # the token's first use is noted
        body = {
            "product": of.product.slug,
            "version": of.slug,
            "title": "T",
            "description": "D",
            "contract": contract.public_id.hex,
            "severity": "B",
            "round_the_clock": False,
            "country": "CZ",
            "time_zone": "Europe/Prague",
            "primary_contact": {
                "given_name": "A", "family_name": "B", "email": person.email, "language": "en",
                "preferred_contact": "email",
            },
            "additional_contacts": [],
        }  # fmt: skip
        before = rows()
        refused = 0
        while True:
            with connection.execute_wrapper(Full(refused)):
                answer = caller.post("/cases", body, key="one-key")
            if answer.status == 201:
                break
            assert answer.refusal == (503, "unavailable"), answer.data
            assert answer.headers["Retry-After"] == "5"
            assert rows() == before, refused
            refused += 1
        assert refused >= 6
        assert Contract.objects.get(pk=contract.pk).incidents_left == 4
        assert Case.objects.count() == 1


@pytest.mark.shows("F-06")
@pytest.mark.django_db
def test_a_page_says_that_it_is_not_now_and_reading_goes_on() -> None:
    person = alice()
    case = factories.case(submitted_by=person)
    browser = signed_in(person)
    with connection.execute_wrapper(Full(0)):
        answer: Any = browser.post(f"/requests/{case.number}/messages/", {"body": "Words"})
        assert answer.status_code == 503
        assert answer["Retry-After"] == "5"
        assert "nothing was changed" in answer.content.decode()
        assert browser.get(f"/requests/{case.number}/").status_code == 200
    assert Message.objects.count() == 0
    answer = browser.post(f"/requests/{case.number}/messages/", {"body": "Words"})
    assert answer.status_code == 302


@contextmanager
def read_only() -> Iterator[None]:
    """The database takes no writes: a standby, or a file system that went read-only."""
    off, on = {
        "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
        "postgresql": (
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        ),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(off)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(on)


@pytest.mark.shows("F-05")
@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_no_writes_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    person, agent = alice(), dana()
    contract = factories.contract(registered_to=(person,))
    case = factories.case(submitted_by=person, contract=contract)
    browser, desk, program = signed_in(person), signed_in(agent), bearer(person)
    ids = {"access_id": "0" * 20, "contract_id": "1" * 12}
    before, left = rows(), Contract.objects.get(pk=contract.pk).incidents_left
    own = f"/api/v1/cases/{case.number}"
    monkeypatch.setattr(trouble, "_seen_at", -trouble.SAID_FOR)
    with read_only():
        for client, path in (
            *((browser, f"/requests/{case.number}/"), (browser, "/"), (browser, "/contracts/")),
            *((browser, "/help/"), (browser, "/coverage/")),
            *((desk, "/desk/"), (desk, f"/desk/cases/{case.number}/")),
            *((program, "/api/v1/me"), (program, own), (program, f"{own}/messages")),
            *((program, "/api/v1/contracts"), (Client(), "/accounts/login/")),
        ):
            assert client.get(path).status_code == 200, path
        assert "Only reading works" not in browser.get("/").content.decode()
        for client, path in (
            *((browser, f"/requests/{case.number}/messages/"), (browser, "/contracts/new/")),
            *((desk, f"/desk/cases/{case.number}/messages/"), (program, f"{own}/messages")),
        ):
            kind: Any = {"content_type": "application/json"} if client is program else {}
            words = {"body": "Words"}
            if client is desk:
                words |= {"kind": "answer", "revision": str(case.revision)}
            if path == "/contracts/new/":
                words = ids
            answer: Any = client.post(path, words, **kind)
            assert (answer.status_code, answer["Retry-After"]) == (503, "5"), path
        assert "Only reading works" in browser.get("/").content.decode()
        assert "Teď lze jen číst" in desk.get("/desk/").content.decode()
    assert rows() == before
    assert Contract.objects.get(pk=contract.pk).incidents_left == left
    monkeypatch.setattr(trouble, "monotonic", lambda: trouble._seen_at + trouble.SAID_FOR)
    assert "Only reading works" not in browser.get("/").content.decode()
    assert program.get("/api/v1/me").status_code == 200


@pytest.mark.shows("F-06", "F-17")
@pytest.mark.django_db
def test_no_room_for_a_file_keeps_the_words_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    person = alice()
    draft = Draft.objects.create(account=person, created_at=factories.NOW, updated_at=factories.NOW)
    browser = signed_in(person)
    kept = sorted((settings.DATA_DIR / "files").rglob("*"))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("opora.cases.files.os.fsync", full)
        page: Any = browser.post(
            f"/requests/new/{draft.public_id.hex}/",
            {
                "title": "Words that stay",
                "sections": "problem",
                "do": "save",
                "attachments": SimpleUploadedFile("a.log", b"x"),
            },
        )
        assert page.status_code == 422
        assert "Words that stay" in page.content.decode()
        answer = Caller(person).upload("/uploads")
        assert answer.refusal == (503, "unavailable")
    assert not Attachment.objects.exists()
    left = sorted(p for p in (settings.DATA_DIR / "files").rglob("*") if p.is_file())
    assert left == [path for path in kept if path.is_file()]
    assert Caller(person).upload("/uploads").status == 201


# --- Clocks ---------------------------------------------------------------------------------------

JUMPS = (timedelta(hours=-1), timedelta(hours=1), timedelta(days=-1), timedelta(days=1))
SWITCHES = (
    datetime(2026, 10, 25, 0, 59, tzinfo=UTC),  # an hour comes twice in Prague
    datetime(2027, 3, 28, 0, 59, tzinfo=UTC),  # an hour is left out
    datetime(2028, 2, 29, 22, 59, tzinfo=UTC),  # a leap day ends
    datetime(2026, 12, 31, 22, 59, tzinfo=UTC),
)


@pytest.mark.shows("F-12")
@pytest.mark.django_db
@pytest.mark.parametrize("start", SWITCHES)
def test_a_clock_that_jumps_breaks_no_request_and_sends_no_burst(start: datetime) -> None:
    person = alice()
    contract = factories.contract(
        starts_on=start.date() - timedelta(days=300),
        ends_on=start.date() + timedelta(days=60),
        registered_to=(person,),
    )
    of = factories.version(extended_ends_on=start.date() + timedelta(days=4000))
    with time_machine.travel(start, tick=False) as clock:
        for jump in (timedelta(), *JUMPS):
            clock.shift(jump)
            now = datetime.now(UTC)
            case = factories.case(submitted_by=person, contract=contract, of=of, now=now)
            assert case.response_due_at > now
            page: Any = signed_in(person).get(f"/requests/{case.number}/")
            assert page.status_code == 200
            assert bearer(person).get(f"/api/v1/cases/{case.number}").status_code == 200
            clock.shift(-jump)
        contract.refresh_from_db()
        assert (contract.incidents_left, contract.entry_count) == (0, 6)
        # One receipt each; no reminder, warning or expiry came early.
        due = Job.objects.filter(state="open", run_after__lte=start + timedelta(days=1))
        assert sorted(due.values_list("kind", flat=True)) == [
            "contract.incidents_low",  # of the last draw
            *["mail.case_receipt"] * 5,
        ]


@pytest.mark.shows("F-12", "S10.1")
@pytest.mark.django_db
def test_a_contract_lasts_to_the_end_of_its_day_in_the_vendors_zone() -> None:
    person = alice()
    contract = factories.contract(registered_to=(person,), ends_on=date(2026, 11, 30))
    of = factories.version()
    last = datetime(2026, 11, 30, 22, 59, tzinfo=UTC)
    factories.case(submitted_by=person, contract=contract, of=of, now=last)
    from opora.contracts.errors import NotEligible

    with pytest.raises(NotEligible):
        factories.case(
            submitted_by=person, contract=contract, of=of, now=last + timedelta(minutes=1)
        )


# --- Rights that end meanwhile --------------------------------------------------------------------


@pytest.mark.shows("F-18", "PA-06", "S12.1")
@pytest.mark.django_db
@pytest.mark.parametrize("meanwhile", ["expired", "suspended", "exhausted", "ended"])
def test_what_ended_between_choosing_and_submitting_is_refused_and_the_draft_stays(
    meanwhile: str,
) -> None:
    with time_machine.travel(factories.NOW, tick=False) as clock:
        person = alice()
        contract = factories.contract(registered_to=(person,), incidents=1)
        of = factories.version()
        browser = signed_in(person)
        draft = Draft.objects.create(
            account=person, created_at=factories.NOW, updated_at=factories.NOW
        )
        path = f"/requests/new/{draft.public_id.hex}/"
        typed = {
            "product": of.product.slug, "version": of.slug, "title": "Words that stay",
            "description": "D", "contract": contract.public_id.hex, "severity": "B",
            "country": "CZ", "time_zone": "Europe/Prague",
            "primary_contact.given_name": "Alice", "primary_contact.family_name": "Ames",
            "primary_contact.email": person.email, "primary_contact.preferred_contact": "email",
            "primary_contact.language": "en",
        }  # fmt: skip
        assert browser.post(path, typed | {"do": "save"}).status_code == 302
        if meanwhile == "expired":
            clock.move_to(datetime(2027, 6, 1, tzinfo=UTC))
            browser = signed_in(person)
        elif meanwhile == "suspended":
            from opora.contracts.actions import suspend_contract

            suspend_contract(contract=contract, by=None, now=factories.NOW)
        elif meanwhile == "exhausted":
            other = bob()
            factories.registration(contract, other)
            factories.case(submitted_by=other, contract=contract, of=of)
        else:
            from opora.contracts.actions import end_registration

            end_registration(account=person, contract=contract, by=person, now=factories.NOW)
        cases, entries = Case.objects.count(), IncidentEntry.objects.count()
        page: Any = browser.post(path, typed | {"do": "submit"})
        assert page.status_code == 422
        assert (Case.objects.count(), IncidentEntry.objects.count()) == (cases, entries)
        draft.refresh_from_db()
        assert draft.case_id is None
        assert draft.answers["title"] == "Words that stay"
