"""What is new among courses is told of too; those that are there already are not new."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def not_new(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("search", "Document").objects.filter(kind="course").update(announced=True)


class Migration(migrations.Migration):
    dependencies = [("search", "0025_terms_are_offered")]

    operations = [migrations.RunPython(not_new, migrations.RunPython.noop)]
