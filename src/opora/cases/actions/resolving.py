"""What a support request names, as rows out of the caller's own set, judged by the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from opora.accounts.models import Account, Group
from opora.cases.actions.queues import ensure_default_queue
from opora.cases.errors import SupportedElsewhere
from opora.cases.intake import CaseRequest
from opora.cases.models import Attachment, Draft, Queue
from opora.cases.queries import uploads_for
from opora.catalog.errors import UnknownProblem, UnknownVersion
from opora.catalog.models import Problem, Version
from opora.catalog.queries import NONE_OF_THESE, subject_of, version_for
from opora.catalog.subject import Subject
from opora.contracts.eligibility import Question, decide
from opora.contracts.errors import NotEligible, reasons_as_json
from opora.contracts.models import Contract
from opora.contracts.queries import contract_for, standing_of, terms_of
from opora.core.days import today
from opora.core.errors import InvalidInput
from opora.core.ids import parse_public_id
from opora.core.prepared import Param, Prepared
from opora.core.wording import in_language
from opora.sla.calendars import calendar_for
from opora.sla.clock import due_at


@dataclass(frozen=True)
class Resolved:
    """The rows that a request names, each out of the caller's own set (AC-05)."""

    wanted: CaseRequest
    version: Version
    subject: Subject
    contract: Contract
    problem_id: int | None
    queue_id: int
    uploads: list[Attachment]
    response_due_at: datetime


def resolve(
    wanted: CaseRequest, *, by: Account, now: datetime, draft: Draft | None = None
) -> Resolved:
    """UnknownProduct, UnknownVersion, UnknownProblem, ContractNotRegistered, SupportedElsewhere,
    NotEligible; InvalidInput for an upload or for hours that the plan lacks."""
    named = _named(wanted, draft=draft, now=now)
    uploads = uploads_for(by, wanted.attachments, now=now)
    if draft is not None and named.has_files:
        uploads += draft.attachments.filter(uploaded_by=by, case__isnull=True)
    contract = contract_for(by, wanted.contract)
    subject = subject_of(named.version, today(now))
    terms = terms_of(contract)
    question = Question(
        on=today(now),
        subject=subject,
        is_production=not wanted.non_production,
        severity=wanted.severity,
    )
    decision = decide(terms, standing_of(contract), question)
    if not decision.usable:
        if portal := named.version.product.portal:
            raise SupportedElsewhere(
                portal={"name": in_language(portal.names), "url": portal.url},
                reasons=reasons_as_json(decision.reasons),
            )
        raise NotEligible.by(decision)
    if wanted.round_the_clock and wanted.severity not in terms.round_the_clock:
        raise InvalidInput.on(
            "round_the_clock", _("This support plan has no round-the-clock support.")
        )
    return Resolved(
        wanted=wanted,
        version=named.version,
        subject=subject,
        contract=contract,
        problem_id=named.problem_id,
        queue_id=named.queue_id,
        uploads=uploads,
        response_due_at=due_at(
            severity=wanted.severity,
            round_the_clock=wanted.round_the_clock,
            since=now,
            calendar=calendar_for(wanted.country, wanted.time_zone),
        ),
    )


def group_named(public_id: str, *, by: Account, hold: bool = False) -> Group | None:
    """The group of the submitter that the request names; None without one. `hold`: locked to the
    end of the transaction, as whoever changes a group does. InvalidInput for any other group."""
    if not public_id:
        return None
    groups = Group.objects.locked() if hold else Group.objects.all()
    own = groups.filter(members__account=by, organization__has_groups=True)
    key = parse_public_id(public_id)
    found = own.filter(public_id=key).first() if key else None
    if found is None:
        raise InvalidInput.on("group", _("Choose one of your groups, or none."))
    return found


@dataclass(frozen=True)
class _Named:
    """What one statement finds: the version, and keys of the problem and of the default queue."""

    version: Version
    problem_id: int | None  # None: none of these
    queue_id: int
    has_files: bool  # the draft has


def _everything_named() -> QuerySet[Version]:
    files = Attachment.objects.filter(draft=Param("draft", BigIntegerField()), case__isnull=True)
    problem = Problem.objects.filter(
        product=OuterRef("product"), slug=Param("problem", CharField())
    )
    return (
        Version.objects.select_related("product__portal")
        .annotate(
            problem_key=Subquery(problem.values("pk")[:1]),
            queue_key=Subquery(Queue.objects.filter(is_default=True).values("pk")[:1]),
            has_files=Exists(files),
        )
        .filter(product__slug=Param("product", CharField()), slug=Param("version", CharField()))
    )


_NAMED: Prepared[Version] = Prepared(_everything_named)


def _named(wanted: CaseRequest, *, draft: Draft | None, now: datetime) -> _Named:
    """UnknownProduct, UnknownVersion, UnknownProblem."""
    version: Any = _NAMED.first(
        product=wanted.product,
        version=wanted.version,
        problem=wanted.problem,
        draft=draft.pk if draft is not None and draft.is_stored else None,
    )
    if version is None:
        version_for(wanted.product, wanted.version)  # says which of the two is unknown
        raise UnknownVersion.named(wanted.version, product=wanted.product)
    if version.problem_key is None and wanted.problem not in ("", NONE_OF_THESE):
        raise UnknownProblem.named(wanted.problem, product=wanted.product)
    return _Named(
        version=version,
        problem_id=version.problem_key,
        queue_id=version.queue_key or ensure_default_queue(now=now).pk,
        has_files=version.has_files,
    )
