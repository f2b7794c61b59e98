"""Reading a file that the vendor wrote: every value checked, every fault named by JSON pointer."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from opora.catalog.facts import DAYS, NoSuchValue, parsed_fact
from opora.catalog.lifecycle import slug_of
from opora.core.wording import LANGUAGES

SHORT, TEXT, LONG = 100, 200, 500

Row = TypeVar("Row")


@dataclass
class Reader:
    """Reads values out of a parsed JSON document and remembers everything that is wrong with it."""

    errors: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, at: str, message: str) -> None:
        self.errors.append({"field": at, "message": message})

    def rows(
        self,
        raw: Mapping[str, Any],
        key: str,
        at: str,
        read: Callable[[Mapping[str, Any], str, int], Row],
        *,
        required: bool = False,
    ) -> list[tuple[str, Row]]:
        """The rows of a list with their pointers; those that are no objects are refused."""
        at = f"{at}/{key}"
        if raw.get(key) is None and not required:
            return []
        if not isinstance(raw.get(key), list):
            self.refuse(at, _("This must be a list."))
            return []
        found = []
        for position, row in enumerate(raw[key]):
            if isinstance(row, dict):
                found.append((f"{at}/{position}", read(row, f"{at}/{position}", position)))
            else:
                self.refuse(f"{at}/{position}", _("This must be an object."))
        return found

    def unique(self, rows: Iterator[tuple[str, str, str]]) -> None:
        """Refuse the second of two rows (pointer, id, name) with one id, naming both."""
        seen: dict[str, tuple[str, str]] = {}
        for pointer, slug, name in rows:
            if slug in seen and slug:
                facts = {"name": name, "first": seen[slug][0], "other": seen[slug][1], "id": slug}
                self.refuse(
                    pointer,
                    _("“%(name)s” and “%(other)s” in %(first)s have one id, “%(id)s”.") % facts,
                )
            seen.setdefault(slug, (pointer, name))

    def text(
        self,
        raw: Mapping[str, Any],
        key: str,
        at: str,
        *,
        required: bool = True,
        longest: int = TEXT,
    ) -> str:
        value = raw.get(key)
        if value is None and not required:
            return ""
        return self.one_text(value, f"{at}/{key}", longest)

    def one_text(self, value: Any, at: str, longest: int = TEXT) -> str:
        if not isinstance(value, str) or not value.strip():
            self.refuse(at, _("This must be a text that is not empty."))
        elif len(value) > longest:
            self.refuse(
                at, _("This must be at most %(longest)s characters.") % {"longest": longest}
            )
        elif any(unicodedata.category(c) in ("Cc", "Cs") for c in value):
            self.refuse(at, _("This holds characters that no name has."))
        else:
            return value.strip()
        return ""

    def slug(self, name: str, at: str) -> str:
        slug = slug_of(name)
        if name and not slug:
            self.refuse(at, _("“%(name)s” gives no id: it has no a–z and no 0–9.") % {"name": name})
        return slug

    def choice(
        self,
        raw: Mapping[str, Any],
        key: str,
        at: str,
        allowed: tuple[str, ...],
        *,
        missing: str | None = None,
    ) -> str:
        value = raw.get(key)
        if value is None and missing is not None:
            return missing
        if not isinstance(value, str) or value not in allowed:
            self.refuse(
                f"{at}/{key}",
                _("This must be one of %(allowed)s.") % {"allowed": ", ".join(allowed)},
            )
            return ""
        return value

    def fact(self, raw: Mapping[str, Any], key: str, at: str) -> Any:
        try:
            return parsed_fact(DAYS.get(key, key), raw.get(key))
        except NoSuchValue:
            self.refuse(
                f"{at}/{key}",
                _("This must be a whole number from 0, or null.")
                if key == "generation"
                else _("This must be a day, YYYY-MM-DD, or null."),
            )
            return None

    def texts(self, raw: Mapping[str, Any], key: str, at: str) -> tuple[str, ...] | None:
        """A list of texts; None if the row does not mention it."""
        value = raw.get(key)
        if value is None:
            return None
        if not isinstance(value, list):
            self.refuse(f"{at}/{key}", _("This must be a list."))
            return None
        return tuple(self.one_text(one, f"{at}/{key}/{n}") for n, one in enumerate(value))

    def own_slug(self, raw: Mapping[str, Any], at: str) -> str:
        """The row's `id`, written as an id is."""
        slug = self.text(raw, "id", at)
        if slug and (slug != slug_of(slug) or len(slug) > SHORT):
            message = _("“%(id)s” cannot be an id: use a–z, 0–9 and single dashes.")
            self.refuse(f"{at}/id", message % {"id": slug})
        return slug

    def address(self, raw: Mapping[str, Any], key: str, at: str, *, required: bool = True) -> str:
        """A web address."""
        url = self.text(raw, key, at, longest=LONG, required=required)
        if url and not _is_web_address(url):
            self.refuse(f"{at}/{key}", _("“%(url)s” is no web address.") % {"url": url})
        return url

    def whole_number(
        self, raw: Mapping[str, Any], key: str, at: str, *, missing: int, most: int
    ) -> int:
        """A number from 1 to `most`."""
        value = raw.get(key, missing)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            self.refuse(
                f"{at}/{key}", _("This must be a whole number from 1 to %(most)s.") % {"most": most}
            )
            return missing
        return value

    def yes_or_no(self, raw: Mapping[str, Any], key: str, at: str) -> bool:
        value = raw.get(key, False)
        if not isinstance(value, bool):
            self.refuse(f"{at}/{key}", _("This must be true or false."))
        return value is True

    def names(self, raw: Mapping[str, Any], at: str) -> Mapping[str, str]:
        """`name` (or `names`): a text for every language, or an object of texts by language."""
        key = "names" if "name" not in raw and "names" in raw else "name"
        return self.by_language(raw.get(key), f"{at}/{key}", TEXT)

    def sentences(
        self, raw: Mapping[str, Any], key: str, at: str, longest: int = LONG
    ) -> Mapping[str, str] | None:
        """The same for longer texts; None if the row does not mention them."""
        return None if raw.get(key) is None else self.by_language(raw[key], f"{at}/{key}", longest)

    def by_language(self, value: Any, at: str, longest: int) -> Mapping[str, str]:
        if isinstance(value, str):
            return {"en": self.one_text(value, at, longest)}
        if not isinstance(value, dict) or not any(value.get(code) for code in LANGUAGES):
            self.refuse(at, _("This must be a text, or texts under “cs” and “en”."))
            return {}
        return {
            code: self.one_text(value[code], f"{at}/{code}", longest)
            for code in LANGUAGES
            if value.get(code) is not None
        }


def _is_web_address(url: str) -> bool:
    """An https or http address with a host and nothing that a link must not carry."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("https", "http")
            and bool(parts.hostname)
            and parts.username is None
            and not any(c.isspace() for c in url)
        )
    except ValueError:
        return False
