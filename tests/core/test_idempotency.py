"""A key makes a call happen once: effect and answer commit together (PA-04)."""

from __future__ import annotations

import pytest
from django.utils.translation import gettext_lazy as _

from opora.core import idempotency
from opora.core.errors import Conflict, NotFound
from opora.core.idempotency import Answer, Call, KeyReused, answer_once, fingerprint_of
from opora.core.models import AuditLine, StoredAnswer
from tests.factories import NOW

pytestmark = pytest.mark.django_db


class Full(Conflict):
    code = "full"
    title = sentence = _("Full")


class Counted(NotFound):
    keeps_effects = True


def call(*, account_id: int = 1, name: str = "POST /x", key: str = "k", body: object = "b") -> Call:
    return Call(account_id, name, key, fingerprint_of(body))


def effect() -> Answer:
    AuditLine.objects.create(at=NOW, code="done", target_kind="x", target_id="1")
    return Answer(201, f'{{"n": {AuditLine.objects.count()}}}')


def test_the_same_call_is_answered_again_and_done_once() -> None:
    first = answer_once(call(), now=NOW, work=effect)
    assert answer_once(call(), now=NOW, work=effect) == first
    assert AuditLine.objects.count() == 1


def test_another_body_under_the_key_is_refused() -> None:
    answer_once(call(), now=NOW, work=effect)
    with pytest.raises(KeyReused):
        answer_once(call(body="other"), now=NOW, work=effect)
    assert AuditLine.objects.count() == 1


@pytest.mark.shows("PA-04")
def test_a_key_belongs_to_one_account_and_one_call() -> None:
    answers = [
        answer_once(other, now=NOW, work=effect).body
        for other in (call(), call(account_id=2), call(name="POST /y"), call(key="K"))
    ]
    assert len(set(answers)) == 4


def test_a_refusal_stores_nothing_and_undoes_its_effects() -> None:
    def refused() -> Answer:
        effect()
        raise Full

    with pytest.raises(Full):
        answer_once(call(), now=NOW, work=refused)
    assert (AuditLine.objects.count(), StoredAnswer.objects.count()) == (0, 0)
    assert answer_once(call(), now=NOW, work=effect).status == 201


@pytest.mark.shows("EN-02")
def test_what_a_refusal_counted_stays_counted() -> None:
    def refused() -> Answer:
        effect()
        raise Counted

    with pytest.raises(Counted):
        answer_once(call(), now=NOW, work=refused)
    assert (AuditLine.objects.count(), StoredAnswer.objects.count()) == (1, 0)


@pytest.mark.parametrize("second", ["succeeds", "is refused"])
def test_the_first_call_wins_when_it_commits_during_the_second(
    second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = answer_once(call(), now=NOW, work=effect)
    monkeypatch.setattr(idempotency, "_look_and_take", lambda _call: None)  # it looked too early

    def work() -> Answer:
        if second == "is refused":
            raise Full  # the first took the last one
        return effect()

    assert answer_once(call(), now=NOW, work=work) == first
    assert (AuditLine.objects.count(), StoredAnswer.objects.count()) == (1, 1)


def test_parsed_json_is_compared_not_text() -> None:
    assert fingerprint_of({"a": 1, "b": [1, 2]}) == fingerprint_of({"b": [1, 2], "a": 1})
    assert fingerprint_of({"a": [2, 1]}) != fingerprint_of({"a": [1, 2]})
    assert fingerprint_of("á") != fingerprint_of("a\u0301")
