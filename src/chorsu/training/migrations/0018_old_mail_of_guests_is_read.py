"""What was mailed to guests before there was a page to read it on is not shown as news either."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("training", "0017_cartridges_that_wait")]

    operations = [
        # Guests have no address of their own here: theirs is what their home told (see 0014).
        migrations.RunSQL(
            """
            UPDATE training_messagecopy AS copy SET read_at = copy.sent_at
            FROM institutions_person AS person
            WHERE person.id = copy.person_id AND copy.sent_at IS NOT NULL
                AND copy.read_at IS NULL AND coalesce(person.told->>'email', '') <> ''
            """,
            migrations.RunSQL.noop,
        ),
    ]
