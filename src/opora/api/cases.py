"""Opening, listing, reading, closing and reopening support requests."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from ninja.responses import Status
from pydantic import BaseModel, Field

from opora.api.description import NOT_ELIGIBLE, refuses
from opora.api.fields import Line, Search, Severity
from opora.api.once import done_once, key_of
from opora.api.paging import PageWanted
from opora.api.requests import ApiRequest
from opora.api.schemas.cases import (
    CaseList,
    CaseShown,
    CaseWanted,
    ClosureWanted,
    ContractReference,
    Owner,
    ReceiptShown,
    RehearsalShown,
    SeverityWanted,
)
from opora.cases import actions
from opora.cases import queries as cases
from opora.cases.intake import AdditionalContact, CaseRequest, PrimaryContact
from opora.cases.models import Case
from opora.cases.states import turn
from opora.catalog.queries import NONE_OF_THESE

router = Router(tags=["Cases"])


class CasesWanted(PageWanted):
    state: Literal["open", "closed"] | None = None
    q: Search = Field("", description="A number, or words of the title, description or messages.")
    severity: Severity | None = None
    product: Annotated[Line, Field(max_length=200)] = Field("", description="A product's `id`.")


class Opening(BaseModel):
    dry_run: bool = Field(False, description="Check everything, store nothing; needs no key.")


@router.post(
    "/cases", response={201: ReceiptShown, 200: RehearsalShown}, summary="Open a support request"
)
@refuses(
    {
        409: (*NOT_ELIGIBLE, "contract-not-registered", "supported-elsewhere"),
        422: ("round-the-clock-needs-critical", "phone-required"),
    }
)
def open_case(
    request: ApiRequest, wanted: CaseWanted, how: Query[Opening]
) -> HttpResponse | Status[RehearsalShown]:
    """Takes one incident and answers a receipt; the case itself is for those who may read it.

    The submitter is no contact unless named as one.
    """
    asked = _case_request(wanted)
    if how.dry_run:
        key_of(request)  # none is needed, but a broken one would break the real call
        found = actions.rehearse_case(wanted=asked, by=request.auth, now=request.now)
        return Status(
            200,
            RehearsalShown(
                response_due_at=found.response_due_at,
                incidents_left_after=found.incidents_left_after,
            ),
        )

    def work() -> ReceiptShown:
        receipt = actions.open_case(wanted=asked, by=request.auth, now=request.now)
        return ReceiptShown(
            number=receipt.number,
            submitted_at=receipt.submitted_at,
            response_due_at=receipt.response_due_at,
            contract=ContractReference(
                id=receipt.contract_public_id, contract_id=receipt.contract_id
            ),
            readable=receipt.readable,
        )

    return done_once(request, work, required=True)


@router.get("/cases", response=CaseList, summary="Readable support requests")
def list_cases(request: ApiRequest, wanted: Query[CasesWanted]) -> CaseList:
    """Those the caller may read, newest activity first."""
    page = cases.cases_in_full(
        request.auth,
        state=wanted.state,
        q=wanted.q,
        severity=wanted.severity or "",
        product=wanted.product,
        after=wanted.cursor,
        limit=wanted.limit,
    )
    came_with = cases.opening_files_of(page.items)
    return CaseList(
        items=[CaseShown(**_members(case), attachments=came_with[case.pk]) for case in page.items],
        next=page.next,
    )


@router.get("/cases/{number}", response=CaseShown, summary="A support request")
def get_case(request: ApiRequest, number: str) -> CaseShown:
    return _in_full(request, number)


@router.patch("/cases/{number}", response=CaseShown, summary="Change the severity")
@refuses(
    {403: ("not-allowed",), 409: ("severity-is-settled", "severity-not-covered", "case-is-closed")}
)
def change_case(request: ApiRequest, number: str, wanted: SeverityWanted) -> CaseShown:
    """While no agent is assigned (S16.3); agents say why."""
    case = cases.case_for(request.auth, number)
    actions.change_severity(
        case=case,
        severity=wanted.severity,
        reason=wanted.reason or "",
        by=request.auth,
        now=request.now,
    )
    return _in_full(request, number)


@router.post("/cases/{number}/closure", response=CaseShown, summary="Close")
@refuses({403: ("not-allowed",), 409: ("outcome-not-allowed", "case-is-closed")})
def create_closure(request: ApiRequest, number: str, wanted: ClosureWanted) -> HttpResponse:
    """Contacts close as `solved` or `withdrawn`, agents as anything but `no_reply`."""

    def work() -> CaseShown:
        case = cases.case_for(request.auth, number)
        actions.close_case(case=case, outcome=wanted.outcome, by=request.auth, now=request.now)
        return _in_full(request, number)

    return done_once(request, work, status=200)


@router.delete("/cases/{number}/closure", response=CaseShown, summary="Reopen")
@refuses(
    {
        403: ("not-allowed",),
        409: ("case-is-open", "unit-was-returned", "reopen-period-over"),
    }
)
def delete_closure(request: ApiRequest, number: str) -> CaseShown:
    """Up to 13 months after closing; takes no incident and needs no valid contract."""
    case = cases.case_for(request.auth, number)
    actions.reopen_case(case=case, by=request.auth, now=request.now)
    return _in_full(request, number)


def _in_full(request: ApiRequest, number: str) -> CaseShown:
    """The case as it is now, for a reader. Two statements."""
    case = cases.case_for(request.auth, number)
    return CaseShown(**_members(case), attachments=cases.opening_files_of([case])[case.pk])


def _members(case: Case) -> dict[str, Any]:
    """The members of CaseShown but its files. No statement if product, version, problem, contract
    and owner are loaded."""
    return {
        "number": case.number,
        "status": case.status,
        "turn": turn(case.status, case.third_party_reason),
        "product": case.product.slug,
        "version": case.version.slug,
        "problem": case.problem.slug if case.problem else NONE_OF_THESE,
        "title": case.title,
        "description": case.description,
        "non_production": not case.is_production,
        "contract": ContractReference(
            id=case.contract.public_id.hex, contract_id=case.contract.shown_contract_id or ""
        ),
        "severity": case.severity,
        "round_the_clock": case.is_round_the_clock,
        "country": case.country,
        "time_zone": case.time_zone,
        "submitted_at": case.submitted_at,
        "response_due_at": case.response_due_at,
        "first_responded_at": case.first_responded_at,
        "last_activity_at": case.last_activity_at,
        "closed_at": case.closed_at,
        "outcome": case.outcome or None,
        "owner": Owner(name=case.owner.full_name) if case.owner else None,
    }


def _case_request(wanted: CaseWanted) -> CaseRequest:
    primary = wanted.primary_contact
    return CaseRequest(
        product=wanted.product,
        version=wanted.version,
        problem=wanted.problem or "",
        title=wanted.title,
        description=wanted.description,
        non_production=wanted.non_production,
        contract=wanted.contract,
        severity=wanted.severity,
        round_the_clock=wanted.round_the_clock,
        country=wanted.country,
        time_zone=wanted.time_zone,
        primary_contact=PrimaryContact(
            given_name=primary.given_name,
            family_name=primary.family_name,
            email=primary.email,
            phone=primary.phone or "",
            preferred_contact=primary.preferred_contact,
            language=primary.language,
        ),
        additional_contacts=tuple(
            AdditionalContact(
                given_name=other.given_name, family_name=other.family_name, email=other.email
            )
            for other in wanted.additional_contacts
        ),
        attachments=tuple(wanted.attachments),
    )
