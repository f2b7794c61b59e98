"""Audit lines are never deleted; the only update is the sealing of an unsealed line (I7)."""

from typing import ClassVar

from django.db import migrations

from opora.core.triggers import refuse


class Migration(migrations.Migration):
    dependencies: ClassVar = [("core", "0001_initial")]
    operations: ClassVar = [
        refuse(
            table="core_auditline",
            name="auditline_is_never_deleted",
            event="DELETE",
            when="OLD.id IS NOT NULL",
            message="audit lines are append-only",
        ),
        refuse(
            table="core_auditline",
            name="auditline_is_only_sealed",
            event="UPDATE",
            when="OLD.seal <> '' OR NEW.seal = '' OR NEW.sequence IS NULL OR NEW.id <> OLD.id "
            "OR NEW.at <> OLD.at OR NEW.actor_id IS DISTINCT FROM OLD.actor_id "
            "OR NEW.code <> OLD.code OR NEW.target_kind <> OLD.target_kind "
            "OR NEW.target_id <> OLD.target_id OR CAST(NEW.facts AS text) <> CAST(OLD.facts AS text)",
            message="audit lines are append-only",
        ),
    ]
