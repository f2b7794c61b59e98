"""The two ids of a contract and the secrets of invitations (S14.1): made, read and kept.

The Contract ID is 12 digits and no secret. The Access ID is 20 symbols of Crockford's alphabet, 100
random bits, kept only as a keyed hash. So is an invitation's secret: 256 bits.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from functools import lru_cache
from hashlib import sha256

from django.conf import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U
ACCESS_ID_LENGTH = 20
CONTRACT_ID_LENGTH = 12
LONGEST_INPUT = 100  # what is longer is no id, and is not worth reading
INVITATION = re.compile(r"[A-Za-z0-9_-]{43}")

_LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})
_DASHES = str.maketrans("", "", "-‐‑‒–—―−_. \u00a0\t\r\n")


def new_access_id() -> str:
    """A fresh Access ID as it is shown, once: XXXX-XXXX-XXXX-XXXX-XXXX."""
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(ACCESS_ID_LENGTH))
    return "-".join(symbols[at : at + 4] for at in range(0, ACCESS_ID_LENGTH, 4))


def new_contract_id() -> str:
    """Twelve digits, the first not zero."""
    return str(secrets.randbelow(9 * 10**11) + 10**11)


def read_access_id(text: str) -> str:
    """The symbols that `text` spells, whatever its case, spaces and dashes; look-alikes mended."""
    return _squeezed(text).translate(_LOOK_ALIKES)


def read_contract_id(text: str) -> str:
    """The twelve digits that `text` spells; "" if it cannot be a Contract ID."""
    squeezed = _squeezed(text)
    fits = len(squeezed) == CONTRACT_ID_LENGTH and squeezed.isascii() and squeezed.isdigit()
    return squeezed if fits else ""


def grouped(contract_id: str) -> str:
    """A Contract ID as people read it: 1234-5678-9012."""
    return "-".join(contract_id[at : at + 4] for at in range(0, len(contract_id), 4))


def typed_contract_key(text: str) -> str:
    """What wrong tries on a Contract ID are counted under: its digits, or a hash of other text."""
    number = read_contract_id(text)
    return number or sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def access_id_hash(access_id: str) -> str:
    """What is kept of an Access ID: a hash under the installation's current secret."""
    return _hash(read_access_id(access_id), _key(settings.SECRET_KEY))


def matching_hash(access_id: str, kept: str) -> str:
    """The hash to keep from now on if `access_id` is the one kept as `kept`, else "".

    Every secret still accepted is tried, whatever matches: the work never depends on the answer
    (EN-04). A hash under an older secret is so replaced at its first use (F-28).
    """
    symbols = read_access_id(access_id)
    hashes = [_hash(symbols, _key(secret)) for secret in _accepted()]
    matches = [hmac.compare_digest(candidate, kept) for candidate in hashes]
    return hashes[0] if any(matches) else ""


def new_invitation_secret() -> str:
    """A fresh secret of an invitation: 256 random bits, as it stands in the link."""
    return secrets.token_urlsafe(32)


def mailed_invitation_secrets(public_id: str) -> list[str]:
    """The secrets that an invitation of that id can have when it is mailed, the current first.

    They follow from the installation's own secrets, so that the mail is written without one lying
    in the queue; nobody else can make them.
    """
    message = b"opora.contracts.mailed-invitation:" + public_id.encode()
    return [
        base64.urlsafe_b64encode(hmac.new(_invitation_key(key), message, sha256).digest())
        .rstrip(b"=")
        .decode()
        for key in _accepted()
    ]


def invitation_hash(secret: str) -> str:
    """What is kept of an invitation's secret."""
    return _hash(secret, _invitation_key(settings.SECRET_KEY))


def invitation_hashes(text: str) -> list[str]:
    """The hashes under which an invitation with this secret may be kept, one for each secret of the
    installation still accepted; none for text that is no secret: nothing blank matches (AU-07)."""
    if not INVITATION.fullmatch(text):
        return []
    return [_hash(text, _invitation_key(key)) for key in _accepted()]


def _accepted() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def _squeezed(text: str) -> str:
    return text[:LONGEST_INPUT].translate(_DASHES).upper()


def _hash(symbols: str, key: bytes) -> str:
    return hmac.new(key, symbols.encode("utf-8", "surrogatepass"), sha256).hexdigest()


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    return sha256(b"opora.contracts.access-id:" + secret.encode()).digest()


@lru_cache(maxsize=8)
def _invitation_key(secret: str) -> bytes:
    return sha256(b"opora.contracts.invitation:" + secret.encode()).digest()
