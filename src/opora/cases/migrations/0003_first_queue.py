"""A new installation has one queue holding every agent (S8.1)."""

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def up(apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    queue = apps.get_model("cases", "Queue")
    if not queue.objects.exists():
        queue.objects.create(
            slug="support",
            names={"cs": "Podpora", "en": "Support"},
            holds_every_agent=True,
            is_default=True,
        )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0002_search")]
    operations: ClassVar = [migrations.RunPython(up, migrations.RunPython.noop)]
