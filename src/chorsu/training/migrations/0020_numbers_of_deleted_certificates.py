"""What revoking takes stays when a certificate is deleted: it is valid in its holder's hands."""

from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [("training", "0019_points_by_their_words")]

    operations = [
        migrations.AddField(
            model_name="statusposition",
            name="institution",
            field=models.CharField(
                blank=True,
                db_comment="Id of the one that issued; empty: not known any more",
                default="",
                max_length=40,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="statusposition",
            name="number",
            field=models.CharField(
                blank=True,
                db_comment="Document number; empty: not known any more",
                default="",
                max_length=60,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="statusposition",
            name="valid_until",
            field=models.DateTimeField(
                db_comment="Afterwards, with the certificate deleted, the number goes too",
                null=True,
            ),
        ),
        migrations.RunSQL(
            """
            UPDATE training_statusposition AS place
            SET institution = paper.institution_id, number = paper.number,
                valid_until = paper.valid_until
            FROM training_certificate AS paper WHERE paper.position_id = place.id
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="statusposition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("number", ""), _negated=True),
                fields=("institution", "number"),
                name="position_by_number",
            ),
        ),
        SayWhy(
            {"position_by_number": "A document is revoked by its number, also once it was deleted"}
        ),
    ]
