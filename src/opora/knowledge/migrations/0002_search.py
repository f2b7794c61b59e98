"""Where the stems of articles are searched: a weighted tsvector with GIN on PostgreSQL, FTS5 on
SQLite (ADR 0006)."""

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ROWS = "knowledge_searchrow"


def up(apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    if schema.connection.vendor == "postgresql":
        schema.execute(f"ALTER TABLE {ROWS} ADD COLUMN document tsvector NOT NULL DEFAULT ''")
        schema.execute(f"CREATE INDEX article_document ON {ROWS} USING gin (document)")
    else:
        schema.execute(
            "CREATE VIRTUAL TABLE knowledge_search USING fts5("
            "title, names, body, tokenize='unicode61 remove_diacritics 0')"
        )


def down(apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    if schema.connection.vendor == "postgresql":
        schema.execute("DROP INDEX article_document")
        schema.execute(f"ALTER TABLE {ROWS} DROP COLUMN document")
    else:
        schema.execute("DROP TABLE knowledge_search")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("knowledge", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(up, down)]
