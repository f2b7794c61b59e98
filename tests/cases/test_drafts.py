"""Drafts keep what was typed, until submitted or discarded (S5.2, S6, F-16)."""

from __future__ import annotations

import pytest

from opora.cases.actions import discard_draft, open_case, save_draft
from opora.cases.errors import DraftIsGone
from opora.cases.files import receive_file
from opora.cases.models import Attachment, Draft
from opora.cases.queries import draft_for, drafts_of, receipt_of, upload_for
from opora.core.errors import NotFound
from tests import cast, factories
from tests.cases.world import HOUR, request
from tests.counting import statements
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.shows("S5.2", "S6.4")
def test_a_draft_starts_with_the_profiles_values() -> None:
    alice = cast.alice()
    answers = factories.draft(alice).answers

    assert (answers["country"], answers["time_zone"]) == ("CZ", "Europe/Prague")
    assert answers["primary_contact"]["email"] == "alice@example.com"
    assert (answers["severity"], answers["non_production"]) == ("B", False)


def test_saving_keeps_everything_as_typed_in_one_statement() -> None:
    alice = cast.alice()
    draft = factories.draft(alice)
    typed = {"title": "x" * 500, "country": "??", "odd": [1, {"a\x00": "b\x00"}]}
    with statements() as ran:
        save_draft(
            account=alice,
            draft=draft,
            answers=typed,
            confirmed=["support", "no-step"],
            now=NOW + HOUR,
        )

    kept = Draft.objects.get()
    assert kept.answers == {"title": "x" * 500, "country": "??", "odd": [1, {"a": "b"}]}
    assert kept.confirmed == ["support"]
    assert len(ran) == 1


@pytest.mark.shows("F-16")
def test_a_submitted_draft_is_not_written_over_and_a_discarded_one_is_gone() -> None:
    alice = cast.alice()
    contract = factories.contract(registered_to=(alice,))
    submitted, discarded = factories.draft(alice), factories.draft(alice)
    wanted = request(by=alice, contract=contract, of=factories.version())
    receipt = open_case(wanted=wanted, by=alice, now=NOW, draft=submitted)
    discard_draft(account=alice, draft=discarded, now=NOW)
    discard_draft(account=alice, draft=submitted, now=NOW)

    after = save_draft(account=alice, draft=submitted, answers={}, confirmed=[], now=NOW)
    assert after.case is not None
    assert after.case.number == receipt.number
    assert after.answers != {}
    assert receipt_of(after) == receipt
    with pytest.raises(DraftIsGone):
        save_draft(account=alice, draft=discarded, answers={}, confirmed=[], now=NOW)


def test_discarding_takes_the_files_along() -> None:
    alice = cast.alice()
    draft = factories.draft(alice)
    receive_file(account=alice, chunks=[b"log"], name="log.txt", now=NOW, draft=draft)
    discard_draft(account=alice, draft=draft, now=NOW)

    assert not Attachment.objects.exists()
    assert not Draft.objects.exists()


@pytest.mark.shows("AC-01", "AC-04")
def test_drafts_and_uploads_are_their_accounts_own() -> None:
    alice, charlie = cast.alice(), cast.charlie()
    first, second = factories.draft(alice), factories.draft(alice, at=NOW + HOUR)
    file = receive_file(account=alice, chunks=[b"log"], name="log.txt", now=NOW)

    assert drafts_of(alice) == [second, first]
    assert draft_for(alice, first.public_id.hex) == first
    assert upload_for(alice, file.public_id.hex) == file
    for stranger in (charlie, cast.eve()):
        assert drafts_of(stranger) == []
        with pytest.raises(NotFound):
            draft_for(stranger, first.public_id.hex)
        with pytest.raises(NotFound):
            upload_for(stranger, file.public_id.hex)
    save_before = Draft.objects.get(pk=first.pk).answers
    with pytest.raises(DraftIsGone):
        save_draft(account=charlie, draft=first, answers={"title": "!"}, confirmed=[], now=NOW)
    discard_draft(account=charlie, draft=first, now=NOW)
    assert Draft.objects.get(pk=first.pk).answers == save_before
    with pytest.raises(NotFound):
        receipt_of(first)
