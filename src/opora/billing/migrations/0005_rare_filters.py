from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_differences_seen_to"),
        ("contracts", "0004_round_the_clock"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="purchase",
            index=models.Index(
                fields=["country", "-created_at", "-id"], name="purchase_by_country"
            ),
        ),
        migrations.AddIndex(
            model_name="purchase",
            index=models.Index(
                fields=["currency", "-created_at", "-id"], name="purchase_by_currency"
            ),
        ),
        migrations.AddIndex(
            model_name="purchase",
            index=models.Index(
                fields=["provider", "-created_at", "-id"], name="purchase_by_provider"
            ),
        ),
    ]
