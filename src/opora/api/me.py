"""The account behind the token."""

from __future__ import annotations

from ninja import Router

from opora.api.requests import ApiRequest
from opora.api.schemas.people import Me

router = Router(tags=["Account"])


@router.get("/me", response=Me, summary="Who the token belongs to")
def get_me(request: ApiRequest) -> Me:
    account = request.auth
    return Me(
        id=account.public_id.hex,
        kind=account.kind,
        email=account.email,
        given_name=account.person.given_name,
        family_name=account.person.family_name,
        country=account.country,
        time_zone=account.time_zone,
        language=account.language,
    )
