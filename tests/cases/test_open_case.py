"""Opening a case: all of it, or nothing (S6, S12.1, S13.2, S15.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from opora.cases.actions import save_draft
from opora.cases.actions.opening import open_case, rehearse_case
from opora.cases.errors import (
    PhoneRequired,
    RoundTheClockNeedsCritical,
    SupportedElsewhere,
)
from opora.cases.intake import AdditionalContact, CaseRequest
from opora.cases.models import (
    Case,
    CaseContact,
    CaseReader,
    ContactBinding,
    Draft,
)
from opora.catalog.models import Portal, Problem, Version
from opora.contracts.actions import end_registration, suspend_contract
from opora.contracts.errors import ContractNotRegistered, NotEligible
from opora.contracts.models import Contract, IncidentEntry
from opora.core.errors import InvalidInput, Refusal
from opora.core.models import AuditLine, Job
from tests import cast, factories
from tests.cases.world import HOUR, breaches, jobs, primary, request, upload
from tests.counting import statements
from tests.factories import NOW

pytestmark = pytest.mark.django_db


class Scene:
    """Alice with a contract of five incidents, and a version it covers."""

    def __init__(self) -> None:
        self.alice = cast.alice()
        self.contract = factories.contract(registered_to=(self.alice,), incidents=5)
        self.version = factories.version()

    def wanted(self, **changes: Any) -> CaseRequest:
        return replace(request(by=self.alice, contract=self.contract, of=self.version), **changes)

    def left(self) -> int:
        return Contract.objects.get(pk=self.contract.pk).incidents_left


@pytest.fixture
def scene() -> Scene:
    return Scene()


def nothing_was_written(scene: Scene) -> bool:
    return (
        scene.left() == 5
        and not Case.objects.exists()
        and not CaseContact.objects.exists()
        and not CaseReader.objects.exists()
        and not IncidentEntry.objects.filter(kind="consumed").exists()
        and not Job.objects.exclude(key="periodic").exists()
        and not AuditLine.objects.filter(code="case.opened").exists()
    )


@pytest.mark.shows("S13.2", "S16.2", "S15.5")
def test_opening_answers_a_receipt_and_draws_one_incident(scene: Scene) -> None:
    receipt = open_case(wanted=scene.wanted(), by=scene.alice, now=NOW)

    case = Case.objects.get()
    assert receipt.number == case.number
    assert receipt.submitted_at == NOW
    # Monday 10:00 in Prague and four business hours.
    assert receipt.response_due_at == datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    assert receipt.contract_public_id == scene.contract.public_id.hex
    assert receipt.contract_id == scene.contract.shown_contract_id
    assert receipt.readable
    assert scene.left() == 4
    entry = IncidentEntry.objects.get(kind="consumed")
    assert (entry.case_number, entry.quantity, entry.actor_id) == (case.number, -1, scene.alice.pk)
    assert breaches() == []


@pytest.mark.shows("S15.5")
def test_the_number_is_the_vendors_day_and_ten_digits(scene: Scene) -> None:
    # 23:30 UTC is the next day in Prague.
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    receipt = open_case(wanted=scene.wanted(), by=scene.alice, now=late)

    assert receipt.number.startswith("261124")
    assert len(receipt.number) == 16
    assert receipt.number.isdigit()


@pytest.mark.shows("S15.5")
def test_a_number_that_is_taken_is_drawn_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([7, 7, 8])
    monkeypatch.setattr("secrets.randbelow", lambda below: next(drawn))

    first = open_case(wanted=scene.wanted(), by=scene.alice, now=NOW)
    second = open_case(wanted=scene.wanted(), by=scene.alice, now=NOW)

    assert (first.number[6:], second.number[6:]) == ("0000000007", "0000000008")
    assert scene.left() == 3
    assert breaches() == []


def test_the_case_keeps_what_it_was_admitted_by(scene: Scene) -> None:
    open_case(wanted=scene.wanted(), by=scene.alice, now=NOW)

    case = Case.objects.get()
    assert case.plan_version_id == scene.contract.plan_version_id
    assert (case.admitted_phase, case.admitted_generation) == ("mainstream", 0)
    assert case.admitted_by["on"] == "2026-11-23"
    assert case.admitted_by["plan"] == scene.contract.plan_version.plan.code


@pytest.mark.shows("S6.5", "S6.6", "S8.1", "S8.4")
def test_contacts_read_at_once_if_they_proved_their_address(scene: Scene) -> None:
    bob = cast.bob()
    stranger = AdditionalContact("No", "Account", "nobody@example.org")
    shared = AdditionalContact("Bob", "Burke", "BOB@Example.com")
    wanted = scene.wanted(additional_contacts=(shared, stranger))

    open_case(wanted=wanted, by=scene.alice, now=NOW)

    assert CaseContact.objects.count() == 3
    assert set(CaseReader.objects.values_list("account", flat=True)) == {scene.alice.pk, bob.pk}
    assert breaches() == []


@pytest.mark.shows("S8.4")
def test_one_address_on_a_personal_and_a_work_account_lets_both_read(scene: Scene) -> None:
    walter = cast.walter()
    twin = factories.account(walter.email, given_name="Walter", family_name="Weiss")
    wanted = scene.wanted(primary_contact=primary(walter))

    open_case(wanted=wanted, by=scene.alice, now=NOW)

    assert set(CaseReader.objects.values_list("account", flat=True)) == {walter.pk, twin.pk}


@pytest.mark.shows("S8.4")
def test_an_address_that_is_not_proved_lets_nobody_read(scene: Scene) -> None:
    unproved = factories.account("new@example.com", proved=False)
    wanted = scene.wanted(primary_contact=primary(unproved))

    open_case(wanted=wanted, by=scene.alice, now=NOW)

    assert not CaseReader.objects.exists()


@pytest.mark.shows("S6.7", "S8.1")
def test_who_submits_for_a_colleague_does_not_read(scene: Scene) -> None:
    wanted = scene.wanted(primary_contact=primary(cast.bob()))

    receipt = open_case(wanted=wanted, by=scene.alice, now=NOW)

    assert not receipt.readable
    assert not CaseReader.objects.filter(account=scene.alice).exists()


@pytest.mark.shows("S6.9")
def test_only_the_primary_contact_is_mailed(scene: Scene) -> None:
    shared = AdditionalContact("Bob", "Burke", cast.bob().email)

    open_case(wanted=scene.wanted(additional_contacts=(shared,)), by=scene.alice, now=NOW)

    case = Case.objects.get()
    first = case.contacts.get(role="primary")
    assert [(job.kind, job.payload) for job in jobs()] == [
        ("mail.case_receipt", {"case": case.pk, "contact": first.pk})
    ]


@pytest.mark.shows("S16.1")
def test_the_clock_runs_in_the_requests_country(scene: Scene) -> None:
    japan = scene.wanted(country="JP", time_zone="Asia/Tokyo")

    receipt = open_case(wanted=japan, by=scene.alice, now=datetime(2026, 11, 24, 7, 0, tzinfo=UTC))

    # 16:00 in Tokyo: an hour and a half before closing, the rest on the next morning from 9:00.
    assert receipt.response_due_at == datetime(2026, 11, 25, 2, 30, tzinfo=UTC)


@pytest.mark.shows("S6.3", "S16.3")
def test_round_the_clock_needs_severity_a_and_a_phone(scene: Scene) -> None:
    with pytest.raises(RoundTheClockNeedsCritical):
        open_case(wanted=scene.wanted(round_the_clock=True), by=scene.alice, now=NOW)
    critical = scene.wanted(round_the_clock=True, severity="A")
    with pytest.raises(PhoneRequired):
        open_case(wanted=critical, by=scene.alice, now=NOW)
    assert nothing_was_written(scene)

    called = replace(critical, primary_contact=primary(scene.alice, phone="+420 601 123 456"))
    receipt = open_case(wanted=called, by=scene.alice, now=NOW)
    assert receipt.response_due_at == NOW + 2 * HOUR


def test_every_wrong_field_is_named_at_once(scene: Scene) -> None:
    wanted = scene.wanted(title=" ", description="", country="XX", time_zone="Mars/Crater")

    with pytest.raises(InvalidInput) as refused:
        open_case(wanted=wanted, by=scene.alice, now=NOW)

    fields = [error["field"] for error in refused.value.errors]
    assert fields == ["title", "description", "country", "time_zone"]
    assert nothing_was_written(scene)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"product": "no-such-product"}, "product"),
        ({"version": "no-such-version"}, "version"),
        ({"problem": "no-such-problem"}, "problem"),
        ({"attachments": ("0" * 32,)}, "attachments"),
    ],
)
def test_what_does_not_exist_is_invalid_input(
    scene: Scene, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        open_case(wanted=scene.wanted(**changes), by=scene.alice, now=NOW)

    assert [error["field"] for error in refused.value.errors] == [field]
    assert nothing_was_written(scene)


@pytest.mark.shows("S6.1")
def test_a_problem_is_one_of_the_products_own(scene: Scene) -> None:
    other = factories.version(product="other-server")
    names = {"cs": "Jiný", "en": "Other"}
    for product in (scene.version.product, other.product):
        Problem.objects.create(
            product=product, slug=f"of-{product.slug}", category="c", names=names
        )

    with pytest.raises(InvalidInput):
        open_case(wanted=scene.wanted(problem="of-other-server"), by=scene.alice, now=NOW)
    open_case(wanted=scene.wanted(problem="of-database-server"), by=scene.alice, now=NOW)
    open_case(wanted=scene.wanted(problem="none-of-these"), by=scene.alice, now=NOW)

    assert [
        case.problem.slug if case.problem else None for case in Case.objects.order_by("pk")
    ] == [
        "of-database-server",
        None,
    ]


@pytest.mark.shows("AC-05", "S4.1")
def test_foreign_and_unknown_contracts_are_refused_alike(scene: Scene) -> None:
    foreign = factories.contract(registered_to=(cast.bob(),))
    said = []
    for contract in (foreign.public_id.hex, "0" * 32, "nonsense"):
        with pytest.raises(ContractNotRegistered) as refused:
            open_case(wanted=scene.wanted(contract=contract), by=scene.alice, now=NOW)
        said.append((refused.value.code, refused.value.detail, refused.value.facts()))

    assert said[0] == said[1] == said[2]
    assert nothing_was_written(scene)


@pytest.mark.shows("S2.5", "F-18")
def test_a_registration_that_ended_meanwhile_is_refused(scene: Scene) -> None:
    end_registration(account=scene.alice, contract=scene.contract, by=scene.alice, now=NOW)

    with pytest.raises(ContractNotRegistered):
        open_case(wanted=scene.wanted(), by=scene.alice, now=NOW)

    assert not Case.objects.exists()


@pytest.mark.shows("S12.1", "F-18")
def test_eligibility_is_asked_again_when_submitting(scene: Scene) -> None:
    draft = factories.draft(scene.alice)
    suspend_contract(contract=scene.contract, by=None, now=NOW)

    with pytest.raises(NotEligible) as refused:
        open_case(wanted=scene.wanted(), by=scene.alice, now=NOW, draft=draft)

    assert refused.value.code == "suspended"
    assert not Case.objects.exists()
    assert Draft.objects.get().case is None


@pytest.mark.shows("S12.1", "S13.2")
def test_without_incidents_left_nothing_is_written() -> None:
    alice = cast.alice()
    contract = factories.contract(registered_to=(alice,), incidents=1)
    wanted = request(by=alice, contract=contract, of=factories.version())
    open_case(wanted=wanted, by=alice, now=NOW)

    with pytest.raises(NotEligible) as refused:
        open_case(wanted=wanted, by=alice, now=NOW)

    assert refused.value.code == "no-incidents-left"
    assert Case.objects.count() == 1
    assert breaches() == []


def cloud(portal: bool) -> Version:
    version = factories.version(product="cloud-mail", deployment="cloud", slug="online")
    if portal:
        names = {"cs": "Portál", "en": "The portal"}
        version.product.portal = Portal.objects.create(
            slug="portal", names=names, url="https://portal.example/"
        )
        version.product.save()
    return version


@pytest.mark.shows("S3.1")
def test_a_product_with_a_portal_is_supported_elsewhere_if_the_contract_does_not_cover_it() -> None:
    alice, version = cast.alice(), cloud(portal=True)
    no_cloud = factories.TERMS | {
        "coverage": factories.TERMS["coverage"] | {"deployments": ["on_premises"]}
    }
    contract = factories.contract(
        terms=factories.plan_version(terms=no_cloud), registered_to=(alice,)
    )

    with pytest.raises(SupportedElsewhere) as refused:
        open_case(wanted=request(by=alice, contract=contract, of=version), by=alice, now=NOW)

    assert refused.value.portal == {"name": "The portal", "url": "https://portal.example/"}
    assert [reason["code"] for reason in refused.value.reasons] == ["on-premises-products-only"]
    assert refused.value.detail == "This product is supported at The portal."
    assert not Case.objects.exists()


@pytest.mark.shows("S3.1")
def test_a_contract_that_covers_it_opens_a_case_here_nevertheless() -> None:
    alice, version = cast.alice(), cloud(portal=True)
    contract = factories.contract(registered_to=(alice,))

    assert open_case(wanted=request(by=alice, contract=contract, of=version), by=alice, now=NOW)


# --- Contacts that cannot be taken ---------------------------------------------------------------


@pytest.mark.shows("S8.3")
def test_an_address_stands_once_on_a_request(scene: Scene) -> None:
    again = AdditionalContact("Alice", "Again", "ALICE@EXAMPLE.COM")

    with pytest.raises(InvalidInput) as refused:
        open_case(wanted=scene.wanted(additional_contacts=(again,)), by=scene.alice, now=NOW)

    assert [e["field"] for e in refused.value.errors] == ["additional_contacts.0.email"]
    assert nothing_was_written(scene)


# --- Drafts and files ----------------------------------------------------------------------------


@pytest.mark.shows("F-16", "S13.2")
def test_a_draft_opens_one_case_however_often_it_is_submitted(scene: Scene) -> None:
    draft = factories.draft(scene.alice)
    other_tab = Draft.objects.get()

    first = open_case(wanted=scene.wanted(), by=scene.alice, now=NOW, draft=draft)
    again = open_case(wanted=scene.wanted(), by=scene.alice, now=NOW + HOUR, draft=other_tab)
    draft.refresh_from_db()
    third = open_case(wanted=scene.wanted(), by=scene.alice, now=NOW + HOUR, draft=draft)

    assert first == again == third
    assert Case.objects.count() == 1
    assert scene.left() == 4
    assert breaches() == []


@pytest.mark.shows("F-16")
def test_the_second_tab_gets_the_receipt_even_if_the_incident_was_the_last() -> None:
    alice = cast.alice()
    contract = factories.contract(registered_to=(alice,), incidents=1)
    wanted = request(by=alice, contract=contract, of=factories.version())
    draft = factories.draft(alice)
    other_tab = Draft.objects.get()

    first = open_case(wanted=wanted, by=alice, now=NOW, draft=draft)

    assert open_case(wanted=wanted, by=alice, now=NOW, draft=other_tab) == first


@pytest.mark.shows("AC-05")
def test_somebody_elses_draft_is_not_submitted(scene: Scene) -> None:
    foreign = factories.draft(cast.bob())

    with pytest.raises(Refusal):
        open_case(wanted=scene.wanted(), by=scene.alice, now=NOW, draft=foreign)

    assert nothing_was_written(scene)


@pytest.mark.shows("S6.1", "AC-04")
def test_files_of_the_draft_and_loose_uploads_become_the_cases(scene: Scene) -> None:
    draft = factories.draft(scene.alice, at=NOW - timedelta(days=40))
    on_draft = upload(scene.alice, draft=draft, at=NOW - timedelta(days=39))
    loose = upload(scene.alice, at=NOW - timedelta(hours=23))
    another = upload(scene.alice, at=NOW)

    wanted = scene.wanted(attachments=(loose.public_id.hex,))
    open_case(wanted=wanted, by=scene.alice, now=NOW, draft=draft)

    case = Case.objects.get()
    assert set(case.attachments.values_list("pk", flat=True)) == {on_draft.pk, loose.pk}
    another.refresh_from_db()
    assert another.case is None
    assert breaches() == []


@pytest.mark.shows("AC-04")
@pytest.mark.parametrize("whose", ["bob's", "too old", "on a draft", "on a case"])
def test_uploads_that_are_not_loose_and_fresh_and_own_are_refused(scene: Scene, whose: str) -> None:
    owner = cast.bob() if whose == "bob's" else scene.alice
    at = NOW - timedelta(hours=25) if whose == "too old" else NOW
    draft = factories.draft(scene.alice) if whose == "on a draft" else None
    file = upload(owner, draft=draft, at=at)
    if whose == "on a case":
        first = open_case(
            wanted=scene.wanted(attachments=(file.public_id.hex,)), by=scene.alice, now=NOW
        )
        assert first.readable
    before = Case.objects.count()

    with pytest.raises(InvalidInput):
        open_case(wanted=scene.wanted(attachments=(file.public_id.hex,)), by=scene.alice, now=NOW)

    assert Case.objects.count() == before


# --- Rehearsing ----------------------------------------------------------------------------------


def test_a_rehearsal_says_when_and_what_is_left_and_writes_nothing(scene: Scene) -> None:
    rehearsal = rehearse_case(wanted=scene.wanted(), by=scene.alice, now=NOW)

    assert rehearsal.response_due_at == datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    assert rehearsal.incidents_left_after == 4
    assert nothing_was_written(scene)


def test_a_rehearsal_refuses_what_opening_would_refuse(scene: Scene) -> None:
    expired = factories.contract(
        registered_to=(scene.alice,), starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31)
    )

    with pytest.raises(NotEligible) as refused:
        rehearse_case(wanted=scene.wanted(contract=expired.public_id.hex), by=scene.alice, now=NOW)

    assert refused.value.code == "expired"


# --- Cost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("others", [0, 20])
def test_opening_takes_thirteen_statements_however_many_contacts(scene: Scene, others: int) -> None:
    open_case(wanted=scene.wanted(), by=scene.alice, now=NOW)  # the queue is there now
    people = tuple(AdditionalContact("P", str(n), factories.account().email) for n in range(others))
    draft = factories.draft(scene.alice)

    with statements() as ran:
        open_case(
            wanted=scene.wanted(additional_contacts=people),
            by=scene.alice,
            now=NOW,
            draft=draft,
        )

    assert len(ran) <= 13, ran
    assert ContactBinding.objects.count() == 2 + others


@pytest.mark.shows("F-16")
def test_an_autosave_that_came_between_is_no_second_draft(scene: Scene) -> None:
    """The page was never saved when it was read; another tab saved it before it is submitted."""
    unsaved = Draft(account=scene.alice, answers={"title": "As submitted"})
    save_draft(
        account=scene.alice,
        draft=Draft(account=scene.alice, public_id=unsaved.public_id),
        answers={"title": "As saved"},
        confirmed=(),
        now=NOW,
    )
    receipt = open_case(wanted=scene.wanted(), by=scene.alice, now=NOW, draft=unsaved)
    stored = Draft.objects.get()
    assert stored.case is not None
    assert stored.case.number == receipt.number
    assert stored.answers == {"title": "As submitted"}
