from django.db import migrations

from bihuan.service.protection import INVESTIGATION_EVENTS


def lay_on(apps, schema_editor):
    for statement in INVESTIGATION_EVENTS.protect(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def take_off(apps, schema_editor):
    for statement in INVESTIGATION_EVENTS.unprotect(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [("service", "0003_investigations")]

    operations = [migrations.RunPython(lay_on, take_off)]
