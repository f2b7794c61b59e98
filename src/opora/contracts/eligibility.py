"""The one decision: may this contract (or plan) be used for that version, and if not, every reason.

Pure: facts in, reasons out (SPEC 12). Portal, API, command line and the agents' screens all ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from opora.catalog.lifecycle import Phase
from opora.catalog.subject import Subject
from opora.contracts.reasons import remedy_of, sentence_of
from opora.contracts.terms import Terms
from opora.core import formats
from opora.core.wording import in_language


@dataclass(frozen=True)
class Standing:
    """Where a contract stands. `plan`: the plan's names, {"cs", "en"}.

    Days are the vendor's. Of a benefit that is not activated, `incidents_left` is what activation
    will grant.
    """

    plan: Mapping[str, str]
    activated_on: date | None
    starts_on: date | None
    ends_on: date | None
    is_suspended: bool
    is_cancelled: bool
    incidents_left: int

    def is_over(self, on: date) -> bool:
        """Expired or cancelled: what is left is lost (S13.6)."""
        return self.is_cancelled or (self.ends_on is not None and on > self.ends_on)


@dataclass(frozen=True)
class Buyer:
    """Who asks about buying: `kind` of account, `country` of the profile."""

    kind: str
    country: str


@dataclass(frozen=True)
class Question:
    """What is asked, on a day of the vendor's zone.

    `subject` None: about the contract alone. `severity` None: not judged. `buyer`: only when asked
    about buying.
    """

    on: date
    subject: Subject | None = None
    is_production: bool = True
    severity: str | None = None
    buyer: Buyer | None = None


@dataclass(frozen=True)
class Reason:
    """Why not: a stable code with facts; sentence and remedy in the language of whoever reads."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return str(sentence_of(self.code)) % self._words()

    @property
    def remedy(self) -> str:
        return str(remedy_of(self.code)) % self._words()

    def as_json(self) -> dict[str, str]:
        """{"code", "message", "remedy"} in the language that is active now."""
        return {"code": self.code, "message": self.message, "remedy": self.remedy}

    def _words(self) -> dict[str, Any]:
        return {name: _written(value) for name, value in self.facts.items()}


@dataclass(frozen=True)
class Decision:
    """Every reason that holds, in SPEC 12's order; none: usable."""

    reasons: tuple[Reason, ...]

    @property
    def usable(self) -> bool:
        return not self.reasons

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(reason.code for reason in self.reasons)


def decide(terms: Terms, standing: Standing, question: Question) -> Decision:
    """Every reason why a contract under `terms`, standing so, cannot be used as asked."""
    return Decision(tuple(reason for rule in RULES for reason in rule(terms, standing, question)))


# --- The rules, in the order in which their reasons are given ---------------------------------
def _activation(terms: Terms, standing: Standing, question: Question) -> Iterator[Reason]:
    if standing.activated_on is None:
        yield _reason("not-activated", standing)


def _days(terms: Terms, standing: Standing, question: Question) -> Iterator[Reason]:
    if standing.starts_on is not None and question.on < standing.starts_on:
        yield _reason("not-started", standing, starts_on=standing.starts_on)
    elif standing.ends_on is not None and question.on > standing.ends_on:
        yield _reason("expired", standing, ends_on=standing.ends_on)


def _suspension(terms: Terms, standing: Standing, question: Question) -> Iterator[Reason]:
    if standing.is_suspended:
        yield _reason("suspended", standing)


def _cancellation(terms: Terms, standing: Standing, question: Question) -> Iterator[Reason]:
    if standing.is_cancelled:
        yield _reason("cancelled", standing)


def _balance(terms: Terms, standing: Standing, question: Question) -> Iterator[Reason]:
    if standing.incidents_left == 0 and not standing.is_over(question.on):
        yield _reason("no-incidents-left", standing)


def _product(terms: Terms, standing: Standing, question: Question) -> Iterator[Reason]:
    if (subject := question.subject) is None:
        return
    coverage = terms.coverage
    facts = {"product": subject.product_name}
    if coverage.is_cloud_only and subject.deployment not in ("cloud", "hybrid"):
        yield _reason("cloud-products-only", standing, **facts)
    elif not coverage.has_cloud and subject.deployment == "cloud":
        yield _reason("on-premises-products-only", standing, **facts)
    elif not coverage.covers_deployment(subject.deployment):
        yield _reason("product-not-covered", standing, **facts)
        return
    if subject.product in coverage.excluded_products:
        yield _reason("product-not-covered", standing, **facts)


def _version(terms: Terms, standing: Standing, question: Question) -> Iterator[Reason]:
    if (subject := question.subject) is None:
        return
    coverage = terms.coverage
    facts = {"version": subject.version_name, "on": question.on}
    if subject.phase is Phase.NOT_RELEASED:
        yield _reason("not-released", standing, **facts)
        return
    if subject.phase is Phase.ENDED:
        yield _reason("support-ended", standing, **facts)
        return
    if subject.phase not in coverage.phases_for(subject.deployment):
        yield _reason("mainstream-support-ended", standing, **facts)
    newest = coverage.max_generation
    if newest is not None and subject.generation is not None and subject.generation > newest:
        yield _reason("version-not-latest", standing, product=subject.product_name, **facts)


def _environment(terms: Terms, standing: Standing, question: Question) -> Iterator[Reason]:
    if question.subject and question.is_production and not terms.coverage.is_production_covered:
        yield _reason("production-not-covered", standing)


def _severity(terms: Terms, standing: Standing, question: Question) -> Iterator[Reason]:
    if question.severity is not None and question.severity not in terms.severities:
        covered = ", ".join(sorted(terms.severities))
        yield _reason("severity-not-covered", standing, severity=question.severity, covered=covered)


def _buying(terms: Terms, standing: Standing, question: Question) -> Iterator[Reason]:
    if (buyer := question.buyer) is None:
        return
    if buyer.kind not in terms.buyers:
        yield _reason("account-kind-not-allowed", standing)
    if terms.regions is not None and buyer.country not in terms.regions:
        yield _reason("region-not-sold", standing, country=buyer.country)


Rule = Callable[[Terms, Standing, Question], Iterable[Reason]]
RULES: tuple[Rule, ...] = (
    _activation,
    _days,
    _suspension,
    _cancellation,
    _balance,
    _product,
    _version,
    _environment,
    _severity,
    _buying,
)


def _reason(code: str, standing: Standing, **facts: Any) -> Reason:
    return Reason(code, {"plan": standing.plan, **facts})


def _written(value: Any) -> Any:
    """A fact as the reader writes it: days in their format, names in their language."""
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, Mapping):
        return in_language(value)
    return value
