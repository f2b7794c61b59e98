"""What contacts say of a closed request: one answer each, which may be changed, and be counted."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Avg, Count

from opora.accounts.models import Account
from opora.cases.actions import close_case, rate_case, remove_contact, take_case
from opora.cases.errors import CaseIsOpen, NotAllowed
from opora.cases.models import Case, Rating
from opora.cases.queries import case_at_desk, case_page_for, rating_of
from opora.core.errors import InvalidInput, NotFound
from tests import cast
from tests.cases.world import DAY, HOUR, fresh, lines, new_case
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(alice: Account, bob: Account, dana: Account) -> Case:
    made = new_case(submitted_by=alice, others=(bob,))
    take_case(case=made, by=dana, now=NOW)
    close_case(case=made, outcome="solved", by=dana, now=NOW + HOUR)
    return fresh(made)


@pytest.mark.shows("S8.2")
def test_each_contact_answers_once_and_may_change_it(
    closed: Case, alice: Account, bob: Account, dana: Account
) -> None:
    rate_case(case=closed, score=2, comment="Slow.", by=alice, now=NOW + DAY)
    rate_case(case=closed, score=4, comment=" Better \n", by=alice, now=NOW + 2 * DAY)
    rate_case(case=closed, score=5, comment="", by=bob, now=NOW + DAY)

    own = rating_of(closed, alice)
    assert own is not None
    assert (own.score, own.comment, own.answered_at) == (4, "Better", NOW + DAY)
    assert own.changed_at == NOW + 2 * DAY
    told = case_at_desk(dana, closed.number).ratings
    assert [(rating.full_name, rating.score) for rating in told] == [
        ("Alice Ames", 4),
        ("Bob Burke", 5),
    ]
    assert case_page_for(bob, closed.number).viewer_score == 5  # type: ignore[attr-defined]
    assert lines(closed)[-3:] == ["case.rated"] * 3


@pytest.mark.shows("S8.2")
def test_answers_are_counted_by_agent_and_queue_and_outlive_the_contact(
    closed: Case, alice: Account, bob: Account, dana: Account
) -> None:
    rate_case(case=closed, score=5, comment="", by=alice, now=NOW + DAY)
    rate_case(case=closed, score=2, comment="", by=bob, now=NOW + DAY)
    contact = closed.contacts.get(email=bob.email)
    remove_contact(case=closed, contact=contact, by=alice, now=NOW + 2 * DAY)

    [counted] = Rating.objects.values("queue", "owner").annotate(
        many=Count("pk"), mean=Avg("score")
    )
    assert (counted["owner"], counted["many"], counted["mean"]) == (dana.pk, 2, 3.5)


@pytest.mark.shows("AC-01")
def test_nobody_else_answers_and_nobody_before_the_end(
    closed: Case, alice: Account, dana: Account
) -> None:
    tries: list[tuple[type[Exception], dict[str, Any]]] = [
        (NotAllowed, {"case": closed, "by": dana}),
        (NotFound, {"case": closed, "by": cast.charlie()}),
        (CaseIsOpen, {"case": new_case(submitted_by=alice), "by": alice}),
    ]
    for refusal, facts in tries:
        with pytest.raises(refusal):
            rate_case(score=5, comment="", now=NOW, **facts)
    assert Rating.objects.count() == 0


@pytest.mark.parametrize(
    ("score", "comment", "field"), [(0, "", "score"), (6, "", "score"), (3, "x" * 2001, "comment")]
)
def test_an_answer_is_one_of_five_with_a_short_comment(
    closed: Case, alice: Account, score: int, comment: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        rate_case(case=closed, score=score, comment=comment, by=alice, now=NOW)
    assert [error["field"] for error in refused.value.errors] == [field]
    assert Rating.objects.count() == 0
