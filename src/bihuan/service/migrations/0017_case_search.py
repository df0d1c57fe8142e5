"""The words of cases for search: a table of its own on each database, outside the models; filled with the cases there are."""

from django.db import migrations

from bihuan.service.finding.index import CHUNK, INDEX, index_rows


def make(apps, schema_editor):
    for statement in INDEX.statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)
    case, event, reference = (apps.get_model("service", name) for name in ("Case", "CaseEvent", "CaseReference"))
    last = 0
    while ids := list(case.objects.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:CHUNK]):
        INDEX.write(ids, index_rows(ids, case, event, reference))
        last = ids[-1]


def drop(apps, schema_editor):
    schema_editor.execute(f"DROP TABLE {INDEX.table}")


class Migration(migrations.Migration):
    dependencies = [("service", "0016_withdrawal_and_retest")]
    operations = [migrations.RunPython(make, drop)]
