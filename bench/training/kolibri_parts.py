"""What the bench does inside Kolibri, with Kolibri's own Python: `fill`, `check`.

    python -I kolibri_parts.py fill LEARNERS
    python -I kolibri_parts.py check FILE

Nothing of ours is imported: it runs in the environment that Kolibri was installed in, and finds
its home and its database by KOLIBRI_HOME and KOLIBRI_DATABASE_*. Rows are made through Kolibri's
own models, one after another as its own import of people does, so that each has the identifiers
that its synchronisation wants.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import uuid
import zipfile
from pathlib import Path
from typing import Any

from kolibri.utils import env

env.set_env()

from kolibri.main import initialize  # noqa: E402  (only now are Kolibri's own packages at hand)

initialize()

from django.conf import settings  # noqa: E402
from django.contrib.auth import (  # noqa: E402
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
)
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from kolibri.core.auth.backends import SessionStore  # noqa: E402
from kolibri.core.auth.constants.demographics import NOT_SPECIFIED  # noqa: E402
from kolibri.core.auth.models import (  # noqa: E402
    Classroom,
    Facility,
    FacilityUser,
    Membership,
)
from kolibri.core.content.models import (  # noqa: E402
    AssessmentMetaData,
    ChannelMetadata,
    ContentNode,
    File,
    LocalFile,
)
from kolibri.core.content.utils.paths import get_content_storage_file_path  # noqa: E402
from kolibri.core.exams.models import Exam, ExamAssignment  # noqa: E402
from kolibri.core.lessons.models import Lesson, LessonAssignment  # noqa: E402
from kolibri.core.logger.models import AttemptLog, MasteryLog  # noqa: E402
from kolibri.utils.conf import OPTIONS  # noqa: E402

QUESTIONS = 20
CHOICES = 4
TOKEN = "c" * 64
SIGNED_IN_S = 86400


def fill(learners: int) -> dict[str, Any]:
    """A class with a lesson of one document and a quiz, and learners who are signed in."""
    call_command(
        "provisiondevice",
        facility="Bench",
        superusername="teacher",
        superuserpassword=uuid.uuid4().hex,
        preset="formal",
        language_id="en",
        interactive=False,
        facility_settings={"learner_can_login_with_no_password": True},
    )
    facility = Facility.objects.get()
    teacher = FacilityUser.objects.get()
    document, exercise, items = contents()
    with transaction.atomic():
        room = Classroom.objects.create(name="Class", parent=facility)
        lesson = Lesson.objects.create(
            title="Lesson",
            collection=room,
            created_by=teacher,
            is_active=True,
            resources=[
                {
                    "contentnode_id": document.id,
                    "content_id": document.content_id,
                    "channel_id": document.channel_id,
                }
            ],
        )
        LessonAssignment.objects.create(lesson=lesson, collection=room, assigned_by=teacher)
        questions = [
            {
                "exercise_id": exercise.id,
                "question_id": item,
                "title": exercise.title,
                "counter_in_exercise": place + 1,
            }
            for place, item in enumerate(items)
        ]
        exam = Exam.objects.create(
            title="Quiz",
            collection=room,
            creator=teacher,
            active=True,
            question_sources=[
                {
                    "section_title": "",
                    "description": "",
                    "question_count": len(questions),
                    "learners_see_fixed_order": False,
                    "questions": questions,
                }
            ],
        )
        ExamAssignment.objects.create(exam=exam, collection=room, assigned_by=teacher)
        people = []
        for number in range(learners):
            person = FacilityUser.objects.create(
                username=f"learner{number}",
                full_name=f"Learner {number}",
                password=NOT_SPECIFIED,
                facility=facility,
            )
            Membership.objects.create(user=person, collection=room)
            people.append(person)
    return {
        "class": room.id,
        "lesson": lesson.id,
        "quiz": exam.id,
        "exercise": exercise.id,
        "threads": OPTIONS["Server"]["CHERRYPY_THREAD_POOL"],
        "seats": sign_in(people),
    }


def sign_in(people: list[FacilityUser]) -> list[dict[str, str]]:
    """A session of each, as Kolibri's own signing in makes it."""
    seats = []
    with transaction.atomic():
        for person in people:
            session = SessionStore()
            session[SESSION_KEY] = str(person.pk)
            session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
            session[HASH_SESSION_KEY] = person.get_session_auth_hash()
            session.set_expiry(SIGNED_IN_S)
            session.save()
            cookie = (
                f"{settings.SESSION_COOKIE_NAME}={session.session_key};"
                f" {settings.CSRF_COOKIE_NAME}={TOKEN}"
            )
            seats.append({"enrolment": person.id, "cookie": cookie, "token": TOKEN})
    return seats


