"""Writing on a case: who, when, what moves, who is told (S15.1, S15.2, S16.2, S6.9, AC-12)."""

from __future__ import annotations

import pytest

from opora.accounts.models import Account
from opora.cases.actions import (
    attach_file,
    close_case,
    propose_outcome,
    remove_contact,
    take_case,
    write_message,
)
from opora.cases.errors import (
    CaseHasChanged,
    CaseIsClosed,
    NotAllowed,
    OutcomeNotAllowed,
)
from opora.cases.models import Attachment, Case, CaseReader, Message, SearchRow
from opora.cases.queries import attachments_of, messages_of
from opora.core.errors import InvalidInput, NotFound
from opora.core.models import Job
from tests import cast
from tests.cases.world import (
    HOUR,
    breaches,
    fresh,
    jobs,
    lines,
    mailed_to,
    new_case,
    upload,
    waiting,
)
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(alice: Account, bob: Account) -> Case:
    made = new_case(submitted_by=alice, others=(bob,))
    Job.objects.all().delete()
    return made


@pytest.mark.shows("S15.1", "S16.2")
def test_the_first_message_of_an_agent_is_the_first_response(case: Case, dana: Account) -> None:
    take_case(case=case, by=dana, now=NOW + HOUR)
    assert (fresh(case).status, fresh(case).first_responded_at) == ("assigned", None)

    write_message(case=case, body="A note.", by=dana, now=NOW + HOUR, is_note=True)
    assert fresh(case).first_responded_at is None

    write_message(case=case, body="We are on it.", by=dana, now=NOW + 2 * HOUR)
    write_message(case=case, body="Still are.", by=dana, now=NOW + 3 * HOUR)
    assert fresh(case).status == "in_progress"
    assert fresh(case).first_responded_at == NOW + 2 * HOUR
    assert breaches() == []


@pytest.mark.shows("S15.1")
def test_an_agent_who_writes_on_a_case_that_nobody_owns_takes_it(case: Case, dana: Account) -> None:
    write_message(case=case, body="Hello.", by=dana, now=NOW + HOUR)

    assert (fresh(case).status, fresh(case).owner) == ("in_progress", dana)
    assert breaches() == []


@pytest.mark.shows("S15.1", "S15.2")
def test_a_question_waits_until_a_contact_answers(case: Case, bob: Account, dana: Account) -> None:
    asked = waiting(case, dana)
    assert asked.status == "waiting_for_customer"
    assert set(CaseReader.objects.values_list("is_customers_turn", flat=True)) == {True}

    write_message(case=case, body="Build 20348.", by=bob, now=NOW + 2 * HOUR)
    assert fresh(case).status == "in_progress"
    assert set(CaseReader.objects.values_list("is_customers_turn", flat=True)) == {False}
    assert breaches() == []


@pytest.mark.shows("S15.1")
def test_an_agents_further_message_does_not_end_the_customers_turn(
    case: Case, dana: Account
) -> None:
    waiting(case, dana)
    since = fresh(case).status_since

    write_message(case=case, body="By the way.", by=dana, now=NOW + 5 * HOUR)

    assert (fresh(case).status, fresh(case).status_since) == ("waiting_for_customer", since)


@pytest.mark.shows("S15.1")
def test_a_contacts_message_leaves_a_new_case_where_it_is(case: Case, alice: Account) -> None:
    write_message(case=case, body="One more thing.", by=alice, now=NOW + HOUR)

    assert (fresh(case).status, fresh(case).first_responded_at) == ("submitted", None)
    assert fresh(case).last_activity_at == NOW + HOUR
    assert breaches() == []


@pytest.mark.shows("S15.1", "S15.3")
def test_a_proposed_outcome_is_taken_back_by_a_contacts_message(
    case: Case, alice: Account, dana: Account
) -> None:
    propose_outcome(case=case, outcome="workaround", body="Do this.", by=dana, now=NOW + HOUR)
    proposed = fresh(case)
    assert (proposed.status, proposed.proposed_outcome) == ("resolved", "workaround")
    assert proposed.first_responded_at == NOW + HOUR
    assert mailed_to("mail.case_resolved", case) == ["alice@example.com", "bob@example.com"]

    write_message(case=case, body="It does not help.", by=alice, now=NOW + 2 * HOUR)
    assert (fresh(case).status, fresh(case).proposed_outcome) == ("in_progress", "")
    assert breaches() == []


@pytest.mark.shows("S15.3")
def test_only_agents_propose_and_never_no_reply(case: Case, alice: Account, dana: Account) -> None:
    with pytest.raises(NotAllowed):
        propose_outcome(case=case, outcome="solved", body="Done.", by=alice, now=NOW)
    with pytest.raises(OutcomeNotAllowed) as refused:
        propose_outcome(case=case, outcome="no_reply", body="Done.", by=dana, now=NOW)

    assert "no_reply" not in refused.value.allowed
    assert fresh(case).status == "submitted"
    assert not Message.objects.exists()


@pytest.mark.shows("S6.9")
def test_agents_messages_are_mailed_to_all_contacts_and_contacts_messages_to_none(
    case: Case, alice: Account, dana: Account
) -> None:
    write_message(case=case, body="From me.", by=alice, now=NOW + HOUR)
    assert jobs() == []

    message = write_message(case=case, body="From us.", by=dana, now=NOW + 2 * HOUR)
    assert mailed_to("mail.case_message", case) == ["alice@example.com", "bob@example.com"]
    assert {job.payload["message"] for job in jobs("mail.case_message")} == {message.pk}


