"""A course as one cohort had it: what a certificate of that cohort repeats."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import ngettext, override

from chorsu.institutions.queries import institution
from chorsu.kernel.languages import by_tag
from chorsu.training.credentials.composing import Taught, texts_of
from chorsu.training.credentials.errors import NotIssuable
from chorsu.training.models import Cohort, Course, CourseRevision, CourseText
from chorsu.training.rules.fields import Facts
from chorsu.wire.credential_file import texts_hash


def taught(cohort: Cohort) -> Taught:
    """The revision of the course that a cohort read; raises `NotIssuable` if it is not here."""
    course = Course.objects.get(pk=cohort.course_id)
    facts, words = _facts_and_words(course, cohort.revision)
    language, texts = course.original_language, texts_of(words)
    hours = sum(facts["hours"].values())  # type: ignore[arg-type]
    with override(by_tag(language).django_code):
        description = ngettext(
            "%(number)s academic hour", "%(number)s academic hours", hours
        ) % {"number": hours}
    return Taught(
        course=str(course.pk),
        revision=cohort.revision,
        language=language,
        facts=facts,
        words=words,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        institution=cohort.institution_id,
        institution_name=institution(cohort.institution_id).name(language),
        description=description,
        competences={one["code"]: one["code"] for one in facts["competences"]},
        texts=texts,
        texts_hash=texts_hash(texts) if texts else "",
    )


def _facts_and_words(
    course: Course, revision: int
) -> tuple[Facts, Mapping[str, Mapping[str, str]]]:
    if revision == course.revision:
        rows = CourseText.objects.filter(course=course).values_list("language", "words")
        return course.facts, dict(rows)
    kept = CourseRevision.objects.filter(course=course, revision=revision).first()
    if kept is None or kept.facts is None:
        raise NotIssuable("no-title", f"revision {revision} of {course.pk} is not here")
    return kept.facts, kept.texts
