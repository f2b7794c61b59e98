from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0003_invitations"),
    ]

    operations = [
        migrations.AddField(
            model_name="contract",
            name="has_round_the_clock",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
