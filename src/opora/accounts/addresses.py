"""The one parser of e-mail addresses (AU-16). Pure.

It reads less than mail servers do, on purpose: what two parsers may read differently (comments,
quoted locals, encoded words, source routes, address literals) is no address here. The domain that
rules look at is the domain that mail goes to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import idna

from opora.accounts.errors import NotADomain, NotAnAddress

_LOCAL = re.compile(r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9#$&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_LOCAL = 64
_LONGEST_ADDRESS = 254


@dataclass(frozen=True)
class Address:
    """`text` is what mail goes to (domain in IDNA); `key` is what addresses compare by (S8.4)."""

    text: str
    key: str

    @property
    def domain(self) -> str:
        return self.key.rpartition("@")[2]


def parse_address(text: str) -> Address:
    """The address that `text` is, whole, without spaces around it. NotAnAddress otherwise."""
    local, at, domain_text = text.partition("@")
    if not at or len(local) > _LONGEST_LOCAL or "=?" in local or not _LOCAL.fullmatch(local):
        raise NotAnAddress
    try:
        domain = parse_domain(domain_text)
    except NotADomain:
        raise NotAnAddress from None
    if len(local) + 1 + len(domain) > _LONGEST_ADDRESS:
        raise NotAnAddress
    return Address(text=f"{local}@{domain}", key=f"{local.casefold()}@{domain}")


def address_key(text: str) -> str:
    """What `text` compares by: case-folded, domain in IDNA. NotAnAddress if it is none."""
    return parse_address(text).key


def parse_domain(text: str) -> str:
    """A mail domain in IDNA, lower case, of at least two labels, the last no number. NotADomain."""
    try:
        domain = idna.encode(text, uts46=True, std3_rules=True).decode("ascii").lower()
    except idna.IDNAError:
        raise NotADomain(domain=text[:253]) from None
    labels = domain.split(".")
    if (
        len(labels) < 2
        or len(domain) > 253
        or labels[-1].isdigit()
        or not all(_LABEL.fullmatch(label) for label in labels)
    ):
        raise NotADomain(domain=text[:253])
    return domain
