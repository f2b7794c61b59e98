"""The catalogue file: read whole, every bad row named by JSON pointer, before anything is written.

    {"catalog": [{"family", "product", "deployment", "versions": [{"listing", …}],
                  "aliases"?, "portal"?, "problems"?}],
     "families"?: [{"family", "deployment"?, "portal"?, "problems"?}],
     "portals"?: [{"id", "name", "url", "sign_in"?, "contract_ids"?}],
     "questions"?: [{"id", "name", "hint"?, "lines"?, "general"?}],
     "categories"?: [{"id", "name"}]}

docs/spec/catalog.md describes it for those who write one. Unknown keys are left alone: they are
other people's. A known key with a value of another type refuses the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from opora.catalog.errors import BadCatalogue
from opora.catalog.facts import DAYS, POLICIES
from opora.catalog.reading import Reader

DEPLOYMENTS = ("on_premises", "client", "developer", "hybrid", "cloud")
NONE_OF_THESE = "none-of-these"  # always offered, never loaded
MOST_LINES = 20  # of a question's field
NO_NAMES: Mapping[str, str] = {}


@dataclass(frozen=True)
class PortalRow:
    """`sign_in` and `contract_ids`: sentences by language; None: the file says nothing of it."""

    slug: str
    names: Mapping[str, str]
    url: str
    sign_in: Mapping[str, str] | None = None
    contract_ids: Mapping[str, str] | None = None


@dataclass(frozen=True)
class ProblemRow:
    """`questions`: ids of those asked with it; none: the general ones."""

    slug: str
    category: str
    names: Mapping[str, str]
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuestionRow:
    """A question that may be answered beside the description. `lines`: how high its field is."""

    slug: str
    names: Mapping[str, str]
    hints: Mapping[str, str]
    lines: int
    is_general: bool


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
    portals: tuple[PortalRow, ...]
    questions: tuple[QuestionRow, ...]


def read_catalogue(document: Any) -> Catalogue:
    """The rows of a parsed JSON document; BadCatalogue with one error a bad row."""
    return _Reader().read(document)


@dataclass
class _Reader(Reader):
    """Goes through the document once."""

    portals: dict[str, tuple[str, PortalRow]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)  # pointer, id of a question

    def read(self, document: Any) -> Catalogue:
        if not isinstance(document, dict):
            self.refuse("", _("This must be an object with a list “catalog”."))
            raise BadCatalogue(errors=self.errors)
        portals = self.rows(document, "portals", "", self.named_portal)
        questions = self.rows(document, "questions", "", self.question)
        products = self.rows(document, "catalog", "", self.product, required=True)
        families = self.rows(document, "families", "", self.family)
        categories = self.rows(document, "categories", "", self.category)
        self.unique((at, row.slug, row.name) for at, row in products)
        self.unique((at, row.key, row.family) for at, row in families)
        self.unique((at, slug, slug) for at, (slug, names) in categories)
        self.unique((at, row.slug, row.slug) for at, row in portals if row)
        self.unique((at, row.slug, row.slug) for at, row in questions)
        self.known_questions({row.slug for at, row in questions})
        if self.errors:
            raise BadCatalogue(errors=self.errors)
        return Catalogue(
            products=tuple(row for at, row in products),
            families=tuple(row for at, row in families),
            category_names=dict(row for at, row in categories),
            portals=tuple(row for at, row in portals if row),
            questions=tuple(row for at, row in questions),
        )

    # --- Rows ------------------------------------------------------------------------------------

    def product(self, raw: Mapping[str, Any], at: str, position: int) -> ProductRow:
        name = self.text(raw, "product", at)
        versions = self.rows(raw, "versions", at, self.version)
        self.unique((where, row.slug, row.name) for where, row in versions)
        return ProductRow(
            slug=self.slug(name, f"{at}/product"),
            family=self.text(raw, "family", at),
            name=name,
            deployment=self.choice(raw, "deployment", at, DEPLOYMENTS),
            aliases=self.texts(raw, "aliases", at),
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
        self.unique((where, row.slug, row.slug) for where, row in problems)
        return Extras(portal=portal, problems=tuple(row for where, row in problems))

    def problem(self, raw: Mapping[str, Any], at: str, position: int) -> ProblemRow:
        slug = self.own_slug(raw, at)
        if slug == NONE_OF_THESE:
            message = _("“%(id)s” is always offered; it cannot be loaded.")
            self.refuse(f"{at}/id", message % {"id": slug})
        questions = self.texts(raw, "questions", at) or ()
        self.asked += [(f"{at}/questions/{n}", one) for n, one in enumerate(questions)]
        return ProblemRow(
            slug=slug,
            category=self.text(raw, "category", at),
            names=self.names(raw, at),
            questions=questions,
        )

    def question(self, raw: Mapping[str, Any], at: str, position: int) -> QuestionRow:
        return QuestionRow(
            slug=self.own_slug(raw, at),
            names=self.names(raw, at),
            hints=self.sentences(raw, "hint", at) or NO_NAMES,
            lines=self.whole_number(raw, "lines", at, missing=1, most=MOST_LINES),
            is_general=self.yes_or_no(raw, "general", at),
        )

    def known_questions(self, known: set[str]) -> None:
        for at, slug in self.asked:
            if slug and slug not in known:
                self.refuse(
                    at, _("There is no question “%(id)s” under “questions”.") % {"id": slug}
                )

    def named_portal(self, raw: Mapping[str, Any], at: str, position: int) -> PortalRow | None:
        """A row of `portals`, to which products refer by its id."""
        return self.portal(raw, at) if self.own_slug(raw, at) else None

    def portal(self, raw: Any, at: str) -> PortalRow | None:
        """A portal as an object, or the id of one that stands under `portals`."""
        if isinstance(raw, str):
            if raw not in self.portals:
                self.refuse(at, _("There is no portal “%(id)s” under “portals”.") % {"id": raw})
                return None
            return self.portals[raw][1]
        if not isinstance(raw, dict):
            self.refuse(at, _("This must be an object, or an id."))
            return None
        names = self.names(raw, at)
        url = self.address(raw, "url", at)
        known_as = self.text(raw, "id", at, required=False) or names.get("en") or names.get("cs")
        row = PortalRow(
            slug=self.slug(known_as or "", f"{at}/name"),
            names=names,
            url=url,
            sign_in=self.sentences(raw, "sign_in", at),
            contract_ids=self.sentences(raw, "contract_ids", at),
        )
        first_at, first = self.portals.setdefault(row.slug, (at, row))
        if first != row:
            self.refuse(
                at,
                _("This and %(first)s are one portal, “%(id)s”, and differ.")
                % {"first": first_at, "id": row.slug},
            )
        return row
