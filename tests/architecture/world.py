"""A world in which every address leads to something of Alice's, and who may use which."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from opora.accounts.models import Session
from opora.billing.actions.papers import issue_receipt
from opora.billing.models import Paper, Purchase
from opora.cases.actions import close_case
from opora.cases.files import receive_file
from opora.cases.models import Attachment, Case, Draft, Message
from opora.contracts.actions import grant_benefit, invite
from opora.contracts.models import Contract
from tests import cast, factories
from tests.billing import bought

TABLE = Path(__file__).with_name("access.toml")


# --- Addresses -----------------------------------------------------------------------------------


def routes(
    resolver: URLResolver | None = None, before: str = ""
) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every address of the resolver's tree as it is spelled there, and its view."""
    for pattern in (resolver or get_resolver()).url_patterns:
        spelled = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, spelled)
        elif isinstance(pattern, URLPattern):
            yield spelled, pattern.callback


def path_of(address: str, parts: dict[str, str]) -> str:
    """`address` with its parts filled in: "cases/<str:number>/" → "/cases/R-1/"."""
    path = address
    for name, value in parts.items():
        path = re.sub(rf"<(\w+:)?{name}>|\(\?P<{name}>[^)]*\)", value.replace("\\", ""), path)
    path = "/" + path.replace("^", "").removesuffix("$")
    assert not set("<>()?[]") & set(path), f"access.toml does not fill every part of {address}"
    return path


@cache
def table() -> dict[str, tuple[str, dict[str, str]]]:
    """{address: (who may, {part: where it comes from})}."""
    with TABLE.open("rb") as file:
        sections = tomllib.load(file)
    return {
        address: (who, parts) for who, lines in sections.items() for address, parts in lines.items()
    }


# --- The world -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """Alice's things, each made when an address asks for it. `one(name)` is how it is addressed."""

    people: cast.Cast

    def one(self, name: str) -> str:
        if name.startswith("="):
            return name[1:]
        makers: dict[str, Callable[[], str]] = {
            "case": lambda: self.case.number,
            "contact": lambda: str(self.case.contacts.get(role="additional").public_id.hex),
            "message": lambda: self.message.public_id.hex,
            "attachment": lambda: self.attachment().public_id.hex,
            "picture": lambda: self.attachment(picture=True).public_id.hex,
            "upload": lambda: self.attachment(loose=True).public_id.hex,
            "contract": lambda: self.contract.public_id.hex,
            "managed contract": lambda: self.managed_contract.public_id.hex,
            "registrant": self.registrant,
            "invitation": self.invitation,
            "benefit": self.benefit,
            "closed case": lambda: self.closed_case.number,
            "submitted draft": lambda: self.submitted_draft.public_id.hex,
            "draft": lambda: self.draft.public_id.hex,
            "session": self.session,
            "token": self.token,
            "purchase": self.purchase,
            "paid purchase": lambda: self.receipt.purchase.public_id.hex,
            "paper": lambda: self.receipt.public_id.hex,
            "article": lambda: factories.article().slug,
            "internal article": lambda: factories.article(audience="agents").slug,
            "diagnosis": lambda: factories.diagnosis().slug,
            "order": lambda: self.order.key,
            "refund": self.refund,
            "product": lambda: factories.version(product="world-server").product.slug,
        }
        return makers[name]()

    @cached_property
    def contract(self) -> Contract:
        return factories.contract(registered_to=(self.people.alice,))

    @cached_property
    def managed_contract(self) -> Contract:
        """Alice manages it; Bob has it too, which lets him manage nothing."""
        made = factories.contract(registered_to=(self.people.alice, self.people.bob))
        made.managers.create(account=self.people.alice)
        return made

    def registrant(self) -> str:
        row = self.managed_contract.registrations.get(account=self.people.bob)
        return str(row.account.public_id.hex)

    def invitation(self) -> str:
        made = invite(
            contract=self.managed_contract, by=self.people.alice, now=factories.NOW
        ).invitation
        return str(made.public_id.hex)

    @cached_property
    def receipt(self) -> Paper:
        return issue_receipt(purchase=bought.paid(self.people.alice), now=factories.NOW)

    def purchase(self) -> str:
        """Begun and not paid: its page has everything on it."""
        sold = factories.plan_version(terms={"buyers": ["personal"]})
        made = Purchase.objects.create(
            number="4000000001",
            account=self.people.alice,
            plan_version=sold,
            country="CZ",
            incidents=1,
            has_round_the_clock=True,
            amount=1_240_000,
            tax=215_207,
            tax_rate=2100,
            currency="CZK",
            state_at=factories.NOW,
            created_at=factories.NOW,
        )
        return str(made.public_id.hex)

    def benefit(self) -> str:
        made = grant_benefit(
            plan_code=factories.plan_version().plan.code,
            holder="Fabrikam",
            managers=[self.people.alice],
            by=None,
            now=factories.NOW,
        )
        return str(made.public_id.hex)

    @cached_property
    def case(self) -> Case:
        return factories.case(
            submitted_by=self.people.alice, others=(self.people.bob,), contract=self.contract
        )

    @cached_property
    def message(self) -> Message:
        return Message.objects.create(
            case=self.case,
            side=Message.Side.CUSTOMER,
            author=self.people.alice,
            body="It stopped again.",
            at=factories.NOW,
        )

    @cached_property
    def draft(self) -> Draft:
        return Draft.objects.create(
            account=self.people.alice, created_at=factories.NOW, updated_at=factories.NOW
        )

    @cached_property
    def submitted_draft(self) -> Draft:
        self.draft.case = self.case
        self.draft.save()
        return self.draft

    @cached_property
    def closed_case(self) -> Case:
        close_case(
            case=self.case, outcome=Case.Outcome.SOLVED, by=self.people.alice, now=factories.NOW
        )
        return Case.objects.get(pk=self.case.pk)

    def attachment(self, *, loose: bool = False, picture: bool = False) -> Attachment:
        return receive_file(
            account=self.people.alice,
            chunks=[factories.PICTURE if picture else b"log"],
            name="screen.png" if picture else "log.txt",
            now=factories.NOW,
            case=None if loose else self.case,
        )

    def session(self) -> str:
        cast.signed_in(self.people.alice)
        row = Session.objects.filter(account=self.people.alice).first()
        assert row is not None
        return str(row.public_id.hex)

    def token(self) -> str:
        cast.bearer(self.people.alice)
        return str(self.people.alice.api_tokens.all()[0].public_id.hex)

    @cached_property
    def order(self) -> Purchase:
        return bought.paid(self.people.alice)

    def refund(self) -> str:
        made = bought.refunded(self.order, 100, state="withdrawn")
        return str(made.public_id.hex)

    def client(self, role: str, *, program: bool) -> Client:
        """A browser of `role`, or a program with its token; "nobody" is not signed in."""
        if role == "nobody":
            return Client()
        account = getattr(self.people, role)
        return cast.bearer(account) if program else cast.signed_in(account)
