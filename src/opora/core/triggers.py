"""Triggers for migrations, the same promise on both engines.

Triggers are the last wall: code never relies on one firing, `opora verify` and tests prove they do.
"""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def refuse(*, table: str, name: str, event: str, when: str, message: str) -> migrations.RunPython:
    """A migration step: refuse `event` ("INSERT", "UPDATE", "DELETE") on `table` when `when` holds.

    `when` is SQL over NEW and OLD that both engines read; {table} in it is the table's name.
    """
    condition = when.format(table=table)

    def up(apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
        if schema.connection.vendor == "postgresql":
            back = "OLD" if event == "DELETE" else "NEW"
            schema.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {condition} THEN RAISE EXCEPTION '{message}' "
                f"USING ERRCODE = 'integrity_constraint_violation'; END IF; "
                f"RETURN {back}; END $$"
            )
            schema.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {name}()"
            )
        else:
            schema.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
                f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )

    def down(apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
        if schema.connection.vendor == "postgresql":
            schema.execute(f"DROP TRIGGER {name} ON {table}")
            schema.execute(f"DROP FUNCTION {name}()")
        else:
            schema.execute(f"DROP TRIGGER {name}")

    return migrations.RunPython(up, down)
