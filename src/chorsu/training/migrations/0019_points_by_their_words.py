"""Review cards follow the words of their key point, not its number.

Each card is marked with the words that its number had in the revision of its cohort. One that can
not be (words that are not here, a number beyond them) keeps its number as `#3`: it was asked for no
more before either, and its reviews stay.
"""

import re
import unicodedata
from hashlib import sha256

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from chorsu.records.comments import SayWhy

_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+", re.MULTILINE)


def _marks(text: str) -> list[str]:
    """As `training.remembering` read points and marked them when this was written."""
    parts = _ITEM.split(text) if _ITEM.search(text) else text.split("\n\n")
    found = []
    for part in (part.strip() for part in parts):
        if part:
            asked = re.match(r"([^?？\n]{3,300}[?？])\s*(\S.*)", part, re.DOTALL)
            words = f"{asked[1]} {asked[2]}" if asked else f" {part}"
            plain = " ".join(unicodedata.normalize("NFKC", words).casefold().split())
            found.append(sha256(plain.encode()).hexdigest()[:16])
    return found


def _words(apps: Apps, course: models.Model, revision: int) -> dict[str, str]:
    if revision == course.revision:
        text = apps.get_model("training", "CourseText").objects.filter(
            course_id=course.pk, language=course.original_language, supplied_by=course.origin
        )
        return next(iter(text.values_list("words", flat=True)), {})
    kept = apps.get_model("training", "CourseRevision").objects.filter(
        course_id=course.pk, revision=revision
    )
    texts = next(iter(kept.values_list("texts", flat=True)), None) or {}
    return texts.get(course.original_language, {}).get("words", {})


def name_points(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    cards = apps.get_model("training", "ReviewCard").objects
    cohorts = apps.get_model("training", "Cohort").objects
    for cohort in cohorts.filter(enrolments__in=cards.values("enrolment")).distinct():
        course = apps.get_model("training", "Course").objects.get(pk=cohort.course_id)
        words = _words(apps, course, cohort.revision)
        rows = cards.filter(enrolment__cohort=cohort)
        for unit, number in rows.order_by().values_list("unit", "number").distinct():
            marks = _marks(words.get(f"units.{unit}.key_points", ""))
            # Points that say the same had a card each; the first keeps what the node asks for.
            if number < len(marks) and marks[number] not in marks[:number]:
                rows.filter(unit=unit, number=number).update(point=marks[number])
            else:
                rows.filter(unit=unit, number=number).update(point=f"#{number}")


class Migration(migrations.Migration):
    dependencies = [("training", "0018_old_mail_of_guests_is_read")]

    operations = [
        migrations.RemoveConstraint("reviewcard", "review_card_once"),
        migrations.RenameField("reviewcard", "point", "number"),
        migrations.AddField(
            "reviewcard",
            "point",
            models.CharField(
                max_length=16,
                default="",
                db_comment="Which key point: the mark of its words in the original",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(name_points, migrations.RunPython.noop),
        migrations.RemoveField("reviewcard", "number"),
        migrations.AddConstraint(
            "reviewcard",
            models.UniqueConstraint(fields=["enrolment", "unit", "point"], name="review_card_once"),
        ),
        SayWhy(
            {
                "review_card_once": "A key point is one card of a learner, whenever it is learnt again"
            }
        ),
    ]
