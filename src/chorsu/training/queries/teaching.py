"""A course as one cohort had it: what a certificate of that cohort repeats."""

from __future__ import annotations

from django.utils.translation import ngettext, override

from chorsu.institutions.queries import institution
from chorsu.kernel.languages import by_tag
from chorsu.training.credentials.composing import Taught, texts_of
from chorsu.training.credentials.errors import NotIssuable
from chorsu.training.errors.courses import CourseWithdrawn, NoSuchCourse
from chorsu.training.models import Cohort
from chorsu.training.queries.courses.published import taught
from chorsu.training.rules.framework import framework
from chorsu.wire.credential_file import texts_hash


def lesson_of(cohort: Cohort) -> Taught:
    """The revision of the course that a cohort read; raises `NotIssuable` if it is not here."""
    try:
        course = taught(str(cohort.course_id), cohort.revision)
    except (NoSuchCourse, CourseWithdrawn) as gone:
        raise NotIssuable("no-course", str(gone)) from gone
    facts, language = course.facts, course.original_language
    # What the academy that answers for the course says of it; others sign for their own words.
    words = course.own_words
    texts, hours = texts_of(words), facts["hours"]
    number = hours["in_person"] + hours["live"] + hours["self_study"]
    with override(by_tag(language).django_code):
        description = ngettext("%(number)s academic hour", "%(number)s academic hours", number)
    return Taught(
        course=course.course_id,
        revision=course.revision,
        language=language,
        facts=facts,
        words=words,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        institution=cohort.institution_id,
        institution_name=institution(cohort.institution_id).name(language),
        description=description % {"number": number},
        competences={
            one["code"]: _competence(one["code"], language) for one in facts["competences"]
        },
        texts=texts,
        texts_hash=texts_hash(texts) if texts else "",
    )


def _competence(code: str, language: str) -> str:
    """The name of a competence; one that this software's framework lacks is its code."""
    known = framework().competences.get(code)
    return known.name(language) if known else code
