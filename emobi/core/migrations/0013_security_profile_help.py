"""What a network's security profile means is said as it holds. Pre-deploy: changes no table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0012_key_address")]

    operations = [
        migrations.AlterField(
            model_name="network",
            name="security_profile",
            field=models.PositiveSmallIntegerField(
                default=1,
                help_text="The OCPP security profile of stations that have none of their own, which may be"
                " lower; 0 asks for no password.",
            ),
        ),
    ]
