import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        ("tools", "0002_platforms_of_this_node_as_a_tool"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="tool",
            name="choose_url",
            field=models.CharField(
                blank=True,
                db_comment="Where authors choose what a unit opens (Deep Linking); empty: nowhere",
                db_default="",
                max_length=500,
            ),
        ),
        migrations.AlterField(
            model_name="scoreline",
            name="line_item",
            field=models.CharField(
                db_comment="Where the learning system takes it; with a column, its collection and number",
                max_length=500,
            ),
        ),
        migrations.AlterField(
            model_name="tool",
            name="names",
            field=models.BooleanField(
                db_comment="It is told the names of learners and teachers", default=False
            ),
        ),
        migrations.CreateModel(
            name="Column",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "collection",
                    models.CharField(
                        db_comment="Where the learning system keeps the columns of its course",
                        max_length=500,
                    ),
                ),
                (
                    "link",
                    models.CharField(
                        blank=True,
                        db_comment="The link that opens it, as the learning system says",
                        max_length=255,
                    ),
                ),
                ("cohort", models.UUIDField(db_comment="The cohort that the link opens")),
                (
                    "unit",
                    models.CharField(
                        blank=True, db_comment="Empty: of the whole course", max_length=40
                    ),
                ),
                (
                    "line_item",
                    models.CharField(
                        blank=True,
                        db_comment="Its address there; empty until it is made",
                        max_length=500,
                    ),
                ),
                (
                    "platform",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tools.platform",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Columns of gradebooks that this node makes as a tool",
            },
        ),
        migrations.AddField(
            model_name="scoreline",
            name="column",
            field=models.ForeignKey(
                db_comment="The column of this node's making that it is in; null: of another's",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tools.column",
            ),
        ),
        migrations.CreateModel(
            name="Content",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_comment="UUIDv7, given here", primary_key=True, serialize=False
                    ),
                ),
                ("draft", models.UUIDField(db_comment="Of the course that it is for")),
                (
                    "unit",
                    models.CharField(db_comment="Key of the unit that it is for", max_length=40),
                ),
                (
                    "item",
                    models.JSONField(
                        db_comment="Title, address, own parameters, most points; null: nothing chosen",
                        null=True,
                    ),
                ),
                (
                    "told",
                    models.CharField(
                        blank=True, db_comment="What the tool says to them", max_length=500
                    ),
                ),
                ("until", models.DateTimeField(db_comment="After this it is forgotten")),
                (
                    "person",
                    models.ForeignKey(
                        db_comment="The author who asked",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tools.tool",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Answers of tools to authors, for an hour: personal data",
            },
        ),
        migrations.AddConstraint(
            model_name="column",
            constraint=models.UniqueConstraint(
                fields=("platform", "collection", "link", "cohort", "unit"), name="column_once"
            ),
        ),
        migrations.AddIndex(
            model_name="content",
            index=models.Index(fields=["until"], name="content_by_until"),
        ),
        SayWhy(
            {
                "column_once": "However many come by a link, it has one column",
                "content_by_until": "What can be forgotten, looked for every night",
            }
        ),
    ]
