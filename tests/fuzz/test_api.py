"""The API fuzzed from its own description, as nobody, as a contact and as an agent (M5).

No answer may be an accident of ours (5xx), have a status or shape that the description leaves out,
or take what the description forbids. The seed is fixed: a red run is red again.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
import time_machine
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis import BaseSchema, Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import (
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)

from opora.accounts.actions import issue_token
from opora.accounts.models import Account
from opora.config.wsgi import application
from tests import cast, factories

EXAMPLES = 8  # of each call and role, beside the covering ones
CHECKS_LEFT_OUT = (
    "positive_data_acceptance",  # a well-formed body may still name no product of ours
    "ignored_auth",  # test_door.py shows every way of not being signed in
    "ensure_resource_availability",
    "use_after_free",
)


@dataclass
class World:
    """Rows to hit, and what makes a call well-aimed: ids that exist in place of made-up ones."""

    tokens: dict[str, str]
    path: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)

    def aim(self, case: Case[Any]) -> None:
        """Let most well-formed calls meet what is there."""
        if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
            return
        luck = zlib.crc32(repr((case.path_parameters, case.body)).encode()) % 8
        if luck < 6:
            case.path_parameters.update(
                {name: self.path[name] for name in case.path_parameters or {}}
            )
        if luck < 7 and isinstance(case.body, dict):
            case.body.update({name: self.body[name] for name in case.body if name in self.body})


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """What a request leaves behind is for the next one: both are in the test's transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with time_machine.travel(factories.NOW, tick=True):
        alice, dana = cast.alice(), cast.dana()
        contract = factories.contract(registered_to=(alice,), incidents=10_000)
        case = factories.case(
            submitted_by=alice, contract=contract, of=factories.version(), others=(cast.bob(),)
        )
        yield World(
            tokens={"anonymous": "", "contact": token(alice), "agent": token(dana)},
            path={
                "number": case.number,
                "contract_id": contract.public_id.hex,
                "product_id": "database-server",
                "contact_id": case.contacts.get(role="additional").public_id.hex,
                "attachment_id": "0" * 32,
            },
            body={
                "product": "database-server",
                "version": "2022",
                "problem": None,
                "contract": contract.public_id.hex,
                "country": "CZ",
                "time_zone": "Europe/Prague",
                "email": "somebody@example.com",
                "attachments": [],
            },
        )


def token(account: Account) -> str:
    return issue_token(account=account, by=account, now=factories.NOW)


def described(*, covering: bool) -> BaseSchema:
    """The API by its own description. `covering`: also every border of every field."""
    default = ProjectConfig(
        generation=GenerationConfig(
            deterministic=True,
            with_security_parameters=False,  # each test brings its own token
            database="none",
        ),
        phases=PhasesConfig(coverage=CoveragePhaseConfig(enabled=covering)),
    )
    config = SchemathesisConfig(seed=4711, projects=ProjectsConfig(default=default))
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served, config=config)


def served(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The application behind a server that closes what it has sent, as servers do."""
    with contextlib.closing(application(environ, start_response)) as answer:
        return [b"".join(answer)]


load_all_checks()
whole = described(covering=True)
drawn = described(covering=False)


def fuzzed(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],  # a found fault is shown as it is: quicker
        suppress_health_check=list(HealthCheck),
    )


def answered(case: Case[Any], world: World, who: str) -> None:
    """Call as `who` and let every check look at the answer."""
    world.aim(case)
    headers = {"Authorization": f"Bearer {world.tokens[who]}"} if world.tokens[who] else {}
    left_out: list[Any] = [CHECKS.get_one(name) for name in CHECKS_LEFT_OUT]
    case.call_and_validate(headers=headers, excluded_checks=left_out)


@pytest.mark.slow("every border of every field of opening a case")
@pytest.mark.shows("IN-01", "AC-18")
@whole.parametrize()
@fuzzed(EXAMPLES)
def test_a_contact_breaks_nothing(case: Case[Any], world: World) -> None:
    answered(case, world, "contact")


@pytest.mark.shows("IN-01", "AC-19")
@drawn.parametrize()
@fuzzed(EXAMPLES)
def test_an_agent_breaks_nothing(case: Case[Any], world: World) -> None:
    answered(case, world, "agent")


@pytest.mark.shows("AC-21")
@drawn.parametrize()
@fuzzed(3)
def test_nobody_gets_in(case: Case[Any], world: World) -> None:
    answered(case, world, "anonymous")
    assert case.call().status_code in (401, 404, 405)
