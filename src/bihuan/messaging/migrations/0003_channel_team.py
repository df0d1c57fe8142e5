import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("messaging", "0002_append_only"), ("people", "0002_shared_cache")]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="team",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="mail_channels",
                to="people.team",
            ),
        ),
    ]
