"""How instants, numbers and people's texts are written."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from opora.core.accent import LIGHT_CANVAS, contrast, mend, parse
from opora.web import formats

pytestmark = pytest.mark.rules

AT = datetime(2026, 11, 24, 9, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "style", "expected"),
    [
        ("en", "short", "24 Nov 2026, 10:40"),
        ("en", "long", "Tue 24 Nov, 10:40"),
        ("cs", "short", "24. 11. 2026 10:40"),
        ("cs", "long", "út 24. 11., 10:40"),
    ],
)
def test_an_instant_is_told_in_the_readers_language_and_zone(
    language: str, style: str, expected: str
) -> None:
    with (
        translation.override(language),
        timezone.override(ZoneInfo("Europe/Prague")),
        time_machine.travel(AT),
    ):
        assert formats.instant(AT, style).replace("\u00a0", " ") == expected


def test_another_zone_is_named() -> None:
    with translation.override("cs"), timezone.override(ZoneInfo("America/New_York")):
        told = formats.instant(AT, zone="Europe/Prague").replace("\u00a0", " ")
        assert told == "24. 11. 2026 10:40 (Praha)"
        assert "(" not in formats.instant(AT, zone="America/New_York")


def test_ids_are_grouped() -> None:
    assert formats.contract_id("123456789012") == "1234-5678-9012"
    assert formats.contract_id("1234-5678-9012") == "1234-5678-9012"
    assert formats.case_number("2611230123456789") == "2611\u00a02301\u00a02345\u00a06789"


def test_a_czech_preposition_stays_with_its_word() -> None:
    with translation.override("cs"):
        assert formats.tidy("Přejít k žádosti v portálu") == "Přejít k\u00a0žádosti v\u00a0portálu"
    with translation.override("en"):
        assert formats.tidy("a request") == "a request"


@pytest.mark.shows("XS-01", "XS-02", "XS-03")
@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("data:text/html,x", "data:text/html,x"),
        ("a & b", "a &amp; b"),
    ],
)
def test_what_people_type_stays_text(typed: str, shown: str) -> None:
    assert formats.prose(typed) == shown


def test_addresses_become_links_without_the_full_stop() -> None:
    assert formats.prose("See https://example.com/a?b=1&c=2.") == (
        'See <a href="https://example.com/a?b=1&amp;c=2" rel="noopener noreferrer nofollow ugc">'
        "https://example.com/a?b=1&amp;c=2</a>."
    )


@given(st.text(max_size=300))
def test_no_text_makes_any_element_but_links(text: str) -> None:
    shown = formats.prose(text)
    assert shown.count("<") == shown.count("<a href=") + shown.count("</a>")


@given(st.integers(0, 0xFFFFFF))
def test_the_vendors_colour_can_always_be_read(color: int) -> None:
    accent = mend(f"#{color:06x}")
    assert contrast(parse(accent.on_light), LIGHT_CANVAS) >= 4.5
    assert contrast(parse(accent.on_light), parse(accent.text_on_light)) >= 4.5
    assert contrast(parse(accent.on_dark), parse(accent.text_on_dark)) >= 4.5


def test_a_colour_that_can_be_read_is_left_alone() -> None:
    assert mend("#0b5cad").on_light == "#0b5cad"


@pytest.mark.parametrize("spoken", ["cs", "en"])
def test_a_tidied_sentence_escapes_a_name_once(spoken: str) -> None:
    sentence = Markup("Otevřel ji %(name)s v pondělí.") % {"name": "R&D"}
    with translation.override(spoken):
        assert str(escape(formats.tidy(sentence))).replace("\u00a0", " ") == (
            "Otevřel ji R&amp;D v pondělí."
        )
