from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("quality", "0018_recall_begun")]

    operations = [
        migrations.AddField(
            model_name="lotrule",
            name="must_be_tested",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
