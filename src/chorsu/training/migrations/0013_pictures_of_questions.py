"""Pictures that questions show."""

from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [("training", "0012_translations_of_other_nodes")]

    operations = [
        migrations.CreateModel(
            name="BankPicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("course_id", models.UUIDField(db_comment="As of BankItem")),
                (
                    "origin",
                    models.CharField(
                        blank=True,
                        db_comment="Node that published it; empty: of an own bank",
                        max_length=120,
                    ),
                ),
                (
                    "sha256",
                    models.CharField(
                        db_comment="Of its bytes: the name of its blob", max_length=64
                    ),
                ),
                (
                    "name",
                    models.CharField(db_comment="By which Markdown shows it", max_length=60),
                ),
                ("media_type", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField(db_comment="Bytes")),
                ("width", models.PositiveIntegerField(db_comment="Pixels")),
                ("height", models.PositiveIntegerField(db_comment="Pixels")),
            ],
            options={
                "db_table_comment": "Pictures of banks of questions, own ones and those of peers",
                "indexes": [models.Index(fields=["sha256"], name="bank_picture_by_hash")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("course_id", "origin", "sha256"), name="bank_picture_once"
                    )
                ],
            },
        ),
        SayWhy(
            {
                "bank_picture_once": "A picture that comes again is the one that is there;"
                " also finds those of a bank",
                "bank_picture_by_hash": "Who has a file that is to be erased, or that is known"
                " already when it comes again",
            }
        ),
    ]
