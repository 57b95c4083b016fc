"""Questions that are answered by files, over HTTP: uploaded, replaced, saved, marked, told."""

from __future__ import annotations

import re
import uuid
from base64 import b64decode
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chorsu.institutions.models import Institution, Membership, Person
from chorsu.training.items.fields import MAX_FILES
from chorsu.training.models import Answer, AnswerFile, Attempt, BankItem, CohortTeacher
from chorsu.training.queries.attempts import AttemptView, answers, attempt, attempts
from chorsu.training.queries.learning import LearnerView
from chorsu.training.queries.personal import everything_on
from tests.everywhere import places_of
from tests.records.pdfs import small_pdf
from tests.training.class_kit import cohort, course, enrol, facts, quiz
from tests.training.quiz_kit import RIGHT, add_item, forget_items, items_of, token_of
from tests.web.test_player import address, text_of

pytestmark = pytest.mark.django_db
ONE_SECTION = [{"competence": "planning", "count": 2}]
PLAN, SECOND = b"zzqx: first the clerk", b"zzqx: then the desk"


@pytest.fixture
def learner(academy: Institution, editor: Person, now: datetime) -> LearnerView:
    """Of a timed quiz of two questions: one is answered by files, one by choosing."""
    row = course(now, facts(quiz(draws=ONE_SECTION, minutes=10)))
    key = uuid.UUID(str(row.pk))
    add_item(key, kind="file")
    add_item(key)
    return enrol(cohort(row, academy, now), editor, now)


@pytest.fixture
def client_of(editor: Person) -> Client:
    return signed_in(editor)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def begin(client: Client, one: LearnerView) -> tuple[AttemptView, str]:
    told = client.post(address("quiz-begin", one.id, "q1"))
    return attempts(one.id)[-1], told["Location"]


def of_type(tried: AttemptView, kind: str) -> str:
    return next(item.id for item in items_of(tried) if item.facts["type"] == kind)


