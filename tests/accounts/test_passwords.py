"""Passwords that are refused, and what is said then."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from opora.accounts.models import Account

pytestmark = pytest.mark.rules

SAID = [
    (
        "short one",
        "Choose a password of at least 15 characters.",
        "Zvolte heslo, které má nejméně 15 znaků.",
    ),
    (
        "alice.ames.long",
        "Choose a password that is less like your e-mail address.",
        "Zvolte heslo, které se méně podobá vaší e-mailové adrese.",
    ),
]


@pytest.mark.parametrize(("password", "english", "czech"), SAID)
def test_a_refused_password_says_what_to_do(password: str, english: str, czech: str) -> None:
    owner = Account(login_email="alice.ames.long@example.com")
    for language, said in (("en", english), ("cs", czech)):
        with translation.override(language), pytest.raises(ValidationError) as refused:
            validate_password(password, owner)
        assert [words.replace("\u00a0", " ") for words in refused.value.messages] == [said]


def test_a_common_password_is_refused() -> None:
    with translation.override("cs"), pytest.raises(ValidationError) as refused:
        validate_password("1qaz2wsx3edc4rfv")
    assert refused.value.messages == [
        "Zvolte heslo, které se hůř uhodne: toto je v\u00a0seznamech běžných hesel."
    ]


def test_a_few_unrelated_words_do() -> None:
    validate_password("correct horse battery staple", Account(login_email="alice@example.com"))
