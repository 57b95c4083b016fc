"""A teacher reads an attempt as it was given: the questions, the answers, what is right, marks."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chorsu.institutions.models import AuditEvent, Institution, Membership, Person, Role
from chorsu.training.actions.answer_files import add_answer_file
from chorsu.training.actions.attempts import give_extra_time, mark_answer
from chorsu.training.items import empty_facts
from chorsu.training.models import BankItem, Course, Enrolment
from chorsu.training.queries.attempts import AttemptView
from chorsu.training.queries.learning import LearnerView
from tests.training.class_kit import cohort, enrol, facts
from tests.training.pictures_kit import picture as picture_bytes
from tests.training.quiz_kit import forget_items
from tests.web.given_kit import Scene, client_of, essay, gaps, pairs, pictured, visits
from tests.web.test_player import address, text_of

pytestmark = pytest.mark.django_db


def page_of(scene: Scene, one: LearnerView, tried: AttemptView, code: str = "en") -> str:
    forget_items()
    told = client_of(scene.teacher).get(address("learner-attempt", one.id, tried.id, code=code))
    assert told.status_code == 200
    return told.content.decode()


def learner_client(one: LearnerView) -> Client:
    return client_of(Person.objects.get(pk=one.person_id))


def question_of(page: str, number: int) -> str:
    return page.partition(f'aria-labelledby="r-{number}"')[2].partition("</section>")[0]


def test_a_question_stands_as_its_learner_saw_it_whatever_the_teacher_reads(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, pictured(now), pictured(now))
    reader, other = scene.learner("Maral", "tk"), scene.learner("Anna", "en")
    (first, second) = scene.items
    read = scene.tried(reader, (first, {"answer": "o1"}, "tk"))
    page = page_of(scene, reader, read)
    for number in (1, 2):
        # The second was not answered: in the language of the first.
        shown = question_of(page, number)
        assert "Haýsy penjire açyk?" in shown
        assert 'alt="Zal"' in shown
        assert 'lang="tk"' in shown
        assert "Turkmen" in text_of(shown)
    assert "Which window" not in page
    shown = question_of(page, 1)
    assert "Saýlanan: 1." in shown
    assert "Saýlanan: 2." not in shown
    assert "Birinji bölüm." in shown
    picture = shown.partition('<img src="')[2].partition('"')[0]
    assert b"".join(client_of(scene.teacher).get(picture)) == picture_bytes()
    assert learner_client(scene.learner("Else")).get(picture).status_code == 404

    read = scene.tried(other, (first, {"answer": "o5"}, "en"), (second, {"answer": "o1"}, "tk"))
    page = page_of(scene, other, read, "tk")
    assert "Which window is open?" in question_of(page, 1)
    assert "Haýsy penjire açyk?" in question_of(page, 2)


def test_options_stand_in_the_order_in_which_they_were_shown(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, pictured(now))
    one = scene.learner("Anna")
    orders = set()
    for _ in range(4):
        tried = scene.begin(one)
        own = learner_client(one)
        asked = own.get(address("attempt", one.id, tried.id)).content.decode()
        scene.hand_in(tried, one)
        order = re.findall(r"Window \d", asked)
        assert re.findall(r"Window \d", question_of(page_of(scene, one, tried), 1)) == order
        orders.add(tuple(order))
    assert len(orders) > 1


def test_what_was_right_to_type_and_to_match_is_told_to_the_teacher_and_not_to_the_learner(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, visits(), pairs(), gaps())
    one = scene.learner("Anna")
    number, match, cloze = scene.items
    tried = scene.tried(
        one,
        (number, {"answer": "17"}, "en"),
        (match, {"answer": {"clerk": "hall", "mayor": "hall"}}, "en"),
        (cloze, {"where": "city", "word": "Window"}, "en"),
    )
    page = page_of(scene, one, tried)
    said = text_of(question_of(page, 1))
    assert "Answer given: 17" in said
    assert "Foreseen as right: 41 ± 2" in said
    said = text_of(question_of(page, 2))
    assert "The clerk → In the hall answer given right: At the desk" in said
    assert "The mayor → In the hall answer given right" in said
    said = text_of(question_of(page, 3))
    # Gaps are numbered as they stand in the text.
    assert "In the ____ (1) there is one ____ (2) ." in said
    assert re.search(r"Gap 1 wrong .*city hall answer given", said)
    assert "Gap 2: Window right Foreseen as right: window / single counter" in said
    own = learner_client(one)
    page = text_of(own.get(address("attempt", one.id, tried.id)).content.decode())
    assert "The clerk → In the hall" in page
    assert "Your answer: 17" in page
    for secret in ("41", "At the desk", "single counter"):
        assert secret not in page


def test_when_and_how_long_and_for_how_many_points(academy: Institution, now: datetime) -> None:
    scene = Scene(academy, now, visits(), visits())
    one = scene.learner("Anna")
    give_extra_time(
        enrolment_id=one.id, cohort_id=one.cohort_id, percent=50, by=scene.teacher, now=now
    )
    tried = scene.tried(one, (scene.items[0], {"answer": "41"}, "en"))
    page = text_of(page_of(scene, one, tried))
    assert "Time taken 24 mins 10 secs" in page
    assert "Time limit 30 mins (with 50 % of extra time)" in page
    assert "Result 50 % (1 of 2 points)" in page
    assert "Question 1: 1 1 / 1" in page
    give_extra_time(
        enrolment_id=one.id, cohort_id=one.cohort_id, percent=100, by=scene.teacher,
        now=now + timedelta(days=1),
    )  # fmt: skip
    # What was given afterwards was no part of it.
    page = text_of(page_of(scene, one, tried, "kk"))
    assert "24 мин 10 с" in page
    assert "30 мин" in page
    assert "100 %" not in page


def test_what_waits_for_a_mark_is_nobodys_yet_and_then_it_is_told_with_its_marks(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, essay(two=True), (empty_facts("file"), {"en": {"stem": "A plan"}}))
    one = scene.learner("Anna")
    long, by_file = scene.items
    tried = scene.begin(one)
    scene.say(tried, one, long, {"answer": "Because people waited."}, "en")
    add_answer_file(
        attempt=tried, person_id=one.person_id, item_id=by_file, upload=BytesIO(b"first the desk"),
        name="plan.txt", language="en", now=now,
    )  # fmt: skip
    scene.hand_in(tried, one)

    def mark(item: str, marker: Person, points: dict[str, str]) -> None:
        mark_answer(
            attempt_id=tried.id, item_id=item, marker_id=marker.pk,
            points={key: Decimal(value) for key, value in points.items()}, now=now,
        )  # fmt: skip

    mark(long, scene.teacher, {"why": "2", "how": "1"})
    page = page_of(scene, one, tried)
    for hidden in (
        "Because people waited.",
        "plan.txt",
        "Reasons are given",
        "Time taken 24 mins,",
    ):
        assert hidden not in page
    # By the minute it could be told which of those that wait is theirs.
    assert not re.search(r"\d\d:\d\d", text_of(page).partition("Result")[0].partition("Anna")[2])
    assert address("cohort-work", one.cohort_id) in question_of(page, 1)
    listed = client_of(scene.teacher).get(address("learner", one.id)).content.decode()
    assert "waits to be marked" in listed
    assert not re.search(r"\d\d:\d\d", listed.partition('class="tried"')[2].partition("</ol>")[0])

    mark(long, scene.teaches("second"), {"why": "3", "how": "0"})
    mark(by_file, scene.teacher, {"answer": "0.5"})
    page = page_of(scene, one, tried)
    shown = text_of(question_of(page, 1))
    assert "Because people waited." in shown
    assert "3 of 4 points" in shown
    assert "Reasons are given 3 2 3" in shown
    assert "A way is shown 1 1 0" in shown
    assert "teacher" in shown
    assert "second" in shown
    shown = question_of(page, 2)
    link = re.search(r'href="([^"]+)">plan.txt', shown)
    assert link
    assert client_of(scene.teacher).get(link[1]).content == b"first the desk"
    assert "The answer as a whole 1 0.5" in text_of(shown)


def test_a_question_that_was_changed_since_stands_as_it_was_asked(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, visits())
    one = scene.learner("Anna")
    tried = scene.tried(one, (scene.items[0], {"answer": "41"}, "en"))
    row = BankItem.objects.get()
    BankItem.objects.update(current=False)
    row.pk, row.version, row.current = None, 2, True
    row.texts["en"]["words"]["stem"] = "How many desks?"
    row.save()
    page = page_of(scene, one, tried)
    assert "How many visits?" in page
    assert "How many desks?" not in page


def test_of_an_erased_question_its_place_is_left(academy: Institution, now: datetime) -> None:
    scene = Scene(academy, now, visits(), visits())
    one = scene.learner("Anna")
    tried = scene.tried(one, (scene.items[0], {"answer": "41"}, "en"))
    for row in BankItem.objects.all():
        row.texts["en"]["words"] = {}
        row.texts["tk"]["words"] = {}
        row.save()
    page = page_of(scene, one, tried)
    assert page.count("Here was a question (") == 2
    assert "1 of 1 points" in text_of(question_of(page, 1))
    assert "not counted" in text_of(question_of(page, 2))
    assert "41 ± 2" not in page


def test_who_may_not_run_the_cohort_reads_none(academy: Institution, now: datetime) -> None:
    scene = Scene(academy, now, visits())
    one, other = scene.learner("Anna"), scene.learner("Boris")
    tried = scene.tried(one, (scene.items[0], {"answer": "41"}, "en"))
    url = address("learner-attempt", one.id, tried.id)
    elsewhere = Person.objects.create_user("elsewhere@hub.example", "correct horse")
    Membership.objects.create(person=elsewhere, institution_id="hub-astana", role="teacher")
    officer = Person.objects.create_user("officer@hub.example", "correct horse")
    Membership.objects.create(
        person=officer, institution_id="hub-astana", role=Role.TRAINING_OFFICER
    )
    for person in (elsewhere, Person.objects.get(pk=other.person_id)):
        assert client_of(person).get(url).status_code == 403
    assert Client().get(url).status_code == 302
    assert client_of(officer).get(url).status_code == 200
    assert client_of(scene.teacher).get(url).status_code == 200
    strange = address("learner-attempt", other.id, tried.id)
    assert client_of(scene.teacher).get(strange).status_code == 404
    Membership.objects.filter(person=scene.teacher).delete()
    assert client_of(scene.teacher).get(url).status_code == 403


def test_an_attempt_of_somebody_who_left_is_read_no_more(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, visits())
    one, other = scene.learner("Anna"), scene.learner("Boris")
    tried, beside = scene.tried(one), scene.tried(other)
    assert address("learner-attempt", one.id, tried.id) in page_of(scene, other, beside)
    Enrolment.objects.filter(pk=one.id).update(state="left")
    client = client_of(scene.teacher)
    assert client.get(address("learner-attempt", one.id, tried.id)).status_code == 404
    listed = client.get(address("learner", one.id))
    assert listed.status_code == 200
    assert str(tried.id) not in listed.content.decode()
    assert str(tried.id) not in page_of(scene, other, beside)


def test_who_teaches_and_learns_there_reads_their_own_as_learners_do_and_no_others(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, visits())
    one, mine = scene.learner("Anna"), enrol(scene.run, scene.teacher, now)
    tried, own = scene.tried(one), scene.tried(mine)
    client = client_of(scene.teacher)
    told = client.get(address("learner-attempt", mine.id, own.id))
    assert told["Location"] == address("attempt", mine.id, own.id)
    assert client.get(address("learner-attempt", one.id, tried.id)).status_code == 403
    Enrolment.objects.filter(pk=mine.id).update(state="passed")
    assert client.get(address("learner-attempt", one.id, tried.id)).status_code == 200


def test_while_it_is_answered_its_answers_are_not_shown(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, visits(), visits())
    one = scene.learner("Anna")
    tried = scene.begin(one)
    scene.say(tried, one, scene.items[0], {"answer": "4177"}, "en")
    page = page_of(scene, one, tried)
    assert "It is being answered: 1 of 2 questions so far." in page
    assert "4177" not in page
    assert "How many visits?" not in page


def test_one_goes_from_attempt_to_attempt_by_the_names_of_the_learners(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, visits())
    boris, anna, vera = (scene.learner(name) for name in ("boris", "Anna", "Vera"))
    last, first = scene.tried(vera), scene.tried(anna)
    one, two = scene.tried(boris), scene.tried(boris)
    scene.begin(anna)
    elsewhere = cohort(Course.objects.get(), academy, now)
    enrol(elsewhere, Person.objects.create_user("b@hub.example", "x", name="Bella"), now)

    def beside(of: LearnerView, tried: AttemptView) -> list[str]:
        pages = page_of(scene, of, tried).partition('<nav class="pages"')[2]
        return re.findall(r"attempts/([0-9a-f-]{36})/", pages.partition("</nav>")[0])

    assert beside(anna, first) == [str(one.id)]
    assert beside(boris, one) == [str(first.id), str(two.id)]
    assert beside(boris, two) == [str(one.id), str(last.id)]
    assert beside(vera, last) == [str(two.id)]
    page = page_of(scene, boris, two)
    others = page.partition('id="others-title"')[2].partition("</ol>")[0]
    assert re.findall(r"attempts/([0-9a-f-]{36})/", others) == [str(one.id), str(two.id)]
    assert others.count('aria-current="page"') == 1


def test_the_gradebook_and_the_learners_page_lead_to_it(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, visits())
    one = scene.learner("Anna")
    wrong = scene.tried(one, (scene.items[0], {"answer": "1"}, "en"))
    best = scene.tried(one, (scene.items[0], {"answer": "41"}, "en"))
    again = scene.tried(one, (scene.items[0], {"answer": "41"}, "en"))
    client = client_of(scene.teacher)
    page = client.get(address("cohort-gradebook", one.cohort_id)).content.decode()
    assert re.findall(r"attempts/([0-9a-f-]{36})/", page) == [str(best.id)]
    page = client.get(address("learner", one.id)).content.decode()
    assert re.findall(r"attempts/([0-9a-f-]{36})/", page) == [
        str(each.id) for each in (wrong, best, again)
    ]
    assert "Test yourself" in page


def test_a_quiz_that_the_course_has_no_more_and_a_course_that_is_withdrawn_are_no_obstacle(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, visits())
    one = scene.learner("Anna")
    tried = scene.tried(one, (scene.items[0], {"answer": "41"}, "en"))
    Course.objects.update(withdrawn_at=now)
    assert "How many visits?" in page_of(scene, one, tried)
    without = facts()
    without["modules"] = without["modules"][:1]
    Course.objects.update(facts=without)
    page = page_of(scene, one, tried)
    assert "How many visits?" in page
    assert "Quiz · Attempt 1" in text_of(page)
    assert client_of(scene.teacher).get(address("learner", one.id)).status_code == 200


def test_reading_is_no_change_and_leaves_no_line_in_the_audit_log(
    academy: Institution, now: datetime
) -> None:
    scene = Scene(academy, now, visits())
    one = scene.learner("Anna")
    tried = scene.tried(one)
    before = AuditEvent.objects.count()
    page_of(scene, one, tried)
    assert AuditEvent.objects.count() == before


def test_a_long_attempt_takes_as_many_queries_as_a_short_one(
    academy: Institution, now: datetime
) -> None:
    def queries(questions: int, learners: int) -> int:
        made = [essay(), *(visits() for _ in range(questions))]
        scene = Scene(academy, now, *made)
        for number in range(learners):
            scene.tried(scene.learner(f"L {number}"))
        one = scene.learner("L 1a")
        answered = [(item, {"answer": "41"}, "en") for item in scene.items]
        tried = scene.tried(one, *answered)
        mark_answer(
            attempt_id=tried.id, item_id=scene.items[0], marker_id=scene.teacher.pk,
            points={"why": Decimal(1), "how": Decimal(1)}, now=now,
        )  # fmt: skip
        client = client_of(scene.teacher)
        client.get(address("cohort-gradebook", one.cohort_id))
        forget_items()
        with CaptureQueriesContext(
            connection,
        ) as caught:
            told = client.get(address("learner-attempt", one.id, tried.id))
        assert told.content.decode().count('class="reviewed ') == questions + 1
        Person.objects.filter(pk=scene.teacher.pk).delete()
        return len(caught)

    few = queries(1, 1)
    assert queries(20, 15) == few
    assert few <= 24
