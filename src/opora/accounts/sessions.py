"""Sessions in the database, each with its account: both come in one statement."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import models
from django.utils import timezone

from opora.accounts.models import Account, Session
from opora.core.prepared import Param, Prepared

_LIVE: Prepared[Session] = Prepared(
    lambda: Session.objects.select_related("account__person").filter(
        session_key=Param("key", models.CharField()),
        expire_date__gt=Param("now", models.DateTimeField()),
    )
)


class SessionStore(DatabaseStore):
    """Django's database sessions plus `account`, loaded with the session's own row."""

    account: Account | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        row = _LIVE.first(key=self.session_key, now=timezone.now())  # noqa: TID251 - a door of Django's
        if row is None:
            self._session_key = None
            return {}
        self.account = row.account
        return self.decode(row.session_data)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session: Session = super().create_model_instance(data)  # type: ignore[assignment]
        key = data.get(SESSION_KEY)
        session.account_id = int(key) if key else None
        # The same at each saving, another one for each key; tells nothing about the key.
        session.public_id = UUID(bytes=sha256(session.session_key.encode()).digest()[:16])
        # Signing in put these into the session's data, so that saving it again keeps them.
        if started_at := data.get("started_at"):
            session.started_at = datetime.fromisoformat(started_at)
            session.user_agent = data["user_agent"]
        return session
