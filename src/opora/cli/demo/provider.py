"""A small OpenID provider for the demo's one work account. Nothing but the demo starts it.

Authorization code flow with PKCE, answers signed with a key made at start; on loopback only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import secrets
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CODE_LIVES = 120  # seconds
TOKEN_LIVES = 600


@dataclass(frozen=True)
class Employee:
    """Somebody the provider knows. `subject` never changes; the address may."""

    subject: str
    email: str
    password: str
    given_name: str
    family_name: str


@dataclass
class Provider:
    """What the provider knows and has handed out."""

    issuer: str
    organization: str
    client_id: str
    client_secret: str
    redirect_prefixes: tuple[str, ...]  # codes go to addresses below these only
    employees: list[Employee]
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, tuple[Employee, float]] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile", "email"],
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "demo", "use": "sig", "alg": "RS256"}]}

    def employee(self, email: str, password: str) -> Employee | None:
        for known in self.employees:
            if known.email.casefold() == email.strip().casefold():
                same = hmac.compare_digest(known.password.encode(), password.encode())
                return known if same else None
        return None

    def grant(self, employee: Employee, asked: dict[str, str]) -> str:
        code = secrets.token_urlsafe(32)
        self.codes[code] = {**asked, "employee": employee, "until": time.time() + CODE_LIVES}
        return code

    def exchange(self, form: dict[str, str], client: tuple[str, str]) -> dict[str, Any] | None:
        """The tokens of a code, once; None if anything about it is wrong."""
        granted = self.codes.pop(form.get("code", ""), None)
        expected = (self.client_id, self.client_secret)
        if granted is None or granted["until"] < time.time() or client != expected:
            return None
        if granted["redirect_uri"] != form.get("redirect_uri"):
            return None
        if challenge := granted.get("code_challenge"):
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
                return None
        employee: Employee = granted["employee"]
        access = secrets.token_urlsafe(32)
        now = int(time.time())
        self.tokens[access] = (employee, now + TOKEN_LIVES)
        claims = {
            **self.claims(employee),
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + TOKEN_LIVES,
        }
        if nonce := granted.get("nonce"):
            claims["nonce"] = nonce
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIVES,
            "id_token": jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "demo"}),
        }

    def claims(self, employee: Employee) -> dict[str, Any]:
        return {
            "sub": employee.subject,
            "email": employee.email,
            "email_verified": True,
            "given_name": employee.given_name,
            "family_name": employee.family_name,
        }


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{organization}: sign in</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 sans-serif }}
body {{ display: grid; place-items: center; min-height: 100vh; margin: 0 }}
form {{ display: grid; gap: 12px; width: min(320px, 90vw) }}
label {{ display: grid; gap: 4px }}
input, button {{ font: inherit; padding: 8px 12px }}
</style></head><body><main><form method="post">
<h1>{organization}</h1><p>{message}</p>{hidden}
<label>Work address
<input name="email" type="email" value="{email}" autocomplete="username" required></label>
<label>Password
<input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button></form></main></body></html>"""


class _Handler(BaseHTTPRequestHandler):
    """One request; what it changes is its server's provider."""

    server_version = "DemoProvider"

    @property
    def provider(self) -> Provider:
        return cast(_Server, self.server).provider

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the demo's terminal belongs to Opora."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        match parts.path:
            case "/.well-known/openid-configuration":
                self.answer_json(self.provider.configuration())
            case "/keys":
                self.answer_json(self.provider.keys())
            case "/authorize":
                asked = {k: v[0] for k, v in parse_qs(parts.query).items()}
                self.ask(asked, "Sign in with your work account.")
            case "/userinfo":
                self.user_info()
            case _:
                self.send_error(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), 65536)
        body = self.rfile.read(length).decode()
        form = {k: v[0] for k, v in parse_qs(body).items()}
        match urlsplit(self.path).path:
            case "/authorize":
                self.authorize(form)
            case "/token":
                self.token(form)
            case _:
                self.send_error(HTTPStatus.NOT_FOUND)

    def ask(self, asked: dict[str, str], message: str, email: str = "") -> None:
        if not self.is_ours(asked):
            self.send_error(HTTPStatus.BAD_REQUEST, "Unknown client or address")
            return
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}">'
            for k, v in asked.items()
            if k not in ("email", "password")
        )
        known = email or asked.get("login_hint", "")
        self.answer(
            PAGE.format(
                organization=html.escape(self.provider.organization),
                message=html.escape(message),
                hidden=hidden,
                email=html.escape(known),
            ),
            "text/html; charset=utf-8",
        )

    def is_ours(self, asked: dict[str, str]) -> bool:
        return asked.get("client_id") == self.provider.client_id and asked.get(
            "redirect_uri", ""
        ).startswith(self.provider.redirect_prefixes)

    def authorize(self, form: dict[str, str]) -> None:
        employee = self.provider.employee(form.get("email", ""), form.get("password", ""))
        if employee is None or not self.is_ours(form):
            self.ask(
                form, "This address and password do not belong together.", form.get("email", "")
            )
            return
        query = {"code": self.provider.grant(employee, form), "state": form.get("state", "")}
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", f"{form['redirect_uri']}?{urlencode(query)}")
        self.end_headers()

    def token(self, form: dict[str, str]) -> None:
        client = (form.get("client_id", ""), form.get("client_secret", ""))
        basic = self.headers.get("Authorization", "")
        if basic.startswith("Basic "):
            name, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
            client = (name, secret)
        if tokens := self.provider.exchange(form, client):
            self.answer_json(tokens)
        else:
            self.answer_json({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST)

    def user_info(self) -> None:
        access = self.headers.get("Authorization", "").removeprefix("Bearer ")
        employee, until = self.provider.tokens.get(access, (None, 0.0))
        if employee is None or until < time.time():
            self.answer_json({"error": "invalid_token"}, HTTPStatus.UNAUTHORIZED)
        else:
            self.answer_json(self.provider.claims(employee))

    def answer_json(self, content: dict[str, Any], status: int = HTTPStatus.OK) -> None:
        self.answer(json.dumps(content), "application/json", status)

    def answer(self, text: str, media_type: str, status: int = HTTPStatus.OK) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    def __init__(self, provider: Provider, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.provider = provider


def server_for(provider: Provider, port: int) -> ThreadingHTTPServer:
    """A server on 127.0.0.1; `serve_forever()` runs it."""
    return _Server(provider, port)
