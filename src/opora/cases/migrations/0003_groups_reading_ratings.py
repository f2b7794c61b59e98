"""Groups on cases (S8.5), how far each reader has read, what contacts say of closed cases, and which
case goes on from which.

What people have read before is not known: nothing becomes unread by the upgrade.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_groups"),
        ("cases", "0002_search"),
        ("catalog", "0001_initial"),
        ("contracts", "0002_ledger_is_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Rating",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("score", models.PositiveSmallIntegerField()),
                ("comment", models.CharField(blank=True, default="", max_length=2000)),
                ("answered_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="casereader",
            name="reader_waiting",
        ),
        migrations.AddField(
            model_name="case",
            name="follows",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="followed_by",
                to="cases.case",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="group",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="cases",
                to="accounts.group",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="group_named_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="casereader",
            name="is_contact",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="casereader",
            name="seen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(
            "UPDATE cases_casereader SET seen_at = last_activity_at", migrations.RunSQL.noop
        ),
        # The index of the address book takes the place of the foreign key's own.
        migrations.AddIndex(
            model_name="casecontact",
            index=models.Index(fields=["added_by", "-id"], name="contact_by_adder"),
        ),
        migrations.AlterField(
            model_name="casecontact",
            name="added_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("group__isnull", False)),
                fields=["group", "id"],
                name="case_by_group",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("follows__isnull", False)),
                fields=["follows"],
                name="case_following",
            ),
        ),
        migrations.AddIndex(
            model_name="casereader",
            index=models.Index(
                condition=models.Q(("is_customers_turn", True)),
                fields=["account", "-last_activity_at", "-case"],
                name="reader_list_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="casereader",
            index=models.Index(
                condition=models.Q(
                    ("seen_at__isnull", True),
                    ("last_activity_at__gt", models.F("seen_at")),
                    _connector="OR",
                ),
                fields=["account", "-last_activity_at", "-case"],
                name="reader_list_unread",
            ),
        ),
        migrations.AddIndex(
            model_name="casereader",
            index=models.Index(fields=["account", "-case"], name="reader_list_submitted"),
        ),
        migrations.AlterField(
            model_name="casereader",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="readable_cases",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="ratings",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="ratings", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.queue"
            ),
        ),
        migrations.AddIndex(
            model_name="rating",
            index=models.Index(
                fields=["answered_at", "queue", "owner", "score"], name="rating_counted"
            ),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.UniqueConstraint(
                fields=("case", "account"), name="rating_one_an_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__gte", 1), ("score__lte", 5)),
                name="rating_is_one_to_five",
            ),
        ),
    ]
