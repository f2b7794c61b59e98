from django.db import migrations

from opora.core import triggers

TABLE = "billing_paper"


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [
        triggers.refuse(
            table=TABLE,
            name="paper_is_never_changed",
            event="UPDATE",
            when="TRUE",
            message="a paper that was issued never changes",
        ),
        triggers.refuse(
            table=TABLE,
            name="paper_is_never_deleted",
            event="DELETE",
            when="TRUE",
            message="a paper that was issued is never deleted",
        ),
    ]
