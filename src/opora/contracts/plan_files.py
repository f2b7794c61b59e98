"""A plans file: its shape, checked whole before anything is loaded, and written back alike.

    {"version": 1, "plans": [{"code", "name": {"cs", "en"}, "aliases", …, and the terms}]}

`read_plans` takes what `listed` makes: what `opora plans list --json` prints can be loaded.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from opora.contracts.errors import BadPlans
from opora.contracts.models import Plan
from opora.contracts.terms import EVERY_OTHER

Code = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100, strict=True)
]


def _without_controls(text: str) -> str:
    """PostgreSQL keeps no NUL, and no name has a line end."""
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        raise PydanticCustomError("controls", "This holds characters that no name has")
    return text


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, strict=True),
    AfterValidator(_without_controls),
]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$", strict=True)]
Deployment = Literal["on_premises", "client", "developer", "cloud"]
Severity = Literal["A", "B", "C"]
AccountKind = Literal["personal", "work"]
Phase = Literal["mainstream", "extended"]


def _once(values: list[str]) -> list[str]:
    """One order and no repetition, so that equal terms are equal JSON."""
    return sorted(set(values))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Name(_Part):
    cs: Text
    en: Text


class _Term(_Part):
    years: Annotated[int, Field(ge=0, le=100)] = 0
    months: Annotated[int, Field(ge=0, le=1200)] = 0

    @model_validator(mode="after")
    def _lasts(self) -> _Term:
        if not self.years and not self.months:
            raise ValueError(_("a term lasts at least a month"))
        return self


class _Coverage(_Part):
    deployments: Annotated[list[Deployment], Field(min_length=1), AfterValidator(_once)]
    phases: dict[
        Literal["on_premises", "client", "developer", "cloud", "other"],
        Annotated[list[Phase], Field(min_length=1), AfterValidator(_once)],
    ]
    max_generation: Annotated[int, Field(ge=0, le=100)] | None = None
    production: bool = True
    excluded_products: Annotated[list[Code], AfterValidator(_once)] = []

    @model_validator(mode="after")
    def _says_for_every_other(self) -> _Coverage:
        if EVERY_OTHER not in self.phases:
            raise ValueError(_("phases need an entry “other” for the deployments not named"))
        return self


class _Price(_Part):
    amount: Annotated[int, Field(ge=1, le=10**12)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$", strict=True)]
    tax_rate: Annotated[int, Field(ge=0, le=10_000)] = 0
    surcharge: Annotated[int, Field(ge=0, le=10**12)] = 0


class _Prices(_Price):
    countries: dict[Country, _Price] = {}


class _Terms(_Part):
    incidents: Annotated[int, Field(ge=1, le=100_000)] | None
    term: _Term
    grace_days: Annotated[int, Field(ge=0, le=3660)] = 0
    coverage: _Coverage
    severities: Annotated[list[Severity], Field(min_length=1), AfterValidator(_once)]
    round_the_clock: Annotated[list[Severity], AfterValidator(_once)] = []
    buyers: Annotated[list[AccountKind], AfterValidator(_once)] = []
    regions: Annotated[list[Country], AfterValidator(_once)] | None = None
    price: _Prices | None = None
    access_id: bool = True


class _Plan(_Terms):
    code: Code
    name: _Name
    aliases: list[Text] = []
    programme: Annotated[
        str, StringConstraints(max_length=40, strict=True), AfterValidator(_without_controls)
    ] = ""
    legacy: bool = False

    @model_validator(mode="after")
    def _belongs_to_its_buyer(self) -> _Plan:
        """S7.5: what is bought is on the buyer's account alone."""
        if self.buyers and self.access_id:
            raise ValueError(_("a plan that can be bought has “access_id”: false"))
        if self.buyers and (self.price is None or self.incidents is None):
            raise ValueError(_("a plan that can be bought has a price and a number of incidents"))
        return self


class _File(_Part):
    version: Literal[1]
    plans: list[_Plan]


@dataclass(frozen=True)
class PlanRow:
    """One plan of a file. `terms`: canonical JSON, every default filled in."""

    code: str
    names: dict[str, str]
    aliases: list[str]
    programme: str
    legacy: bool
    terms: dict[str, Any]


def read_plans(document: Any) -> list[PlanRow]:
    """The plans of a parsed file, in its order. Raises BadPlans naming every fault by pointer."""
    try:
        file = _File.model_validate(document)
    except ValidationError as error:
        raise BadPlans(
            errors=[
                {"field": _pointer(fault["loc"]), "message": _sentence(fault)}
                for fault in error.errors(include_url=False, include_input=False)
            ]
        ) from None
    _refuse_twins(file.plans)
    return [
        PlanRow(
            code=plan.code,
            names=plan.name.model_dump(),
            aliases=plan.aliases,
            programme=plan.programme,
            legacy=plan.legacy,
            terms=plan.model_dump(include=set(_Terms.model_fields), mode="json"),
        )
        for plan in file.plans
    ]


def listed(plans: Iterable[Plan]) -> dict[str, Any]:
    """Plans with their current terms as a file."""
    return {
        "version": 1,
        "plans": [
            {
                "code": plan.code,
                "name": plan.names,
                "aliases": plan.aliases,
                "programme": plan.programme,
                "legacy": plan.legacy,
            }
            | (plan.current.terms if plan.current else {})
            for plan in plans
        ],
    }


def _refuse_twins(plans: list[_Plan]) -> None:
    counts = Counter(plan.code for plan in plans)
    errors = [
        {
            "field": f"/plans/{at}/code",
            "message": _("The code “%(code)s” stands on two plans.") % {"code": plan.code},
        }
        for at, plan in enumerate(plans)
        if counts[plan.code] > 1
    ]
    if errors:
        raise BadPlans(errors=errors)


def _pointer(parts: tuple[int | str, ...]) -> str:
    """RFC 6901."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def _sentence(fault: Any) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{message[:1].upper()}{message[1:]}."
