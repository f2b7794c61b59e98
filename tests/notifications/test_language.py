"""Each mail speaks its reader's language, whoever wrote what is in it."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import translation

from opora.accounts.models import Account
from opora.cases.actions import add_contact, take_case, write_message
from opora.cases.models import Case, ContactBinding
from opora.core.models import Job
from opora.jobs.kinds import handler_of
from tests import cast, factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

RECEIPT = {
    "en": "We have received your support request.",
    "cs": "přijali jsme vaši žádost o podporu.",
}
WRITES = {"en": "Dana Dvořáková wrote:", "cs": "Dana Dvořáková píše:"}
ADDED = {"en": "You were added as a contact.", "cs": "byli jste přidáni jako kontakt."}
LEFT = {
    1: "Zbývá na ní 1 incident, který po tomto dni nepůjde použít.",
    2: "Zbývají na ní 2 incidenty, které po tomto dni nepůjde použít.",
    5: "Zbývá na ní 5 incidentů, které po tomto dni nepůjde použít.",
}


def sent(kind: str) -> dict[str, str]:
    """What goes out for the queue's jobs of this kind, by address, spaces as spaces."""
    mail.outbox.clear()
    for job in Job.objects.filter(kind=kind).order_by("pk"):
        handler_of(kind)(job.payload, job, NOW)
    return {letter.to[0]: letter.body.replace("\u00a0", " ") for letter in mail.outbox}


def reads(language: str, given_name: str) -> Account:
    return factories.account(
        f"{given_name.lower()}@example.com", given_name=given_name, language=language
    )


def answered_by_dana(case: Case) -> None:
    dana = cast.dana()
    take_case(case=case, by=dana, now=NOW)
    case.refresh_from_db()
    write_message(case=case, body="Try again.", by=dana, now=NOW)


@pytest.mark.shows("S6.9")
@pytest.mark.parametrize(("ours", "theirs"), [("cs", "en"), ("en", "cs")])
def test_a_message_is_mailed_in_each_readers_language_not_the_writers(
    ours: str, theirs: str
) -> None:
    primary, other = reads(ours, "Iva"), reads(theirs, "Ota")
    answered_by_dana(factories.case(submitted_by=primary, others=(other,)))
    with translation.override(theirs):
        letters = sent("mail.case_message")
    assert set(letters) == {"iva@example.com", "ota@example.com"}
    assert WRITES[ours] in letters["iva@example.com"]
    assert WRITES[theirs] in letters["ota@example.com"]


@pytest.mark.shows("S6.9")
@pytest.mark.parametrize("language", ["cs", "en"])
def test_the_receipt_speaks_the_primary_contacts_language(language: str) -> None:
    factories.case(submitted_by=reads(language, "Iva"))
    (letter,) = sent("mail.case_receipt").values()
    assert RECEIPT[language] in letter


def test_a_due_instant_names_its_zone_to_whoever_told_us_none() -> None:
    case = factories.case(submitted_by=reads("en", "Iva"))
    (letter,) = sent("mail.case_receipt").values()
    due = next(line for line in letter.splitlines() if line.startswith("First response by"))
    assert not due.endswith(")")
    ContactBinding.objects.filter(contact__case=case).delete()
    (letter,) = sent("mail.case_receipt").values()
    assert f"{due} (Prague)" in letter


@pytest.mark.shows("S6.9")
@pytest.mark.parametrize("language", ["cs", "en"])
def test_whoever_has_no_account_is_written_to_in_the_primary_contacts_language(
    language: str,
) -> None:
    primary = reads(language, "Iva")
    case = factories.case(submitted_by=primary)
    add_contact(
        case=case,
        given_name="Nora",
        family_name="New",
        email="nora@elsewhere.example",
        by=primary,
        now=NOW,
    )
    letters = sent("mail.contact_added")
    assert ADDED[language] in letters["nora@elsewhere.example"]


@pytest.mark.shows("S13.5")
@pytest.mark.parametrize(("left", "told"), LEFT.items())
def test_czech_counts_what_is_left(left: int, told: str) -> None:
    holder = reads("cs", "Iva")
    contract = factories.contract(registered_to=(holder,), incidents=left)
    Job.objects.create(
        kind="mail.contract_ending",
        payload={"contract": contract.pk, "account": holder.pk},
        run_after=NOW,
        created_at=NOW,
    )
    assert told in sent("mail.contract_ending")["iva@example.com"]
