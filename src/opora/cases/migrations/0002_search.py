"""Where stems are searched: a tsvector with GIN on PostgreSQL, FTS5 on SQLite (ADR 0006)."""

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ROWS = "cases_searchrow"


def up(apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    if schema.connection.vendor == "postgresql":
        schema.execute(f"ALTER TABLE {ROWS} ADD COLUMN document tsvector NOT NULL DEFAULT ''")
        schema.execute(f"CREATE INDEX search_row_document ON {ROWS} USING gin (document)")
    else:
        schema.execute(
            "CREATE VIRTUAL TABLE cases_search USING fts5("
            "stems, content='', tokenize='unicode61 remove_diacritics 0')"
        )


def down(apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    if schema.connection.vendor == "postgresql":
        schema.execute("DROP INDEX search_row_document")
        schema.execute(f"ALTER TABLE {ROWS} DROP COLUMN document")
    else:
        schema.execute("DROP TABLE cases_search")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(up, down)]
