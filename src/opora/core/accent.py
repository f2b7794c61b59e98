"""The vendor's colour, mended until it can be read (DESIGN, tokens). Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

LIGHT_SURFACE = (255, 255, 255)
LIGHT_CANVAS = (246, 247, 249)
DARK_SURFACE = (27, 31, 37)
DARK_RAISED = (35, 40, 48)
TINT = 0.1  # how much accent a soft ground holds; the style sheet mixes a little less
TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
INK = (16, 19, 23)

Color = tuple[int, int, int]


@dataclass(frozen=True)
class Accent:
    """The accent on light and on dark pages, each with the text that stands on it; `#rrggbb`."""

    on_light: str
    text_on_light: str
    on_dark: str
    text_on_dark: str


@lru_cache(maxsize=8)
def mend(wanted: str) -> Accent:
    """`wanted` (`#rrggbb`) moved as little as needed towards black or white until text in it, and
    text on it, has a contrast of at least 4.5:1."""
    color = parse(wanted)
    light = _moved(color, towards=(0, 0, 0), against=(LIGHT_SURFACE, LIGHT_CANVAS))
    dark = _moved(color, towards=(255, 255, 255), against=(DARK_SURFACE, DARK_RAISED))
    return Accent(spell(light), _text_on(light), spell(dark), _text_on(dark))


def parse(text: str) -> Color:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def spell(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio by WCAG: 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Color) -> float:
    parts = [c / 255 for c in color]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _moved(color: Color, *, towards: Color, against: tuple[Color, ...]) -> Color:
    for step in range(101):
        share = step / 100
        moved = tuple(round(c + (t - c) * share) for c, t in zip(color, towards, strict=True))
        candidate: Color = (moved[0], moved[1], moved[2])
        grounds = (*against, _tinted(against[0], candidate))
        if all(contrast(candidate, ground) >= TEXT_CONTRAST for ground in grounds):
            return candidate
    return towards


def _tinted(ground: Color, accent: Color) -> Color:
    red, green, blue = (round(g + (a - g) * TINT) for g, a in zip(ground, accent, strict=True))
    return red, green, blue


def _text_on(color: Color) -> str:
    white = (255, 255, 255)
    return spell(white if contrast(color, white) >= contrast(color, INK) else INK)
