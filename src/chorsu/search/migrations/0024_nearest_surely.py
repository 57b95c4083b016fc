"""Indexes of vectors are made with more ties: in large ones, near passages were missed.

Each is made anew, which takes about a minute for 100,000 passages.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make_anew(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        # While it fits, an index is built in memory, many times as fast.
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute(
            "SELECT id, dimensions FROM search_encoder"
            " WHERE to_regclass('search_vector_of_' || id) IS NOT NULL"
        )
        for number, dimensions in cursor.fetchall():
            name = f"search_vector_of_{number}"
            cursor.execute(f"DROP INDEX {name}")
            cursor.execute(
                f"CREATE INDEX {name} ON search_vector"
                f" USING hnsw ((vector::halfvec({dimensions})) halfvec_ip_ops)"
                f" WITH (m = 24, ef_construction = 256) WHERE encoder_id = {number}"
            )
            cursor.execute(
                f"COMMENT ON INDEX {name} IS 'Nearest passages to the vector of a question,"
                " by the inner product, for one encoder'"
            )


class Migration(migrations.Migration):
    dependencies = [("search", "0023_words_in_their_row")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]