def text_file(content: bytes, name: str = "plan.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "text/plain")


def sent(tried: AttemptView, *files: SimpleUploadedFile, **more: str) -> dict[str, object]:
    """What the form of the section sends."""
    item = of_type(tried, "file")
    return {f"f.{item}": list(files), "stay": item, **more}


def uploaded(client: Client, one: LearnerView, *contents: bytes) -> tuple[AttemptView, str]:
    """An attempt in which these were handed in."""
    tried, url = begin(client, one)
    client.post(url, sent(tried, *(text_file(content) for content in contents)))
    assert [bytes(row.content) for row in held()] == list(contents)
    return tried, url


def held() -> list[AnswerFile]:
    return list(AnswerFile.objects.order_by("pk"))


def teacher(one: LearnerView, name: str, institution: str = "hub-astana") -> Client:
    person = Person.objects.create_user(f"{name}@hub.example", "correct horse", name=name)
    Membership.objects.create(person=person, institution_id=institution, role="teacher")
    if institution == "hub-astana":
        CohortTeacher.objects.create(cohort_id=one.cohort_id, person=person)
    return signed_in(person)


def test_a_form_without_scripts_hands_in_files_beside_the_other_answers(
    learner: LearnerView, client_of: Client
) -> None:
    tried, url = begin(client_of, learner)
    page = client_of.get(url).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert "A file needs a connection" in page
    chosen = next(item for item in items_of(tried) if item.facts["type"] == "single")
    form = sent(tried, text_file(PLAN), text_file(SECOND, "desk.txt")) | {
        f"key.{chosen.id}": str(uuid.uuid4()),
        f"q.{chosen.id}.answer": token_of(tried, chosen, RIGHT),
    }
    back = client_of.post(f"{url}?section=1", form)
    number = [item.facts["type"] for item in items_of(tried)].index("file") + 1
    assert back["Location"] == f"{url}?section=1#q-{number}"
    assert [(row.name, bytes(row.content)) for row in held()] == [
        ("plan.txt", PLAN), ("desk.txt", SECOND),
    ]  # fmt: skip
    said = answers(tried.id)
    assert said[of_type(tried, "file")].response == {"answer": [row.sha256 for row in held()]}
    assert said[chosen.id].response == {"answer": "right"}
    page = client_of.get(url).content.decode()
    assert "desk.txt" in page
    assert "2 / 2 answered" in text_of(page)


def test_a_file_is_replaced_until_the_attempt_is_handed_in(
    learner: LearnerView, client_of: Client
) -> None:
    tried, url = uploaded(client_of, learner, PLAN)
    (first,) = held()
    dropped = {"drop": f"{first.item}.{first.pk}"}
    client_of.post(url, sent(tried, text_file(SECOND)) | dropped)
    assert [bytes(row.content) for row in held()] == [SECOND]
    client_of.post(f"{url}finish/")
    client_of.post(url, sent(tried, text_file(PLAN)))
    client_of.post(f"{url}files/", {"drop": f"{first.item}.{held()[0].pk}"})
    assert [bytes(row.content) for row in held()] == [SECOND]


def test_an_answer_whose_files_are_all_removed_is_none(
    learner: LearnerView, client_of: Client
) -> None:
    tried, url = uploaded(client_of, learner, PLAN)
    (row,) = held()
    client_of.post(url, {"drop": f"{row.item}.{row.pk}"})
    assert held() == []
    assert answers(tried.id)[row.item].response == {}
    client_of.post(f"{url}finish/")
    assert attempt(tried.id, learner.person_id).points == 0


def test_the_same_file_sent_again_is_there_once(learner: LearnerView, client_of: Client) -> None:
    tried, url = uploaded(client_of, learner, PLAN)
    client_of.post(url, sent(tried, text_file(PLAN, "again.txt")))
    assert [row.name for row in held()] == ["plan.txt"]


def test_after_the_time_is_up_no_file_is_taken_and_none_removed(
    learner: LearnerView, client_of: Client
) -> None:
    tried, url = uploaded(client_of, learner, PLAN)
    Attempt.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    script = {"item": of_type(tried, "file"), **sent(tried, text_file(SECOND))}
    told = client_of.post(f"{url}files/", script)
    assert told.status_code == 410
    assert "The time is over." in told.content.decode()
    page = client_of.post(url, sent(tried, text_file(SECOND)), follow=True).content.decode()
    assert "Answers given after that do not count." in page
    (row,) = held()
    client_of.post(f"{url}files/", {**script, "drop": f"{row.item}.{row.pk}"})
    assert [bytes(one.content) for one in held()] == [PLAN]


def test_a_script_gets_the_controls_as_they_are_then(
    learner: LearnerView, client_of: Client
) -> None:
    tried, url = begin(client_of, learner)
    item = of_type(tried, "file")
    told = client_of.post(f"{url}files/", {"item": item, f"f.{item}": text_file(PLAN)})
    assert told.status_code == 200
    (row,) = held()
    assert f'value="{item}.{row.pk}"' in told.content.decode()
    other = of_type(tried, "single")
    told = client_of.post(f"{url}files/", {"item": other, f"f.{other}": text_file(PLAN)})
    assert (told.status_code, len(held())) == (404, 1)
    told = client_of.post(url, {f"f.{other}": text_file(PLAN)}, follow=True)
    assert "plan.txt: This answer cannot be understood." in told.content.decode()
    assert len(held()) == 1


def test_what_is_not_taken_is_named_and_the_rest_is_kept(
    learner: LearnerView, client_of: Client
) -> None:
    tried, url = begin(client_of, learner)
    bad = SimpleUploadedFile("run.exe", b"MZ\x00\x01", "application/octet-stream")
    large = text_file(b"a" * (5 * 1024 * 1024 + 1), "large.txt")
    page = client_of.post(url, sent(tried, bad, large, text_file(PLAN)), follow=True)
    said = text_of(page.content.decode())
    assert "run.exe: Files of this type are not taken." in said
    assert "large.txt: The file is larger than 5 MB." in said
    assert [bytes(row.content) for row in held()] == [PLAN]
    many = [text_file(f"page {number}".encode()) for number in range(MAX_FILES)]
    page = client_of.post(url, sent(tried, *many), follow=True)
    assert "A question is answered with at most 10 files." in page.content.decode()
    assert len(held()) == MAX_FILES


def test_a_document_is_cleaned_of_the_names_that_programs_wrote(
    learner: LearnerView, client_of: Client
) -> None:
    tried, url = begin(client_of, learner)
    upload = SimpleUploadedFile("plan.pdf", small_pdf(Author="Zzqx Learner"), "application/pdf")
    client_of.post(url, sent(tried, upload))
    (row,) = held()
    assert row.name == "plan.pdf"
    assert b"Zzqx" not in bytes(row.content)


def test_saving_other_answers_leaves_the_files(learner: LearnerView, client_of: Client) -> None:
    tried, url = uploaded(client_of, learner, PLAN)
    item, chosen = of_type(tried, "file"), of_type(tried, "single")
    single = next(one for one in items_of(tried) if one.id == chosen)
    body = {"item": chosen, "key": str(uuid.uuid4())}
    body[f"q.{chosen}.answer"] = token_of(tried, single, RIGHT)
    assert client_of.post(f"{url}answer/", body).status_code == 200
    section = {f"key.{one}": str(uuid.uuid4()) for one in (item, chosen)}
    client_of.post(url, {**section, "go": "1"})
    # Not by a script that takes the question for one of words either.
    forged = {"item": item, "key": str(uuid.uuid4()), f"q.{item}.answer": ""}
    assert client_of.post(f"{url}answer/", forged).status_code == 422
    (row,) = held()
    assert answers(tried.id)[item].response == {"answer": [row.sha256]}


def test_a_learner_saves_their_file_and_no_other_learner_does(
    learner: LearnerView, client_of: Client, academy: Institution, now: datetime
) -> None:
    _tried, url = uploaded(client_of, learner, PLAN)
    (row,) = held()
    told = client_of.get(f"{url}files/{row.pk}/")
    assert (told.content, told["Content-Type"]) == (PLAN, "application/octet-stream")
    assert told["Content-Disposition"] == 'attachment; filename="plan.txt"'
    assert "sandbox" in told["Content-Security-Policy"]
    other = Person.objects.create_user("other@hub.example", "correct horse")
    enrolled = enrol(row.attempt.enrolment.cohort, other, now)
    client = signed_in(other)
    assert client.get(f"{url}files/{row.pk}/").status_code == 404
    theirs, _ = begin(client, enrolled)
    own = address("attempt-file", enrolled.id, theirs.id, row.pk)
    assert client.get(own).status_code == 404
    assert Client().get(f"{url}files/{row.pk}/").status_code == 302


def test_who_runs_the_cohort_saves_a_file_once_it_is_handed_in_and_nobody_else(
    learner: LearnerView, client_of: Client, academy: Institution
) -> None:
    tried, url = uploaded(client_of, learner, PLAN)
    (row,) = held()
    saving = address("answer-file", learner.cohort_id, tried.id, row.pk)
    marker = teacher(learner, "aigul")
    assert marker.get(saving).status_code == 404
    client_of.post(f"{url}finish/")
    assert marker.get(saving).content == PLAN
    branch = Institution.objects.create(
        id="hub-branch", parent=academy, kind="branch", country="KZ", node=academy.node
    )
    assert teacher(learner, "bakyt", branch.pk).get(saving).status_code == 403
    assert client_of.get(saving).status_code == 403


def test_files_are_marked_with_a_rubric_and_shown_afterwards(
    learner: LearnerView, client_of: Client
) -> None:
    with_rubric(second_marker=False)
    tried, url = uploaded(client_of, learner, PLAN)
    client_of.post(f"{url}finish/")
    item, client = of_type(tried, "file"), teacher(learner, "aigul")
    page = client.get(address("cohort-work", learner.cohort_id)).content.decode()
    assert "It can be done" in page
    assert address("answer-file", learner.cohort_id, tried.id, held()[0].pk) in page
    marking = address("answer-mark", learner.cohort_id, tried.id)
    client.post(marking, {"item": item, "p.c1": "3"})
    assert answers(tried.id)[item].points == Decimal("0.75")
    page = client_of.get(url).content.decode()
    assert f"{url}files/{held()[0].pk}/" in page
    assert "partly right" in text_of(page)


def test_two_people_mark_files_and_neither_marks_twice(
    learner: LearnerView, client_of: Client
) -> None:
    with_rubric(second_marker=True)
    tried, url = uploaded(client_of, learner, PLAN)
    client_of.post(f"{url}finish/")
    item = of_type(tried, "file")
    waiting = address("cohort-work", learner.cohort_id)
    marking = address("answer-mark", learner.cohort_id, tried.id)
    first, second, third = (teacher(learner, name) for name in ("aigul", "bakyt", "cholpon"))
    first.post(marking, {"item": item, "p.c1": "3"})
    first.post(marking, {"item": item, "p.c1": "4"})
    assert attempt(tried.id, learner.person_id).points is None
    assert "plan.txt" not in first.get(waiting).content.decode()
    page = second.get(waiting).content.decode()
    assert "plan.txt" in page
    assert "Two people mark this" in page
    second.post(marking, {"item": item, "p.c1": "1"})
    assert attempt(tried.id, learner.person_id).points == Decimal("0.625")
    assert third.post(marking, {"item": item, "p.c1": "4"}).status_code == 404


def with_rubric(*, second_marker: bool) -> None:
    """Have the question that is answered by files marked by one criterion of four points."""
    row = BankItem.objects.get(facts__type="file")
    row.facts["rubric"] = [{"key": "c1", "points": 4}]
    if second_marker:
        row.facts["second_marker"] = True
    row.texts["en"]["words"]["rubric.c1.criterion"] = "It can be done"
    row.save()
    forget_items()


def test_a_person_is_told_their_files_and_takes_them_along(
    learner: LearnerView, client_of: Client, editor: Person
) -> None:
    uploaded(client_of, learner, PLAN)
    (row,) = held()
    (told,) = everything_on(editor)["attempts"]  # type: ignore[misc]
    (file,) = told["files"]
    assert (file["name"], file["question"]) == ("plan.txt", row.item)
    assert b64decode(file["base64"].base64()) == PLAN
    assert places_of("zzqx") == {"training_answerfile.content"}
    editor.delete()
    assert places_of("zzqx") == set()
    assert (AnswerFile.objects.count(), Answer.objects.count()) == (0, 0)


def test_an_attempt_asks_the_database_once_for_all_its_files(
    learner: LearnerView, client_of: Client
) -> None:
    _tried, url = uploaded(client_of, learner, PLAN, SECOND)
    with CaptureQueriesContext(connection) as asked:
        page = client_of.get(url).content.decode()
    about_files = [one["sql"] for one in asked if "training_answerfile" in one["sql"]]
    assert len(about_files) == 1
    assert not re.search(r'"content"', about_files[0])
    assert page.count('name="drop"') == 2
