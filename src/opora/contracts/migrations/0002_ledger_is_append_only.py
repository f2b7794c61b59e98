"""The ledger's last wall: entries are never changed, and each balance follows from the one before."""

from typing import ClassVar

from django.db import migrations

from opora.core.triggers import refuse

ENTRIES = "contracts_incidententry"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("contracts", "0001_initial")]
    operations: ClassVar = [
        refuse(
            table=ENTRIES,
            name="entry_is_never_deleted",
            event="DELETE",
            when="OLD.id IS NOT NULL",
            message="ledger entries are append-only",
        ),
        refuse(
            table=ENTRIES,
            name="entry_is_never_changed",
            event="UPDATE",
            when="OLD.id IS NOT NULL",
            message="ledger entries are append-only",
        ),
        refuse(
            table=ENTRIES,
            name="entry_follows_the_one_before",
            event="INSERT",
            # Without the one before (COALESCE falls to null) only the first may begin, from zero.
            when="NEW.balance_after IS DISTINCT FROM NEW.quantity + COALESCE("
            "(SELECT e.balance_after FROM {table} e WHERE e.contract_id = NEW.contract_id "
            "AND e.sequence = NEW.sequence - 1), CASE WHEN NEW.sequence = 1 THEN 0 END)",
            message="a ledger entry must follow the one before it",
        ),
    ]
