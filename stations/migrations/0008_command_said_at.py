"""Commands that are said in several CALLs. Pre-deploy: adds a column that may be empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0007_firmware_campaigns"),
    ]

    operations = [
        migrations.AddField(
            model_name="command",
            name="said_at",
            field=models.DateTimeField(
                help_text="When its newest CALL was sent; NULL: it has no other than the first.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="command",
            name="outcome",
            field=models.JSONField(
                help_text="The station's answer in its normal form, with raw; while sent: what is known so far.",
                null=True,
            ),
        ),
    ]
