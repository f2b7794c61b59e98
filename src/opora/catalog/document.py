"""The catalogue file: read whole, every bad row named by JSON pointer, before anything is written.

    {"catalog": [{"family", "product", "deployment", "versions": [{"listing", …}],
                  "aliases"?, "portal"?, "problems"?}],
     "families"?: [{"family", "deployment"?, "portal"?, "problems"?}],
     "categories"?: [{"id", "name"}]}

docs/spec/catalog.md describes it for those who write one. Unknown keys are left alone: they are
other people's. A known key with a value of another type refuses the file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from opora.catalog.errors import BadCatalogue
from opora.catalog.facts import DAYS, POLICIES, NoSuchValue, parsed_fact
from opora.catalog.lifecycle import slug_of
from opora.core.wording import LANGUAGES

DEPLOYMENTS = ("on_premises", "client", "developer", "hybrid", "cloud")
NONE_OF_THESE = "none-of-these"  # always offered, never loaded
TEXT, LONG = 200, 500

Row = TypeVar("Row")


@dataclass(frozen=True)
class PortalRow:
    slug: str
    names: Mapping[str, str]
    url: str


@dataclass(frozen=True)
class ProblemRow:
    slug: str
    category: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class Extras:
    """What a product or a family may carry. None: the file says nothing, what is stored stays.
    A portal of `()` means the file says there is none."""

    portal: PortalRow | tuple[()] | None = None
    problems: tuple[ProblemRow, ...] | None = None

    def or_else(self, other: Extras) -> Extras:
        """These, completed by `other` where they say nothing."""
        return Extras(
            portal=other.portal if self.portal is None else self.portal,
            problems=other.problems if self.problems is None else self.problems,
        )


@dataclass(frozen=True)
class VersionRow:
    """`facts` holds every fact of `Version` by its field, missing ones as None."""

    slug: str
    name: str
    facts: Mapping[str, Any]
    position: int


@dataclass(frozen=True)
class ProductRow:
    slug: str
    family: str
    name: str
    deployment: str
    aliases: tuple[str, ...] | None
    extras: Extras
    versions: tuple[VersionRow, ...]


@dataclass(frozen=True)
class FamilyRow:
    """What the products of a family (with that deployment, "" any) get that carry none."""

    family: str
    deployment: str
    extras: Extras

    @property
    def key(self) -> str:
        return " ".join(filter(None, (self.family, self.deployment)))

    def covers(self, family: str, deployment: str) -> bool:
        return self.family == family and self.deployment in ("", deployment)


@dataclass(frozen=True)
class Catalogue:
    """A file that can be loaded as it stands."""

    products: tuple[ProductRow, ...]
    families: tuple[FamilyRow, ...]
    category_names: Mapping[str, Mapping[str, str]]


def read_catalogue(document: Any) -> Catalogue:
    """The rows of a parsed JSON document; BadCatalogue with one error a bad row."""
    return _Reader().read(document)


@dataclass
class _Reader:
    """Goes through the document once and remembers everything that is wrong with it."""

    errors: list[dict[str, str]] = field(default_factory=list)
    portals: dict[str, tuple[str, PortalRow]] = field(default_factory=dict)

    def read(self, document: Any) -> Catalogue:
        if not isinstance(document, dict):
            self.refuse("", _("This must be an object with a list “catalog”."))
            raise BadCatalogue(errors=self.errors)
        products = self.rows(document, "catalog", "", self.product, required=True)
        families = self.rows(document, "families", "", self.family)
        categories = self.rows(document, "categories", "", self.category)
        self.unique("/catalog", ((at, row.slug, row.name) for at, row in products))
        self.unique("/families", ((at, row.key, row.family) for at, row in families))
        self.unique("/categories", ((at, slug, slug) for at, (slug, names) in categories))
        if self.errors:
            raise BadCatalogue(errors=self.errors)
        return Catalogue(
            products=tuple(row for at, row in products),
            families=tuple(row for at, row in families),
            category_names=dict(row for at, row in categories),
        )

    # --- Rows ------------------------------------------------------------------------------------

    def product(self, raw: Mapping[str, Any], at: str, position: int) -> ProductRow:
        name = self.text(raw, "product", at)
        versions = self.rows(raw, "versions", at, self.version)
        self.unique(f"{at}/versions", ((where, row.slug, row.name) for where, row in versions))
        return ProductRow(
            slug=self.slug(name, f"{at}/product"),
            family=self.text(raw, "family", at),
            name=name,
            deployment=self.choice(raw, "deployment", at, DEPLOYMENTS),
            aliases=self.aliases(raw, at),
            extras=self.extras(raw, at),
            versions=tuple(row for where, row in versions),
        )

    def version(self, raw: Mapping[str, Any], at: str, position: int) -> VersionRow:
        self.text(raw, "version", at, required=False)
        name = self.text(raw, "listing", at)
        facts = {ours: self.fact(raw, theirs, at) for theirs, ours in DAYS.items()}
        return VersionRow(
            slug=self.slug(name, f"{at}/listing"),
            name=name,
            facts=facts
            | {
                "policy": self.choice(raw, "policy", at, POLICIES, missing="unknown"),
                "generation": self.fact(raw, "generation", at),
            },
            position=position,
        )

    def family(self, raw: Mapping[str, Any], at: str, position: int) -> FamilyRow:
        return FamilyRow(
            family=self.text(raw, "family", at),
            deployment=self.choice(raw, "deployment", at, DEPLOYMENTS, missing=""),
            extras=self.extras(raw, at),
        )

    def category(
        self, raw: Mapping[str, Any], at: str, position: int
    ) -> tuple[str, Mapping[str, str]]:
        return self.text(raw, "id", at), self.names(raw, at)

    def extras(self, raw: Mapping[str, Any], at: str) -> Extras:
        portal: PortalRow | tuple[()] | None = None
        if "portal" in raw:
            portal = () if raw["portal"] is None else self.portal(raw["portal"], f"{at}/portal")
        if raw.get("problems") is None:
            return Extras(portal=portal)
        problems = self.rows(raw, "problems", at, self.problem)
        self.unique(f"{at}/problems", ((where, row.slug, row.slug) for where, row in problems))
        return Extras(portal=portal, problems=tuple(row for where, row in problems))

    def problem(self, raw: Mapping[str, Any], at: str, position: int) -> ProblemRow:
        slug = self.text(raw, "id", at)
        if slug and (slug != slug_of(slug) or slug == NONE_OF_THESE):
            message = _("“%(id)s” cannot be an id: use a–z, 0–9 and single dashes.")
            if slug == NONE_OF_THESE:
                message = _("“%(id)s” is always offered; it cannot be loaded.")
            self.refuse(f"{at}/id", message % {"id": slug})
        return ProblemRow(
            slug=slug, category=self.text(raw, "category", at), names=self.names(raw, at)
        )

    def portal(self, raw: Any, at: str) -> PortalRow | None:
        if not isinstance(raw, dict):
            self.refuse(at, _("This must be an object."))
            return None
        names = self.names(raw, at)
        url = self.text(raw, "url", at, longest=LONG)
        if url and not _is_web_address(url):
            self.refuse(f"{at}/url", _("“%(url)s” is no web address.") % {"url": url})
        known_as = self.text(raw, "id", at, required=False) or names.get("en") or names.get("cs")
        row = PortalRow(slug=self.slug(known_as or "", f"{at}/name"), names=names, url=url)
        first_at, first = self.portals.setdefault(row.slug, (at, row))
        if first != row:
            self.refuse(
                at,
                _("This and %(first)s are one portal, “%(id)s”, and differ.")
                % {"first": first_at, "id": row.slug},
            )
        return row

    # --- Values ----------------------------------------------------------------------------------

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

    def unique(self, at: str, rows: Iterator[tuple[str, str, str]]) -> None:
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

    def aliases(self, raw: Mapping[str, Any], at: str) -> tuple[str, ...] | None:
        value = raw.get("aliases")
        if value is None:
            return None
        if not isinstance(value, list):
            self.refuse(f"{at}/aliases", _("This must be a list."))
            return None
        return tuple(self.one_text(one, f"{at}/aliases/{n}") for n, one in enumerate(value))

    def names(self, raw: Mapping[str, Any], at: str) -> Mapping[str, str]:
        """`name` (or `names`): a text for every language, or an object of texts by language."""
        key = "names" if "name" not in raw and "names" in raw else "name"
        value = raw.get(key)
        if isinstance(value, str):
            return {"en": self.one_text(value, f"{at}/{key}")}
        if not isinstance(value, dict) or not any(value.get(code) for code in LANGUAGES):
            self.refuse(f"{at}/{key}", _("This must be a text, or texts under “cs” and “en”."))
            return {}
        return {
            code: self.one_text(value[code], f"{at}/{key}/{code}")
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
