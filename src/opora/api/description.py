"""The OpenAPI description: what the signatures say, completed by what they cannot.

Added here: every refusal a call can give, as a problem; Idempotency-Key; examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from opora.api.examples import EXAMPLES
from opora.api.fields import ID_PATTERN, NUMBER_PATTERN
from opora.api.problems import MEDIA_TYPE

Described = TypeVar("Described", bound=Callable[..., Any])
Members = dict[str, Any]

ABOUT = """\
Open and follow support requests from programs.

* **Sign in** with `Authorization: Bearer TOKEN`. Tokens are made under Settings, or by
  `opora tokens issue`.
* **Lists** answer `{"items": […], "next": CURSOR|null}` and take `?cursor=&limit=` (default 25,
  at most 100).
* **Refusals** are problems (RFC 9457) with a stable `code`; sentences follow `Accept-Language`,
  else the account.
* **Repeat safely**: send an `Idempotency-Key` with any POST; opening a case requires one.
"""
KEY_PARAMETER: Members = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key with the same body is answered with the same bytes and done once.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "minLength": 1, "maxLength": 255},
    "example": "5f0c1a52-order-4711",
}
PREFIX = "/api/v1"
BYTES: Members = {"type": "string", "format": "binary"}
PATTERNS = {
    "number": (NUMBER_PATTERN, "The case's number: 16 digits."),
    "contract_id": (ID_PATTERN, "The contract's `id`."),
    "contact_id": (ID_PATTERN, "The contact's `id`."),
    "attachment_id": (ID_PATTERN, "The attachment's `id`."),
    "product_id": (r"^[a-z0-9-]{1,200}$", "The product's `id`, a slug."),
}
PROBLEM_SCHEMA: Members = {
    "type": "object",
    "description": "RFC 9457. The facts of the refusal are further members.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/no-incidents-left"]},
        "title": {"type": "string"},
        "status": {
            "type": ["integer", "string"],
            "description": "The HTTP status; of `contract-already-registered` the contract's.",
        },
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "reasons": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message", "remedy"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "remedy": {"type": "string"},
                },
            },
        },
        "retry_after": {"type": "integer"},
    },
    "additionalProperties": True,
}
# Codes any call can give, by status.
ALWAYS: dict[int, tuple[str, ...]] = {
    401: ("not-authenticated",),
    405: ("method-not-allowed",),
    422: ("invalid-input",),
    429: ("too-many-tries",),
    500: ("internal-error",),
    503: ("unavailable",),
}
# What eligibility can say, in its order (SPEC 12): the codes of a refused contract.
NOT_ELIGIBLE = (
    "not-activated",
    "not-started",
    "expired",
    "suspended",
    "cancelled",
    "no-incidents-left",
    "cloud-products-only",
    "on-premises-products-only",
    "product-not-covered",
    "not-released",
    "support-ended",
    "mainstream-support-ended",
    "version-not-latest",
    "production-not-covered",
    "severity-not-covered",
)


def refuses(codes: Mapping[int, Iterable[str]]) -> Callable[[Described], Described]:
    """Say which refusals a call can give beside those that every call can: status to codes."""

    def mark(view: Described) -> Described:
        setattr(view, "refuses", {status: tuple(some) for status, some in codes.items()})  # noqa: B010
        return view

    return mark


def complete(schema: Members, views: dict[str, Callable[..., Any]]) -> Members:
    """`schema` with problems, keys and examples; `views` by operation id."""
    components = schema["components"]
    components["schemas"]["Problem"] = PROBLEM_SCHEMA
    files = schema["paths"][f"{PREFIX}/cases/{{number}}/attachments/{{attachment_id}}"]["get"]
    files["responses"][200]["content"] = {"application/octet-stream": {"schema": BYTES}}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            codes = _codes(operation, path, method, views[operation["operationId"]])
            operation["responses"] = {
                str(status): answer for status, answer in operation["responses"].items()
            } | {str(status): _problem(status, some) for status, some in sorted(codes.items())}
            _describe_parameters(operation, method)
            if example := EXAMPLES.get(operation["operationId"]):
                _show_example(operation, example)
    schema["tags"] = [{"name": name} for name in _tags(schema)]
    return schema


def _codes(
    operation: Members, path: str, method: str, view: Callable[..., Any]
) -> dict[int, tuple[str, ...]]:
    codes = dict(ALWAYS)
    if "{" in path:
        codes[404] = ("not-found",)
    if method != "get" and operation["operationId"] != "ask_eligibility":
        codes[403] = ("read-only-token",)
    if "requestBody" in operation:
        codes[413] = ("body-too-large",)
    if method == "post" and operation["operationId"] != "ask_eligibility":
        codes[409] = ("request-in-progress",)
        codes[422] = (*codes[422], "idempotency-key-required", "idempotency-key-reused")
    for status, some in getattr(view, "refuses", {}).items():
        codes[status] = (*some, *codes.get(status, ()))
    return codes


def _problem(status: int, codes: Iterable[str]) -> Members:
    answer: Members = {
        "description": f"{HTTPStatus(status).phrase}: " + ", ".join(f"`{c}`" for c in codes),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in (429, 503):
        answer["headers"] = {
            "Retry-After": {"schema": {"type": "string"}, "description": "Seconds to wait."}
        }
    return answer


def _describe_parameters(operation: Members, method: str) -> None:
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            pattern, description = PATTERNS[parameter["name"]]
            parameter["schema"] = {"type": "string", "pattern": pattern}
            parameter["description"] = description
        parameter["schema"].pop("title", None)
        parameter["schema"].pop("description", None)
    if method == "post" and operation["operationId"] != "ask_eligibility":
        is_required = operation["operationId"] == "open_case"
        operation["parameters"].append(KEY_PARAMETER | {"required": is_required})


def _show_example(operation: Members, example: Members) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if "request" in example:
            content["example"] = example["request"]
    for status, answer in operation["responses"].items():
        if status.startswith("2") and (shown := example.get(status, example.get("response"))):
            for content in answer.get("content", {}).values():
                content["example"] = shown


def _tags(schema: Members) -> list[str]:
    found: dict[str, None] = {}
    for operations in schema["paths"].values():
        for operation in operations.values():
            found.update(dict.fromkeys(operation.get("tags", [])))
    return list(found)