def contents() -> tuple[ContentNode, ContentNode, list[str]]:
    """A channel with a document and an exercise of 20 questions, as an import leaves them."""
    channel = uuid.uuid4().hex
    items = [uuid.uuid4().hex for _ in range(QUESTIONS)]
    root = node(channel, "topic", "Bench", None, id=channel)
    ChannelMetadata.objects.create(
        id=channel, name="Bench", root=root, min_schema_version="5", last_updated=timezone.now()
    )
    document = node(channel, "document", "Document", root)
    keep(document, "document", "pdf", b"%PDF-1.4\n%%EOF\n")
    exercise = node(channel, "exercise", "Exercise", root)
    mastery = {"type": "m_of_n", "m": 5, "n": 5}
    AssessmentMetaData.objects.create(
        id=uuid.uuid4().hex,
        contentnode=exercise,
        assessment_item_ids=items,
        number_of_assessments=len(items),
        mastery_model=mastery,
        is_manipulable=True,
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        whole = {"all_assessment_items": items, "mastery_model": "m_of_n", **mastery}
        archive.writestr("exercise.json", json.dumps(whole))
        for item in items:
            archive.writestr(f"{item}.json", json.dumps(question(item)))
    keep(exercise, "exercise", "perseus", packed.getvalue())
    return document, exercise, items


def node(
    channel: str, kind: str, title: str, parent: ContentNode | None, **more: str
) -> ContentNode:
    values = {"id": uuid.uuid4().hex, "content_id": uuid.uuid4().hex, **more}
    return ContentNode.objects.create(
        title=title, kind=kind, channel_id=channel, parent=parent, available=True, **values
    )


def keep(of: ContentNode, preset: str, extension: str, content: bytes) -> None:
    """A file of a node, on the disk and in the tables."""
    name = hashlib.md5(content).hexdigest()
    path = Path(get_content_storage_file_path(f"{name}.{extension}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    local = LocalFile.objects.create(
        id=name, extension=extension, available=True, file_size=len(content)
    )
    File.objects.create(
        id=uuid.uuid4().hex, local_file=local, contentnode=of, preset=preset, priority=1
    )


def question(item: str) -> dict[str, Any]:
    """A question of one choice, in the form that Perseus reads."""
    choices = [{"content": f"Answer {place}", "correct": place == 0} for place in range(CHOICES)]
    radio = {
        "type": "radio",
        "graded": True,
        "static": False,
        "alignment": "default",
        "options": {"choices": choices, "randomize": False, "multipleSelect": False},
        "version": {"major": 1, "minor": 0},
    }
    return {
        "question": {
            "content": f"Which of these holds of {item}?\n\n[[☃ radio 1]]",
            "images": {},
            "widgets": {"radio 1": radio},
        },
        "answerArea": {"calculator": False},
        "itemDataVersion": {"major": 0, "minor": 1},
        "hints": [],
    }


def check(told: Path) -> dict[str, int]:
    """Whether each answer that was told to be saved is there, once and as it was told."""
    wanted = json.loads(told.read_text())
    rows = list(AttemptLog.objects.values_list("user_id", "item", "simple_answer"))
    there = {(user, item): answer for user, item, answer in rows}
    lost = [
        (user, item)
        for user, given in wanted.items()
        for item, answer in given.items()
        if there.get((user, item)) != answer
    ]
    attempts = MasteryLog.objects.all()
    return {
        "answers_told_saved": sum(len(given) for given in wanted.values()),
        "answers_lost": len(lost),
        "answers_doubled": len(rows) - len(there),
        "attempts_wrong": attempts.count() - len(wanted),
        "attempts_handed_in": attempts.filter(complete=True).count(),
    }


if __name__ == "__main__":
    part, given = sys.argv[1:]
    print(json.dumps(fill(int(given)) if part == "fill" else check(Path(given))))
