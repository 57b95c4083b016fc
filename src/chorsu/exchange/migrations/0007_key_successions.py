from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0006_policy_per_peer"),
    ]

    operations = [
        migrations.AddField(
            model_name="peer",
            name="successions",
            field=models.BinaryField(
                db_comment="Signed notes by which its earlier keys led to this one, in order",
                default=b"",
            ),
        ),
    ]
