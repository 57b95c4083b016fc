"""Spreadsheets of people and of attendance are looked at and undone as those of nominations."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from chorsu.records.comments import SayWhy


def _count(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Of the imports that were taken in before: how many nominations each brought."""
    for row in apps.get_model("training", "Import").objects.filter(state="done"):
        row.taken = row.enrolments.count()
        row.save(update_fields=["taken"])


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0007_position_of_people"),
        ("training", "0015_documents_of_nominations"),
    ]

    operations = [
        migrations.AlterModelTableComment(
            name="import",
            table_comment="Imports of nominations, people and attendance from spreadsheets",
        ),
        migrations.AlterField(
            model_name="import",
            name="cohort",
            field=models.ForeignKey(
                db_comment="Whose nominations it holds",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="imports",
                to="training.cohort",
            ),
        ),
        migrations.AddField(
            model_name="import",
            name="institution",
            field=models.ForeignKey(
                db_comment="Whose people it holds",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="institutions.institution",
            ),
        ),
        migrations.AddField(
            model_name="import",
            name="session",
            field=models.ForeignKey(
                db_comment="Whose list of attendance it holds",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="imports",
                to="training.session",
            ),
        ),
        migrations.AddField(
            model_name="import",
            name="before",
            field=models.JSONField(
                db_comment="What undoing puts back: roles given by person, or states by learner",
                default=dict,
            ),
        ),
        migrations.AddField(
            model_name="import",
            name="taken",
            field=models.PositiveIntegerField(db_comment="Rows that were taken in", default=0),
        ),
        migrations.RunPython(_count, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cohort__isnull", False), ("institution", None), ("session", None)),
                    models.Q(("cohort", None), ("institution__isnull", False), ("session", None)),
                    models.Q(("cohort", None), ("institution", None), ("session__isnull", False)),
                    _connector="OR",
                ),
                name="import_of_one_thing",
            ),
        ),
        SayWhy(
            {
                "import_of_one_thing": (
                    "What it would change, and who may, follows from the one thing it is of"
                )
            }
        ),
    ]
