"""A program that calls the API through the real addresses and middleware."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from opora.accounts.actions import issue_token
from opora.accounts.models import Account
from tests import factories

V1 = "/api/v1"
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Answer:
    """What came back: `status`, `headers`, the exact `content`, and `data` if it is JSON."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        if response.streaming:
            self.content = b"".join(response.streaming_content)
        else:
            self.content = response.content
        self.is_problem = response.headers.get("Content-Type") == "application/problem+json"
        is_json = self.is_problem or "json" in response.headers.get("Content-Type", "")
        self.data: Any = json.loads(self.content) if is_json and self.content else None

    @property
    def code(self) -> str | None:
        """The problem's code; None if it is no problem."""
        return self.data["code"] if self.is_problem else None

    @property
    def refusal(self) -> tuple[int, str | None]:
        return self.status, self.code

    @property
    def fields(self) -> list[str]:
        """Which fields a 422 names."""
        return [error["field"] for error in self.data["errors"]]


class Caller:
    """Calls as `account`. Every call may name a language, an Idempotency-Key, or other headers."""

    def __init__(self, account: Account | None = None, *, scope: str = "write") -> None:
        self.account = account
        self.token = ""
        if account is not None:
            self.token = issue_token(account=account, scope=scope, by=account, now=factories.NOW)
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **options: Any) -> Answer:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("POST", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.call("DELETE", path, **options)

    def upload(
        self,
        path: str,
        content: bytes = b"log",
        *,
        name: str = "a.log",
        and_also: Mapping[str, Any] = NOTHING,
        **options: Any,
    ) -> Answer:
        """POST one file as a browser's form would; `and_also`: other parts, bytes as files."""

        def part(value: Any) -> Any:
            return SimpleUploadedFile(name, value) if isinstance(value, bytes) else value

        parts = {
            field: [part(one) for one in value] if isinstance(value, list) else part(value)
            for field, value in ({"file": content} | dict(and_also)).items()
        }
        return Answer(self.client.post(V1 + path, parts, headers=self._headers(**options)))

    def call(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **options: Any
    ) -> Answer:
        content = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        return Answer(
            self.client.generic(
                method,
                V1 + path,
                content,
                content_type="application/json",
                headers=self._headers(**options),
            )
        )

    def _headers(
        self, *, key: str | None = None, language: str | None = None, token: str | None = None
    ) -> dict[str, str]:
        given = {
            "Authorization": f"Bearer {token or self.token}" if token or self.token else None,
            "Idempotency-Key": key,
            "Accept-Language": language,
        }
        return {name: value for name, value in given.items() if value is not None}
