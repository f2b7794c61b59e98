"""Refusals as Stripe words them."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """`more`: further members of the error, such as the payment intent of a declined try."""

    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, **more}}


def invalid(message: str, *, code: str | None = None, param: str | None = None) -> ApiError:
    more = {name: value for name, value in (("code", code), ("param", param)) if value}
    return ApiError(400, "invalid_request_error", message, **more)


def missing(kind: str, name: str, *, param: str = "id", status: int = 404) -> ApiError:
    return ApiError(
        status,
        "invalid_request_error",
        f"No such {kind}: '{name}'",
        code="resource_missing",
        param=param,
    )


def unexpected_state(message: str, intent: dict[str, Any]) -> ApiError:
    return ApiError(
        400,
        "invalid_request_error",
        message,
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )
