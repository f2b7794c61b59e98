"""A file of channels: its shape, checked whole before anything is loaded, and written back alike.

    {"version": 1, "channels": [{"id", "name", "text"?, "hours"?, "url"?, "email"?, "phone"?,
                                 "helps_signing_in"?}]}

Names and texts are one text for every language, or texts under "cs" and "en". `read_channels` takes
what `listed` makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from opora.accounts.addresses import parse_address
from opora.accounts.errors import NotAnAddress
from opora.catalog.errors import BadChannels
from opora.catalog.models import Channel
from opora.catalog.reading import Reader

VERSION = 1
LONGEST_PHONE = 40
LONGEST_TEXT = 1000


@dataclass(frozen=True)
class ChannelRow:
    """`facts` holds every fact of `Channel` by its field."""

    slug: str
    facts: Mapping[str, Any]


def read_channels(document: Any) -> list[ChannelRow]:
    """The channels of a parsed file, in its order. BadChannels naming every fault by pointer."""
    return _Reader().read(document)


def listed(channels: Iterable[Channel]) -> dict[str, Any]:
    """Channels as a file."""
    return {
        "version": VERSION,
        "channels": [
            {"id": one.slug, "name": one.names}
            | {
                key: value
                for key, value in (
                    ("text", one.texts),
                    ("hours", one.hours),
                    ("url", one.url),
                    ("email", one.email),
                    ("phone", one.phone),
                    ("helps_signing_in", one.helps_signing_in),
                )
                if value
            }
            for one in channels
        ],
    }


class _Reader(Reader):
    def read(self, document: Any) -> list[ChannelRow]:
        if not isinstance(document, dict) or document.get("version") != VERSION:
            self.refuse("/version", _("This must be 1, in an object with a list “channels”."))
            raise BadChannels(errors=self.errors)
        rows = self.rows(document, "channels", "", self.channel, required=True)
        self.unique((at, row.slug, row.slug) for at, row in rows)
        if self.errors:
            raise BadChannels(errors=self.errors)
        return [row for _at, row in rows]

    def channel(self, raw: Mapping[str, Any], at: str, position: int) -> ChannelRow:
        ways = {
            "url": self.address(raw, "url", at, required=False),
            "email": self.email(raw, at),
            "phone": self.text(raw, "phone", at, required=False, longest=LONGEST_PHONE),
        }
        if not any(raw.get(name) for name in ways):
            self.refuse(at, _("Give the channel a web address, an e-mail address or a phone."))
        return ChannelRow(
            slug=self.own_slug(raw, at),
            facts={
                "names": dict(self.names(raw, at)),
                "texts": dict(self.sentences(raw, "text", at, LONGEST_TEXT) or {}),
                "hours": dict(self.sentences(raw, "hours", at) or {}),
                "helps_signing_in": self.yes_or_no(raw, "helps_signing_in", at),
                "position": position,
                **ways,
            },
        )

    def email(self, raw: Mapping[str, Any], at: str) -> str:
        text = self.text(raw, "email", at, required=False)
        if not text:
            return ""
        try:
            parse_address(text)
        except NotAnAddress:
            self.refuse(f"{at}/email", _("“%(email)s” is no e-mail address.") % {"email": text})
        return text
