"""What the tests of cases share: a look at every invariant, at lists, at the queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from opora.accounts.models import Account
from opora.cases import invariants as of_cases
from opora.cases.actions import take_case, write_message
from opora.cases.intake import CaseRequest, PrimaryContact
from opora.cases.models import Attachment, Case, Draft
from opora.catalog.models import Version
from opora.contracts import invariants as of_contracts
from opora.contracts.models import Contract
from opora.core.invariants import Snapshot
from opora.core.models import AuditLine, Job
from opora.core.paging import Page
from tests import factories
from tests.factories import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def breaches() -> list[str]:
    """What `opora verify` would say of contracts and cases."""
    snapshot = Snapshot(now=NOW)
    checks = (*of_contracts.CHECKS, *of_cases.CHECKS)
    return [f"{c.name}: {told}" for c in checks for told in c.run(snapshot).breaches]


def request(*, by: Account, contract: Contract, of: Version, **wanted: Any) -> CaseRequest:
    """A request that can be taken as it is, with `by` as its primary contact."""
    plain = CaseRequest(
        product=of.product.slug,
        version=of.slug,
        title="The nightly job stops halfway",
        description="It stops after a minute, each night since Sunday.",
        contract=contract.public_id.hex,
        country="CZ",
        time_zone="Europe/Prague",
        primary_contact=primary(by),
    )
    return replace(plain, **wanted)


def primary(account: Account, **more: Any) -> PrimaryContact:
    return PrimaryContact(
        given_name=account.person.given_name,
        family_name=account.person.family_name,
        email=account.email,
        **more,
    )


def jobs(kind: str = "", *, state: str = "open") -> list[Job]:
    """Jobs of cases in the queue, oldest first; all kinds, or one."""
    rows = Job.objects.filter(state=state).exclude(key="periodic").order_by("pk")
    return list(rows.filter(kind=kind) if kind else rows)


def mailed_to(kind: str, case: Case) -> list[str]:
    """Addresses of the contacts that mails of a kind wait for, in order."""
    addresses = dict(case.contacts.values_list("pk", "email"))
    return sorted(addresses[job.payload["contact"]] for job in jobs(kind))


def lines(case: Case) -> list[str]:
    """Codes of what was done to a case, in order."""
    rows = AuditLine.objects.filter(target_kind="case", target_id=case.number).order_by("pk")
    return list(rows.values_list("code", flat=True))


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def waiting(case: Case, agent: Account, *, now: Any = NOW + HOUR) -> Case:
    """The case after its agent asked something."""
    take_case(case=case, by=agent, now=now)
    write_message(case=case, body="Which version exactly?", by=agent, now=now, asks=True)
    return fresh(case)


def new_case(**facts: Any) -> Case:
    return factories.case(**facts)


def upload(account: Account, *, draft: Draft | None = None, at: datetime = NOW) -> Attachment:
    """A file that the account has sent and that no case has yet."""
    return Attachment.objects.create(
        uploaded_by=account,
        draft=draft,
        name="log.txt",
        size=3,
        media_type="text/plain",
        sha256="0" * 64,
        stored_as=f"file-{Attachment.objects.count()}",
        at=at,
    )


def cases_for(account: Account, many: int) -> list[Case]:
    """So many cases, an hour apart, on one contract and one version."""
    contract = factories.contract(registered_to=(account,), incidents=max(many, 1))
    version = factories.version(slug=f"for-{contract.pk}")
    return [
        new_case(submitted_by=account, contract=contract, of=version, now=NOW + n * HOUR)
        for n in range(many)
    ]


def numbers(page: Page[Any]) -> list[str]:
    """The numbers of a page's cases, in its order."""
    return [row.number for row in page.items]


def walk(read: Callable[..., Page[Any]]) -> list[str]:
    """All numbers of a list, page by page."""
    found, cursor = [], None
    while True:
        page = read(after=cursor)
        found += numbers(page)
        cursor = page.next
        if cursor is None:
            return found
