from django.db import migrations

from bihuan.quality.series.protection import protect, unprotect


def lay_on(apps, schema_editor):
    for statement in protect(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def take_off(apps, schema_editor):
    for statement in unprotect(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [("quality", "0012_series")]

    operations = [migrations.RunPython(lay_on, take_off)]
