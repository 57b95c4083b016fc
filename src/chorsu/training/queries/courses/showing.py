"""Published courses of this node that show practices, for those who keep them up to date."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db.models import BooleanField, F, Func, OuterRef, Subquery

from chorsu.institutions import queries as institutions
from chorsu.institutions.models import Person
from chorsu.institutions.writing import may_edit
from chorsu.training.models import Course, CourseRevision, CourseText
from chorsu.training.rules.fields import units_of
from chorsu.training.shapes.courses import CourseShowing, ShownPractice

MOST = 200


def courses_showing(person: Person) -> Sequence[CourseShowing]:
    """The courses that the person may revise and that show practices, newest first, at most `MOST`.

    One query (and their roles).
    """
    places = [view.id for view in institutions.own_institutions() if may_edit(person, view.id)]
    titles = CourseText.objects.filter(course=OuterRef("pk"), provenance="original")
    newest = CourseRevision.objects.filter(course=OuterRef("pk"), revision=OuterRef("revision"))
    rows = (
        Course.objects.filter(
            origin=settings.NODE_NAME, withdrawn_at=None, institution_id__in=places
        )
        .annotate(
            shows=Func(
                F("facts"),
                template="""jsonb_path_exists(%(expressions)s,
                    '$.modules[*].units[*] ? (@.practice != "")')""",
                output_field=BooleanField(),
            ),
            title=Subquery(titles.values("title")[:1]),
            since=Subquery(newest.values("published_at")[:1]),
        )
        .filter(shows=True)
        .order_by("-updated_at", "pk")[:MOST]
    )
    return [
        CourseShowing(
            id=str(row.pk),
            title=row.title or "",
            language=row.original_language,
            shown=[
                ShownPractice(unit["key"], unit["practice"], row.since or row.updated_at)
                for unit in units_of(row.facts)
                if unit["practice"]
            ],
        )
        for row in rows
    ]
