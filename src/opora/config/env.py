"""Settings of an installation, read from the environment: typed, each also as NAME_FILE.

`docs/reference/settings.md` lists every one; a test compares.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

LOOPBACK = ("localhost", "127.0.0.1", "::1")
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)


class FileSource(EnvSettingsSource):
    """`NAME_FILE=path`: the value is what the file holds, without the line end."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"OPORA_{field_name.upper()}_FILE")
        value = Path(path).read_text(encoding="utf-8").rstrip("\r\n") if path else None
        return value, field_name, False


class Environment(BaseSettings):
    """What the operator may set. Every field has a default: `opora serve` needs none."""

    model_config = SettingsConfigDict(env_prefix="OPORA_", extra="ignore")

    data_dir: Path = Field(
        default=Path("data"), description="Database file, uploads, mails and the generated secret."
    )
    database_url: str = Field(
        default="", description="`postgresql://…` for production; empty: SQLite in the data folder."
    )
    public_url: str = Field(
        default="", description="Address in links and mails. Default: `http://localhost:PORT`."
    )
    port: int = Field(
        default=8000, ge=1, le=65535, description="Port that `opora serve` listens on."
    )
    time_zone: str = Field(
        default="Europe/Prague", description="The vendor's time zone (IANA name)."
    )
    email_url: str = Field(
        default="",
        description="`smtp://…`, `smtps://…`, `console:` or `file:DIR`; "
        "default: `file:` with `mail` in the data folder.",
    )
    email_from: str = Field(
        default="", description="Sender of mails. Default: `support@` the public host."
    )
    secret_key: str = Field(
        default="",
        description="Key of cookies and hashes, at least 32 characters; default: generated once "
        "into the data folder.",
    )
    secret_key_fallbacks: str = Field(
        default="", description="Older keys that still open cookies and links, separated by spaces."
    )
    migrate: Literal["auto", "never"] = Field(
        default="auto", description="`never`: only `opora serve` brings the database up to date."
    )
    vendor_name: str = Field(
        default="Opora", max_length=80, description="The vendor's name, on every page."
    )
    vendor_accent: str = Field(
        default="#0b5cad",
        pattern=r"^#[0-9a-fA-F]{6}$",
        description="The vendor's colour; contrast is mended.",
    )
    vendor_logo: Path | None = Field(
        default=None, description="SVG or PNG file shown in the header instead of the name."
    )
    attachment_limit_mb: int = Field(
        default=100, ge=1, description="Largest attachment, in megabytes (S8.6)."
    )
    scanner: str = Field(
        default="",
        description="Virus scanner that sees each file first: `clamd:/path/of/socket`, "
        "`clamd://host:port`, or `command:PROGRAM` that reads the file from standard input and "
        "ends with 0 (clean) or 1 (found). Empty: none.",
    )
    payments: str = Field(
        default="",
        description="Ways to pay for support, separated by spaces: `stripe` (cards), `outside` "
        "(a bank transfer that the vendor confirms by hand). Empty: nothing is sold.",
    )
    stripe_secret_key: str = Field(default="", description="Secret key of the Stripe account.")
    stripe_publishable_key: str = Field(
        default="", description="Publishable key of the Stripe account, for the card fields."
    )
    stripe_webhook_secret: str = Field(
        default="",
        description="Signing secret of the webhook endpoint `/payments/stripe/notices/`.",
    )
    stripe_api: str = Field(
        default="https://api.stripe.com",
        description="Where Stripe's API is; another address only for trying things out.",
    )
    stripe_script: str = Field(
        default="https://js.stripe.com",
        description="Where Stripe's card fields come from; another only for trying things out.",
    )
    seller: str = Field(
        default="",
        max_length=400,
        description="Address, company and tax number of the seller, on receipts and credit notes "
        "under the vendor's name; lines are separated by `;`.",
    )
    bank_account: str = Field(
        default="",
        max_length=200,
        description="Account shown to whoever pays `outside`. An IBAN or a Czech number is also "
        "shown as a QR code (koruna, euro).",
    )
    services_agreement: str = Field(
        default="", description="Address of the services agreement that buyers agree to (S7.4)."
    )
    refund_limits: str = Field(
        default="CZK 5000, EUR 200, USD 200, GBP 200",
        description="Refunds above this need a second person's consent; so does every refund in a "
        "currency that is not named.",
    )
    metrics_token: str = Field(
        default="",
        description="Bearer token that opens `/metrics`; empty: only administrators see it.",
    )
    trusted_proxies: int = Field(
        default=0, ge=0, description="How many proxies in front set X-Forwarded-For and -Proto."
    )
    outbound_networks: str = Field(
        default="",
        description="Private networks in which providers of sign-in may be called, separated by "
        "spaces: `10.20.0.0/16 fd00::/8`. Empty: public addresses only, and the machine itself "
        "while OPORA_PUBLIC_URL is on it.",
    )
    api_rate_per_minute: int = Field(
        default=0, ge=0, description="Calls a minute per account; 0: no limit."
    )
    workers: int = Field(
        default=0, ge=0, description="Web workers of `opora serve`; 0: by processors."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FileSource(settings_cls)

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value} is not a known time zone; use a name such as Europe/Prague")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("postgresql", "postgres"):
            raise ValueError("only postgresql://… is understood; leave it empty for SQLite")
        return value

    @field_validator("email_url")
    @classmethod
    def _known_transport(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("smtp", "smtps", "console", "file"):
            raise ValueError("mail leaves by smtp://…, smtps://…, console: or file:DIR")
        return value

    @field_validator("scanner")
    @classmethod
    def _known_scanner(cls, value: str) -> str:
        kind, _colon, place = value.partition(":")
        if value and (kind not in ("clamd", "command") or not place.strip()):
            raise ValueError("a scanner is clamd:/path, clamd://host:port or command:PROGRAM")
        return value

    @field_validator("outbound_networks")
    @classmethod
    def _known_networks(cls, value: str) -> str:
        for one in value.split():
            try:
                ip_network(one)
            except ValueError as error:
                raise ValueError(f"a network is written like 10.20.0.0/16: {error}") from None
        return value

    @field_validator("payments")
    @classmethod
    def _known_payments(cls, value: str) -> str:
        if unknown := set(value.split()) - {"stripe", "outside"}:
            raise ValueError(f"no payment provider is called {', '.join(sorted(unknown))}")
        return value

    @field_validator("stripe_api", "stripe_script")
    @classmethod
    def _safe_provider(cls, value: str) -> str:
        url = urlsplit(value)
        is_local = url.scheme == "http" and url.hostname in LOOPBACK
        if url.path or not url.hostname or (url.scheme != "https" and not is_local):
            raise ValueError("a payment provider is at an address like https://api.example.com")
        return value

    @field_validator("services_agreement")
    @classmethod
    def _web_page(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("the services agreement is a web page: https://…")
        return value

    @field_validator("refund_limits")
    @classmethod
    def _readable_limits(cls, value: str) -> str:
        for one in filter(None, (part.strip() for part in value.split(","))):
            if not re.fullmatch(r"[A-Z]{3} [0-9]{1,9}", one):
                raise ValueError("limits of refunds are written like: CZK 5000, EUR 200")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_secret(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("the secret key needs at least 32 characters")
        return value

    @model_validator(mode="after")
    def _public_address_is_safe(self) -> Environment:
        url = self.public
        is_host = HOST.fullmatch(url.hostname or "") is not None  # no wildcard opens every name
        if url.scheme not in ("http", "https") or not is_host or url.path not in ("", "/"):
            raise ValueError("OPORA_PUBLIC_URL must be like https://support.example.com")
        if url.scheme == "http" and url.hostname not in LOOPBACK:
            raise ValueError(
                f"OPORA_PUBLIC_URL is {self.public_url}: a public address must be https"
            )
        return self

    @model_validator(mode="after")
    def _what_is_sold_can_be_paid(self) -> Environment:
        missing = {
            "stripe": [
                f"OPORA_{name.upper()}"
                for name in ("stripe_secret_key", "stripe_publishable_key", "stripe_webhook_secret")
                if not getattr(self, name)
            ],
            "outside": [] if self.bank_account else ["OPORA_BANK_ACCOUNT"],
        }
        ways = self.payments.split()
        lacking = [name for way in ways for name in missing[way]]
        if ways and not self.services_agreement:
            lacking.append("OPORA_SERVICES_AGREEMENT")
        if lacking:
            raise ValueError(f"OPORA_PAYMENTS is {self.payments}: also set {', '.join(lacking)}")
        return self

    @cached_property
    def public(self) -> SplitResult:
        return urlsplit((self.public_url or f"http://localhost:{self.port}").rstrip("/"))

    @property
    def is_https(self) -> bool:
        return self.public.scheme == "https"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def load() -> Environment:
    """Read the environment; pydantic's ValidationError names what is wrong."""
    return Environment()
