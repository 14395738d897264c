from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("market", "0003_symbols"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="backfillcell",
            options={
                "default_permissions": ("view",),
                "ordering": ["-month", "symbol"],
                "permissions": [("plan_backfill", "Can pause, resume and cancel the plan")],
                "verbose_name": "month of the plan",
                "verbose_name_plural": "months of the plan",
            },
        ),
    ]
