"""The description: committed, complete, and true of its own examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from opora.api.app import described
from opora.api.examples import EXAMPLES

COMMITTED = Path(__file__).resolve().parents[2] / "openapi.json"


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return described()


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation | {"method": method, "path": path}
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


def test_the_committed_description_is_what_the_api_says(description: dict[str, Any]) -> None:
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == description, "run `make openapi`"


def test_every_call_says_every_refusal_it_can_give(description: dict[str, Any]) -> None:
    for name, operation in operations(description).items():
        statuses = set(operation["responses"])
        assert {"401", "405", "422", "429", "500", "503"} <= statuses, name
        assert ("404" in statuses) == ("{" in operation["path"] or name == "add_contract"), name
        writes = operation["method"] != "get" and name != "ask_eligibility"
        assert ("403" in statuses) == writes, name
        assert operation["security"], name


def test_opening_requires_a_key_and_every_other_post_takes_one(
    description: dict[str, Any],
) -> None:
    required = {
        name: parameter["required"]
        for name, operation in operations(description).items()
        for parameter in operation["parameters"]
        if parameter["name"] == "Idempotency-Key"
    }
    posts = {name for name, one in operations(description).items() if one["method"] == "post"} - {
        "ask_eligibility"
    }
    assert required == {name: name == "open_case" for name in posts}


def test_every_call_has_an_example_that_fits(description: dict[str, Any]) -> None:
    without = {"delete_contract", "remove_contact", "get_attachment"}
    assert set(EXAMPLES) == set(operations(description)) - without
    for name, operation in operations(description).items():
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        bodies += [one for status, one in operation["responses"].items() if status[0] == "2"]
        for body in bodies:
            for content in body.get("content", {}).values():
                if "example" in content:
                    schema = content["schema"] | {"components": description["components"]}
                    assert jsonschema_rs.is_valid(schema, content["example"]), name


def test_no_name_of_the_house_leaks_into_the_description(description: dict[str, Any]) -> None:
    text = json.dumps(description)
    assert "opora_api" not in text
    assert "NinjaResponse" not in text
