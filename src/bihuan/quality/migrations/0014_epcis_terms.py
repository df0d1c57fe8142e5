"""What queries ask of captured events; filled for those that are kept already."""

import json

import django.db.models.deletion
from django.db import migrations, models

from bihuan.quality.exchange.protection import TERMS
from bihuan.quality.exchange.terms import terms_of


def fill(apps, schema_editor):
    events, terms = apps.get_model("quality", "EpcisEvent"), apps.get_model("quality", "EpcisTerm")
    for key, body in events.objects.order_by("pk").values_list("pk", "body").iterator(chunk_size=500):
        found = sorted(terms_of(json.loads(body)))
        terms.objects.bulk_create(
            (terms(event_id=key, field=field, value=value) for field, value in found), batch_size=1000
        )


def lay_on(apps, schema_editor):
    for statement in TERMS.protect(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def take_off(apps, schema_editor):
    for statement in TERMS.unprotect(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [("quality", "0013_series_kept")]

    operations = [
        migrations.CreateModel(
            name="EpcisTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=20)),
                ("value", models.CharField(max_length=300)),
                ("event", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="quality.epcisevent")),
            ],
            options={
                "indexes": [models.Index(fields=["value", "field", "event"], name="epcis_term_value")],
                "constraints": [models.UniqueConstraint(fields=("event", "field", "value"), name="epcis_term_once")],
            },
        ),
        migrations.AddIndex(
            model_name="epcisevent",
            index=models.Index(fields=["at"], name="epcis_event_at"),
        ),
        # Protected first: PostgreSQL alters no table that rows were just put into.
        migrations.RunPython(lay_on, take_off),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
