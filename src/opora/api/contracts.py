"""Support contracts of the caller: the list, adding one, its statement, ending a registration."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpResponse
from ninja import Query, Router

from opora.api.description import refuses
from opora.api.once import done_once
from opora.api.paging import PageWanted
from opora.api.requests import ApiRequest
from opora.api.schemas.contracts import (
    Actor,
    ContractList,
    ContractShown,
    EntryList,
    EntryShown,
    PlanShown,
    RegistrationWanted,
)
from opora.contracts import queries as contracts
from opora.contracts.actions import end_registration, register_contract
from opora.contracts.models import Contract
from opora.core.days import today
from opora.core.wording import in_language
from opora.web.network import address_of

router = Router(tags=["Contracts"])


@router.get("/contracts", response=ContractList, summary="Registered contracts")
def list_contracts(request: ApiRequest, wanted: Query[PageWanted]) -> ContractList:
    """The account's registrations, newest first; usable or not."""
    page = contracts.contracts_of(request.auth, after=wanted.cursor, limit=wanted.limit)
    day = today(request.now)
    return ContractList(
        items=[shown_contract(row.contract, row.registered_at, day) for row in page.items],
        next=page.next,
    )


@router.post("/contracts", response={201: ContractShown}, summary="Add a contract")
@refuses({404: ("contract-not-found",), 409: ("contract-already-registered",)})
def add_contract(request: ApiRequest, wanted: RegistrationWanted) -> HttpResponse:
    """Both ids together open it; unknown and mismatched ones get one and the same answer."""

    def work() -> ContractShown:
        registration = register_contract(
            account=request.auth,
            access_id=wanted.access_id,
            contract_id=wanted.contract_id,
            network=address_of(request),
            now=request.now,
        )
        return shown_contract(registration.contract, registration.registered_at, today(request.now))

    return done_once(request, work)


@router.get("/contracts/{contract_id}/entries", response=EntryList, summary="Statement")
def list_entries(request: ApiRequest, contract_id: str, wanted: Query[PageWanted]) -> EntryList:
    """The contract's ledger, newest first: who used what, when, for which request."""
    contract = contracts.registered_contract(request.auth, contract_id).contract
    page = contracts.statement(contract, request.auth, after=wanted.cursor, limit=wanted.limit)
    return EntryList(
        items=[
            EntryShown(
                kind=line.kind,
                quantity=line.quantity,
                reason=line.reason,
                case=line.case_number,
                by=Actor(name=line.by_name),
                at=line.at,
                balance=line.balance,
            )
            for line in page.items
        ],
        next=page.next,
    )


@router.delete("/contracts/{contract_id}", response={204: None}, summary="End a registration")
def delete_contract(request: ApiRequest, contract_id: str) -> HttpResponse:
    """This account's registration ends at once; open cases go on (S2.5)."""
    contract = contracts.registered_contract(request.auth, contract_id).contract
    end_registration(account=request.auth, contract=contract, by=request.auth, now=request.now)
    return HttpResponse(status=204)


def shown_contract(contract: Contract, registered_at: datetime, day: date) -> ContractShown:
    """A registered contract as its registrant sees it on `day`, with its plan loaded."""
    plan = contract.plan_version.plan
    return ContractShown(
        id=contract.public_id.hex,
        contract_id=contract.shown_contract_id or "",
        plan=PlanShown(code=plan.code, name=in_language(plan.names)),
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        incidents_granted=contract.incidents_granted,
        incidents_left=contract.incidents_left,
        status=contracts.status_of(contract, day),
        registered_at=registered_at,
    )