@pytest.mark.shows("AC-12")
def test_a_note_reaches_no_contact_and_moves_nothing(
    case: Case, alice: Account, dana: Account
) -> None:
    before = fresh(case)
    write_message(case=case, body="Canary.", by=dana, now=NOW + HOUR, is_note=True)

    assert messages_of(case, alice).items == []
    assert [message.body for message in messages_of(case, dana).items] == ["Canary."]
    assert jobs() == []
    after = fresh(case)
    assert (after.status, after.last_activity_at) == (before.status, before.last_activity_at)
    assert SearchRow.objects.filter(case=case, is_internal=True).count() == 1
    assert breaches() == []


@pytest.mark.shows("AC-12")
def test_contacts_write_no_notes_and_ask_nothing(case: Case, alice: Account) -> None:
    with pytest.raises(NotAllowed):
        write_message(case=case, body="x", by=alice, now=NOW, is_note=True)
    with pytest.raises(NotAllowed):
        write_message(case=case, body="x", by=alice, now=NOW, asks=True)

    assert not Message.objects.exists()


@pytest.mark.shows("S15.4")
def test_a_closed_case_takes_no_message_and_no_file_but_notes(
    case: Case, alice: Account, dana: Account
) -> None:
    close_case(case=case, outcome="solved", by=alice, now=NOW + HOUR)
    for writer in (alice, dana):
        with pytest.raises(CaseIsClosed):
            write_message(case=case, body="Too late.", by=writer, now=NOW + 2 * HOUR)
        with pytest.raises(CaseIsClosed):
            attach_file(case=case, chunks=[b"x"], name="x.txt", by=writer, now=NOW + 2 * HOUR)
    assert not Message.objects.exists()
    assert not Attachment.objects.exists()

    write_message(case=case, body="Why.", by=dana, now=NOW + 2 * HOUR, is_note=True)
    assert Message.objects.get().kind == "note"


@pytest.mark.shows("AC-01", "AC-13")
def test_whoever_may_not_read_may_not_write(case: Case, bob: Account) -> None:
    with pytest.raises(NotFound):
        write_message(case=case, body="Let me in.", by=cast.charlie(), now=NOW)
    remove_contact(case=case, contact=case.contacts.get(role="additional"), by=bob, now=NOW)
    with pytest.raises(NotFound):
        write_message(case=case, body="Let me back in.", by=bob, now=NOW)

    assert not Message.objects.exists()


@pytest.mark.shows("F-32")
def test_an_agent_who_looked_at_an_older_revision_is_told(case: Case, dana: Account) -> None:
    seen = fresh(case).revision
    eve = cast.eve()
    write_message(case=case, body="Mine.", by=eve, now=NOW + HOUR, revision=seen)

    with pytest.raises(CaseHasChanged) as refused:
        write_message(case=case, body="Mine too.", by=dana, now=NOW + HOUR, revision=seen)

    assert refused.value.revision == fresh(case).revision == seen + 1
    assert Message.objects.count() == 1


def test_an_empty_or_endless_message_is_refused(case: Case, alice: Account) -> None:
    for body in ("", " \n\x00", "x" * 100_001):
        with pytest.raises(InvalidInput) as refused:
            write_message(case=case, body=body, by=alice, now=NOW)
        assert [error["field"] for error in refused.value.errors] == ["body"]
    assert not Message.objects.exists()


def test_uploads_come_with_a_message_and_a_notes_files_stay_inside(
    case: Case, alice: Account, dana: Account
) -> None:
    log, trace = upload(alice), upload(dana)
    write_message(case=case, body="See log.", by=alice, now=NOW, attachments=[log])
    write_message(case=case, body="See trace.", by=dana, now=NOW, attachments=[trace], is_note=True)

    assert [file.pk for file in attachments_of(case, alice)] == [log.pk]
    assert [file.pk for file in attachments_of(case, dana)] == [log.pk, trace.pk]
    assert Message.objects.first().attachments == [log.public_id.hex]  # type: ignore[union-attr]


@pytest.mark.shows("AC-04")
def test_somebody_elses_upload_does_not_come_along(
    case: Case, alice: Account, bob: Account
) -> None:
    with pytest.raises(InvalidInput):
        write_message(case=case, body="Mine?", by=alice, now=NOW, attachments=[upload(bob)])

    assert not Message.objects.exists()
    assert Attachment.objects.get().case is None


def test_a_file_on_a_case_is_seen_by_all_or_by_agents_only(
    case: Case, alice: Account, dana: Account
) -> None:
    attach_file(case=case, chunks=[b"open"], name="open.txt", by=alice, now=NOW + HOUR)
    inside = attach_file(
        case=case, chunks=[b"in"], name="in.txt", by=dana, now=NOW + 2 * HOUR, is_internal=True
    )
    with pytest.raises(NotAllowed):
        attach_file(case=case, chunks=[b"x"], name="x", by=alice, now=NOW, is_internal=True)

    assert inside.case == case
    assert [file.name for file in attachments_of(case, alice)] == ["open.txt"]
    assert fresh(case).last_activity_at == NOW + HOUR
    assert Attachment.objects.count() == 2
    assert lines(case)[-2:] == ["case.file_added", "case.file_added"]
