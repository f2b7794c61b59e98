"""Keep a small, complete installation of this version, for the test of upgrades.

    python scripts/keep_version.py
    sh scripts/with_postgresql.sh quick .venv/bin/python scripts/keep_version.py

Run it once when a version is released, on both engines: it writes tests/upgrade/kept/VERSION.*.
What is kept is never written again; `tests/upgrade` restores each and upgrades it to today's code.
All people in it are made up.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import databases  # noqa: E402 - the root is no package

if TYPE_CHECKING:
    from opora.accounts.models import Account

KEPT = ROOT / "tests" / "upgrade" / "kept"
START = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)


def main() -> None:
    data_dir = Path(tempfile.mkdtemp(prefix="keep-version-"))
    url = databases.server_url()
    if url:
        url = databases.postgresql_empty(url)
    os.environ |= databases.child_environment(data_dir, url)
    os.environ["DJANGO_SETTINGS_MODULE"] = "opora.config.settings"
    try:
        fill()
        name = KEPT / _version()
        KEPT.mkdir(parents=True, exist_ok=True)
        if url:
            dump = ["pg_dump", "--no-owner", "--no-privileges", "--dbname", url]
            content = subprocess.run(dump, check=True, capture_output=True).stdout
            _write(name.with_name(f"{name.name}.postgresql.sql.gz"), content)
        else:
            copy = data_dir / "copy.sqlite3"
            source = sqlite3.connect(data_dir / "opora.sqlite3")
            source.execute("VACUUM INTO ?", [str(copy)])
            source.close()
            _write(name.with_name(f"{name.name}.sqlite3.gz"), copy.read_bytes())
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


def _version() -> str:
    import opora

    return opora.__version__


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(gzip.compress(content, 9, mtime=0))
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")


def fill() -> None:
    """Something of everything, through the deeds: people, contracts, requests in each state."""
    import django

    django.setup()
    from django.conf import settings

    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    from opora.accounts.actions import add_organization, create_account, issue_token
    from opora.cases.actions import close_case, open_case
    from opora.cases.intake import AdditionalContact, CaseRequest, PrimaryContact
    from opora.cases.models import Case, Draft
    from opora.cli.preparation import prepare
    from opora.contracts.actions import issue_contracts, register_contract
    from opora.core import sealing
    from opora.core.models import Job

    prepare()
    now = START
    add_organization(name="Contoso", domains=["contoso.example"], by=None, now=now)

    def person(email: str, kind: str, given: str, family: str) -> Account:
        return create_account(
            email=email,
            kind=kind,
            given_name=given,
            family_name=family,
            password=None if kind == "work" else "correct horse battery staple",
            country="CZ",
            time_zone="Europe/Prague",
            language="cs",
            by=None,
            now=now,
        )

    alice = person("alice@example.com", "personal", "Alice", "Ames")
    person("bob@example.com", "personal", "Bob", "Burke")
    person("walter@contoso.example", "work", "Walter", "Weiss")
    dana = person("dana@opora.example", "agent", "Dana", "Dvořáková")
    issue_token(account=alice, name="Script", by=alice, now=now)
    issued = issue_contracts(
        plan_code="partner-on-premises-20", holder="Contoso", count=3, by=None, now=now
    )
    for one in issued[:2]:
        register_contract(
            account=alice,
            access_id=one.access_id,
            contract_id=str(one.contract.contract_id),
            network="192.0.2.1",
            now=now,
        )
    for number in range(4):
        now += timedelta(days=2)
        receipt = open_case(
            wanted=CaseRequest(
                product="windows-server",
                version="windows-server-2025",
                title=f"Záloha se zastaví ({number})",
                description="Od neděle se každou noc zastaví.\n\n  ERROR 3041",
                contract=issued[number % 2].contract.public_id.hex,
                severity="ABCB"[number],
                country="CZ",
                time_zone="Europe/Prague",
                primary_contact=PrimaryContact(
                    given_name="Alice",
                    family_name="Ames",
                    email=alice.email,
                    phone="+420601123456",
                    language="cs",
                ),
                additional_contacts=(
                    AdditionalContact(
                        given_name="Bob", family_name="Burke", email="bob@example.com"
                    ),
                ),
            ),
            by=alice,
            now=now,
        )
        if number > 0:
            _answer(receipt.number, dana, now=now)
        if number > 1:
            _propose(receipt.number, alice, dana, now=now + timedelta(hours=3))
        if number > 2:
            case = Case.objects.get(number=receipt.number)
            close_case(case=case, outcome="solved", by=alice, now=now + timedelta(hours=5))
    Draft.objects.create(
        account=alice, answers={"title": "Koncept"}, created_at=now, updated_at=now
    )
    Job.objects.filter(kind__startswith="mail.").update(state="done", finished_at=now)
    while sealing.seal_batch():
        pass


def _answer(number: str, agent: Account, *, now: datetime) -> None:
    """The agent takes the request, asks, and leaves a note."""
    from opora.cases.actions import take_case, write_message
    from opora.cases.models import Case

    def case() -> Case:
        return Case.objects.get(number=number)

    take_case(case=case(), by=agent, now=now + timedelta(hours=1))
    later = now + timedelta(hours=2)
    write_message(case=case(), body="Které sestavení?", by=agent, now=later, asks=True)
    write_message(case=case(), body="Poznámka.", by=agent, now=later, is_note=True)


def _propose(number: str, contact: Account, agent: Account, *, now: datetime) -> None:
    """The contact answers, the agent proposes how it ends."""
    from opora.cases.actions import propose_outcome, write_message
    from opora.cases.models import Case

    write_message(case=Case.objects.get(number=number), body="26100.", by=contact, now=now)
    propose_outcome(
        case=Case.objects.get(number=number),
        outcome="workaround",
        body="Ve čtyři.",
        by=agent,
        now=now + timedelta(hours=1),
    )


if __name__ == "__main__":
    main()
