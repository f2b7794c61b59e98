"""Sealing the evidence: each audit line is hashed together with the seal before it (I7).

Deeds insert plain lines; the worker seals them afterwards, in the order of their keys, never inside
a deed. A line whose transaction committed late is sealed late: the chain follows `sequence`, not
the key.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC

from django.db import connection, transaction

from opora.core.models import AuditLine

SEALER_LOCK = 0x7365616C  # "seal"
BATCH = 500
FIRST = "0" * 64


def seal_of(line: AuditLine, *, sequence: int, before: str) -> str:
    """The seal of a line that stands at `sequence` after the seal `before`."""
    content = json.dumps(
        {
            "actor": line.actor_id,
            "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "code": line.code,
            "facts": line.facts,
            "id": line.pk,
            "sequence": sequence,
            "target": [line.target_kind, line.target_id],
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()


@transaction.atomic
def seal_batch() -> int:
    """Seal up to BATCH plain lines; how many. One sealer at a time, whoever runs it."""
    table = AuditLine._meta.db_table
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
            if not cursor.fetchone()[0]:
                return 0
    lines = list(AuditLine.objects.filter(seal="").order_by("pk")[:BATCH])
    if not lines:
        return 0
    last = (
        AuditLine.objects.filter(sequence__isnull=False)
        .order_by("-sequence")
        .values_list("sequence", "seal")
        .first()
    )
    sequence, seal = last or (0, FIRST)
    sealed = []
    for line in lines:
        sequence = (sequence or 0) + 1
        seal = seal_of(line, sequence=sequence, before=seal)
        sealed.append((sequence, seal, line.pk))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET sequence = %s, seal = %s WHERE id = %s",  # noqa: S608 - our own table name
            sealed,
        )
    return len(sealed)
