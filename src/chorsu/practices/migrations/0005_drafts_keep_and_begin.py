"""Drafts keep what is refused for now, and know which practice they were begun from."""

import django.db.models.deletion
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        ("practices", "0004_last_years_for_search"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="began_from",
            field=models.ForeignKey(
                db_comment="Practice whose text it was begun with as a new one; null: begun empty",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="practices.practice",
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="began_revision",
            field=models.PositiveIntegerField(
                db_comment="Revision of began_from whose text it was begun with", default=0
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="earlier_id",
            field=models.UUIDField(
                db_comment="Its id while it was to revise a practice since withdrawn: pages are open there",
                null=True,
                unique=True,
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="refused",
            field=models.JSONField(
                db_comment="Typed texts that the rules refuse, by path: rules.with_refused",
                default=dict,
            ),
        ),
        migrations.AddField(
            model_name="draftversion",
            name="refused",
            field=models.JSONField(db_comment="As Draft.refused", default=dict),
        ),
        SayWhy({"practices_draft_earlier_id_key": "A page left open finds one draft, never two"}),
    ]
