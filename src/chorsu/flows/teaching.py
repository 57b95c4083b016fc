"""Teaching: a course from its first draft to every peer, and what happens to practices it shows.

A course is published, translated and withdrawn as a practice is: the record, its place in search
and in the work list of translators, its entry in the feed; all or nothing.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from chorsu.exchange import actions as exchange
from chorsu.flows.publishing import settle
from chorsu.flows.sharing import announce_withdrawal, share_questions
from chorsu.institutions.models import Person
from chorsu.language import actions as language
from chorsu.practices import queries as practices
from chorsu.records.content import ReadyRecord
from chorsu.records.shapes import ApprovedTranslation
from chorsu.records.viewer import Viewer
from chorsu.search import actions as search
from chorsu.training.actions import courses, sharing
from chorsu.training.queries import courses as queries
from chorsu.training.rules.fields import empty_facts
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.training.wire.courses import KIND, PublishedCourse


@transaction.atomic
def teach_practice(
    *,
    practice_id: str,
    institution_id: str,
    language: str,
    by: Person,
    now: datetime,
) -> CourseDraftView:
    """Begin a course in `language` with one reading unit that shows a practice, anybody's, live.
    Its readers are those of the practice, until an editor decides otherwise.

    Raises `NoSuchPractice`, `PracticeWithdrawn`, `NotAllowed`, `UnknownLanguage`.
    """
    practice = practices.practice(practice_id, Viewer(member=True, languages=(language,)))
    title = practice.text.title
    reading = {"key": "u1", "kind": "reading", "practice": practice.id}
    return courses.begin_draft(
        by=by,
        institution_id=institution_id,
        language=language,
        words={"title": title, "modules.m1.title": title, "units.u1.title": title},
        facts={
            **empty_facts(),
            "themes": practice.facts["themes"],
            "modules": [{"key": "m1", "units": [reading]}],
        },
        audience=practice.audience,
        now=now,
    )


@transaction.atomic
def publish_course(
    *, draft_id: str, version: int, by: Person, now: datetime, with_questions: bool = False
) -> PublishedCourse:
    """Publish a draft; `with_questions`: together with those that its quizzes draw from, so that
    other academies can teach it. Without, what they have of earlier questions stays as it is.

    Raises what `actions.courses.publish` raises, and `NotShareable`; then nothing happened.
    """
    course = courses.publish(draft_id=draft_id, version=version, by=by, now=now)
    _announce(course, now)
    if with_questions:
        share_questions(course_id=course.id, by=by, now=now)
    return course


@transaction.atomic
def publish_ready_course(
    *, ready: ReadyRecord, now: datetime, by: Person | None = None
) -> PublishedCourse | None:
    """Publish a course that comes ready with its translations, in one entry.

    None: exactly this is published already. Raises what `actions.courses.publish_ready` raises.
    """
    course = courses.publish_ready(ready=ready, now=now, by=by)
    if course is not None:
        _announce(course, now)
    return course


@transaction.atomic
def approve_course_translation(
    *, course_id: str, language: str, version: int, by: Person, now: datetime
) -> ApprovedTranslation:
    """Publish a saved translation: with the course if it is one's own, else as a record.

    Raises what `actions.courses.approve_translation` raises; then nothing happened.
    """
    approved = courses.approve_translation(
        course_id=course_id, language=language, version=version, by=by, now=now
    )
    course = queries.course(approved.translated, Viewer(member=True))
    _serve(course.id, course.revision, course.original_language, now)
    exchange.append(
        kind=approved.kind,
        record_id=approved.record_id,
        revision=approved.revision,
        action="publish",
        audience=approved.audience,
        payload=approved.payload,
        files=approved.files,
        now=now,
    )
    return approved


@transaction.atomic
def withdraw_course(*, course_id: str, reason: str, by: Person, now: datetime) -> None:
    """Withdraw one's own course, and its questions where other academies have them, for the same
    reason. Raises what `actions.courses.withdraw` raises.
    """
    withdrawal = courses.withdraw(course_id=course_id, reason=reason, by=by, now=now)
    exchange.append(
        kind=KIND,
        record_id=withdrawal.course_id,
        revision=withdrawal.revision,
        action="withdraw",
        audience=withdrawal.audience,
        payload=withdrawal.payload,
        now=now,
    )
    for translation in withdrawal.translations:
        exchange.release(record_id=translation)
    language.forget(kind=KIND, record_id=withdrawal.course_id)
    search.remove(kind=KIND, record_id=withdrawal.course_id)
    key = UUID(withdrawal.course_id)
    questions = sharing.take_back(course_id=key, reason=withdrawal.reason, now=now)
    if questions is not None:
        announce_withdrawal(questions, now)


def _serve(course_id: str, revision: int, original_language: str, now: datetime) -> None:
    settle(
        kind=KIND,
        record_id=course_id,
        revision=revision,
        original_language=original_language,
        texts=queries.revisions_by_language(course_id),
        now=now,
    )


def _announce(course: PublishedCourse, now: datetime) -> None:
    _serve(course.id, course.revision, course.original_language, now)
    exchange.hold(audiences=queries.text_records(course.id))
    # The feed last: from there to the commit everybody else who publishes waits.
    exchange.append(
        kind=KIND,
        record_id=course.id,
        revision=course.revision,
        action="publish",
        audience=course.audience,
        payload=course.to_bytes(),
        files=courses.hashes_needed(course.id),
        now=now,
    )
