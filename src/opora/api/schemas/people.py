"""The caller."""

from __future__ import annotations

from typing import Annotated

from opora.api.fields import Shown, one_of


class Me(Shown):
    """The account behind the token; its values are the defaults of a request (S5.2)."""

    id: str
    kind: Annotated[str, one_of("personal", "work", "agent", "administrator")]
    email: str
    given_name: str
    family_name: str
    country: str
    time_zone: str
    language: str
