"""Terms of glossaries are offered while typing: a worker indexes the courses that are there anew."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def index_anew(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    waiting = apps.get_model("search", "Waiting").objects
    courses = apps.get_model("search", "Document").objects.filter(kind="course")
    waiting.bulk_create(
        (
            waiting.model(kind="course", record_id=one)
            for one in courses.values_list("record_id", flat=True)
        ),
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("search", "0024_nearest_surely")]

    operations = [
        migrations.AlterModelTableComment(
            name="suggestion",
            table_comment="What is offered while typing: titles, places, terms in every language",
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="field",
            field=models.CharField(db_comment="title, place or term", max_length=40),
        ),
        migrations.RunPython(index_anew, migrations.RunPython.noop),
    ]
