"""A device with passkeys, as software: what it signs is what a real one would (ES256)."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


@dataclass
class Device:
    """One passkey for one host. `checks_owner` False: it is present, but asked for no PIN."""

    host: str = "localhost"
    origin: str = "http://localhost"
    checks_owner: bool = True
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    owner: bytes = b""

    def create(self, options: dict[str, Any]) -> str:
        """The credential that a page posts after `navigator.credentials.create`."""
        wanted = options["publicKey"]
        self.owner = websafe_decode(wanted["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        data = (
            self._head(HAS_KEY)
            + bytes(16)
            + len(self.credential_id).to_bytes(2)
            + self.credential_id
            + cbor.encode(public)
        )
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential(
            {
                "clientDataJSON": websafe_encode(self._client("create", wanted["challenge"])),
                "attestationObject": websafe_encode(attestation),
            }
        )

    def get(self, options: dict[str, Any]) -> str:
        """The credential that a page posts after `navigator.credentials.get`."""
        data = self._head()
        client = self._client("get", options["publicKey"]["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(self.owner),
            }
        )

    def _head(self, more: int = 0) -> bytes:
        flags = PRESENT | (VERIFIED if self.checks_owner else 0) | more
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + bytes(4)

    def _client(self, what: str, challenge: str) -> bytes:
        said = {"type": f"webauthn.{what}", "challenge": challenge, "origin": self.origin}
        return json.dumps(said).encode()

    def _credential(self, response: dict[str, str]) -> str:
        named = websafe_encode(self.credential_id)
        return json.dumps(
            {
                "id": named,
                "rawId": named,
                "type": "public-key",
                "clientExtensionResults": {"credProps": {"rk": True}},
                "response": response,
            }
        )
