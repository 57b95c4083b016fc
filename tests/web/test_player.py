"""The course list, the course page and the player, over HTTP."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from chorsu.exchange import blobs
from chorsu.exchange.models import BlobUse
from chorsu.institutions.actions import welcome_guest
from chorsu.institutions.models import Institution, Person
from chorsu.training.actions.learning import set_done
from chorsu.training.models import (
    Cohort,
    Course,
    CourseFile,
    CourseText,
    Enrolment,
    ReviewCard,
)
from chorsu.training.queries import learning
from chorsu.training.queries.learning import LearnerView
from chorsu.training.remembering import points
from chorsu.wire.identity import Identity
from tests.training.class_kit import POINTS, cohort, course, enrol, facts, revise, unit
from tests.web.library import ID, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner(academy: Institution, editor: Person, now: datetime) -> LearnerView:
    return enrol(cohort(course(now), academy, now), editor, now)


@pytest.fixture
def client_of(editor: Person) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def address(name: str, *arguments: object, code: str = "en") -> str:
    with override(code):
        return reverse(name, args=arguments)


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_anybody_finds_a_course_and_reads_its_outline_in_their_language(
    academy: Institution, now: datetime
) -> None:
    row = course(now)
    listed = Client().get(address("courses", code="tk")).content.decode()
    assert address("course", row.pk, code="tk") in listed
    shown = Client().get(address("course", row.pk, code="tk")).content.decode()
    assert "Näme üçin bir penjire" in shown
    # What is not translated stands in the original, and says in which language it is.
    assert '<a class="outline__link" href="' in shown
    assert re.search(r'lang="en">Opening day</a>', shown)


def test_the_original_stands_beside_a_translation(academy: Institution, now: datetime) -> None:
    row = course(now)
    page = Client().get(address("course", row.pk) + "?text=tk&beside=original").content.decode()
    assert "Siz penjire" in page
    assert "You plan a window." in page


def test_a_course_page_takes_at_most_ten_queries(
    academy: Institution, now: datetime, django_assert_max_num_queries: object
) -> None:
    row = course(now)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        assert Client().get(address("course", row.pk)).status_code == 200


def test_a_withdrawn_course_says_so(academy: Institution, now: datetime) -> None:
    row = course(now)
    row.withdrawn_at, row.withdrawal_reason = now, "It was wrong."
    row.save()
    answer = Client().get(address("course", row.pk))
    assert (answer.status_code, "It was wrong." in answer.content.decode()) == (410, True)


@pytest.mark.parametrize("name", ["learning-course", "learning-unit"])
def test_the_player_is_for_its_learner_alone(
    learner: LearnerView, now: datetime, name: str
) -> None:
    other = Person.objects.create_user("other@hub.example", "correct horse")
    arguments = [learner.id] + (["r1"] if name == "learning-unit" else [])
    assert Client().get(address(name, *arguments)).status_code == 302
    client = Client()
    client.force_login(other)
    assert client.get(address(name, *arguments)).status_code == 404


def test_the_home_of_a_course_says_where_one_is_what_is_next_and_how_long(
    learner: LearnerView, client_of: Client, now: datetime
) -> None:
    set_done(learner=learner, unit="r1", done=True, now=now)
    page = text_of(client_of.get(address("learning-course", learner.id)).content.decode())
    assert "1 of 5 units done" in page
    assert "100 minutes left" in page
    assert "Go on with What do you know?" in page


def test_done_leads_on_to_the_next_unit(learner: LearnerView, client_of: Client) -> None:
    answer = client_of.post(address("learning-done", learner.id, "r1"))
    assert answer["Location"] == address("learning-unit", learner.id, "s1")
    assert learning.states(learner.id)["r1"].done_at is not None


def test_a_quiz_is_not_done_by_saying_so(learner: LearnerView, client_of: Client) -> None:
    assert client_of.post(address("learning-done", learner.id, "q1")).status_code == 404
    assert learning.states(learner.id) == {}


def test_a_unit_takes_at_most_ten_queries(
    academy: Institution, editor: Person, client_of: Client, now: datetime,
    django_assert_max_num_queries: object,
) -> None:  # fmt: skip
    publish(now)
    whole = facts()
    whole["modules"][0]["units"][0] = unit("r1", "reading", practice=ID)
    one = enrol(cohort(course(now, whole), academy, now), editor, now)
    for key in ("r1", "s1", "q1", "a1"):
        client_of.get(address("learning-unit", one.id, key))
        with django_assert_max_num_queries(10):  # type: ignore[operator]
            assert client_of.get(address("learning-unit", one.id, key)).status_code == 200


def test_a_unit_shows_a_practice_as_it_stands_now(
    academy: Institution, editor: Person, client_of: Client, now: datetime
) -> None:
    whole = facts()
    whole["modules"][0]["units"][0] = unit("r1", "reading", practice=ID)
    one = enrol(cohort(course(now, whole), academy, now), editor, now)
    before = text_of(client_of.get(address("learning-unit", one.id, "r1")).content.decode())
    assert "has not reached this node" in before
    publish(now)
    after = client_of.get(address("learning-unit", one.id, "r1")).content.decode()
    assert address("practice", ID) in after


def test_a_term_opens_its_meaning_at_its_first_mention(
    learner: LearnerView, client_of: Client
) -> None:
    page = client_of.get(address("learning-unit", learner.id, "r1")).content.decode()
    assert page.count('popovertarget="term-t1"') == 1
    assert 'popover class="term-card" id="term-t1"' in page
    assert "What the state does for a person who asks." in page


def test_nothing_of_the_authors_gets_into_the_page_as_markup(
    academy: Institution, editor: Person, client_of: Client, now: datetime
) -> None:
    row = course(now)
    words = {**row.texts.get(language="en").words}
    words["units.r1.body"] = "<script>x</script> ![p](http://evil.example/x.png) public service<b>"
    words["terms.t1.meaning"] = "<script>y</script>"
    row.texts.filter(language="en").update(words=words)
    one = enrol(cohort(row, academy, now), editor, now)
    page = client_of.get(address("learning-unit", one.id, "r1")).content.decode()
    assert "<script>x" not in page
    assert "<script>y" not in page
    assert "evil.example" not in page


def test_a_note_changed_on_another_device_is_shown_beside_what_was_typed(
    learner: LearnerView, client_of: Client
) -> None:
    url = address("learning-note", learner.id, "r1")
    client_of.post(url, {"version": "0", "note": "from the phone"})
    answer = client_of.post(url, {"version": "0", "note": "from the desk"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "from the phone" in page
    assert ">from the desk</textarea>" in page


def test_a_survey_with_nothing_answered_keeps_what_was_typed_and_says_so(
    learner: LearnerView, client_of: Client
) -> None:
    answer = client_of.post(address("learning-survey", learner.id, "s1"), {"s.k1": "9"})
    assert answer.status_code == 422
    assert "Answer at least one question." in answer.content.decode()
    client_of.post(address("learning-survey", learner.id, "s1"), {"s.k2": "2"})
    assert learning.survey_answers(learner.id, "s1") == {"k2": "2"}


def test_work_is_saved_handed_in_and_refused_when_empty(
    learner: LearnerView, client_of: Client
) -> None:
    url = address("learning-work", learner.id, "a1")
    assert client_of.post(url, {"text": "", "hand_in": "1"}).status_code == 422
    client_of.post(url, {"text": "A plan"})
    client_of.post(url, {"text": "A plan", "hand_in": "1"})
    page = text_of(client_of.get(address("learning-unit", learner.id, "a1")).content.decode())
    assert "Handed in:" in page


def test_the_list_of_ones_courses_says_what_is_to_be_remembered(
    learner: LearnerView, client_of: Client, now: datetime
) -> None:
    page = text_of(client_of.get(address("learning")).content.decode())
    assert "Nothing to remember today." in page
    long_ago = now - timedelta(days=400)
    set_done(learner=learner, unit="r1", done=True, points=POINTS, now=long_ago)
    page = text_of(client_of.get(address("learning")).content.decode())
    assert "2 key points to remember today" in page
    card = client_of.get(address("learning-cards")).content.decode()
    assert "How many visits?" in card
    key = re.search(r'name="key" value="([^"]+)"', card)
    assert key is not None
    number = re.search(r'name="card" value="(\d+)"', card)
    assert number is not None
    given = {"card": number[1], "rating": "3", "key": key[1]}
    client_of.post(address("learning-card", learner.id), given)
    page = text_of(client_of.get(address("learning")).content.decode())
    assert "1 key point to remember today" in page


def test_a_key_point_that_a_translation_lacks_is_asked_in_the_original(
    learner: LearnerView, client_of: Client, now: datetime
) -> None:
    row = CourseText.objects.get(course=learner.course_id, language="tk")
    row.words["units.r1.key_points"] = "- Näçe gezek? Bir gezek ýeterlik."
    row.save()
    with override("tk"):
        client_of.post(reverse("learning-done", args=[learner.id, "r1"]))
        assert ReviewCard.objects.count() == 2
        ReviewCard.objects.filter(point=POINTS[1].mark).update(due_at=now - timedelta(days=400))
        card = client_of.get(reverse("learning-cards")).content.decode()
    assert "A queue is a cost." in card


def test_a_key_point_that_moved_is_asked_in_the_words_of_a_translation_of_before(
    learner: LearnerView, client_of: Client, now: datetime
) -> None:
    set_done(learner=learner, unit="r1", done=True, points=POINTS, now=now)
    row = Course.objects.get(pk=learner.course_id)
    revise(row, now, "- A queue is a cost.\n- A clerk decides.\n- How many visits? One is enough.")
    Cohort.objects.update(revision=2)
    ReviewCard.objects.filter(point=POINTS[1].mark).update(due_at=now - timedelta(days=400))
    card = client_of.get(address("learning-cards", code="tk")).content.decode()
    assert "Nobat çykdajy." in card
    # What the translation has not learnt yet is asked in the original.
    new = points("A clerk decides.")
    ReviewCard.objects.filter(point=POINTS[1].mark).update(point=new[0].mark)
    card = client_of.get(address("learning-cards", code="tk")).content.decode()
    assert "A clerk decides." in card


@pytest.mark.parametrize("given", [{"rating": "9"}, {"card": "x.0"}, {"key": "x"}, {"card": "0"}])
def test_a_card_that_is_none_is_not_found(
    learner: LearnerView, client_of: Client, now: datetime, given: dict[str, str]
) -> None:
    set_done(learner=learner, unit="r1", done=True, points=POINTS, now=now)
    card = str(ReviewCard.objects.earliest("id").pk)
    plain = {"card": card, "rating": "3", "key": "019ac000-0000-7000-8000-000000000009"}
    answer = client_of.post(address("learning-card", learner.id), {**plain, **given})
    assert answer.status_code == 404


def test_a_video_begins_with_its_smallest_variant_and_captions_in_ones_language(
    academy: Institution, editor: Person, client_of: Client, now: datetime
) -> None:
    small, large, tk, en = ("a1" * 32, "b2" * 32, "c3" * 32, "d4" * 32)
    captions = [{"language": "en", "sha256": en}, {"language": "tk", "sha256": tk}]
    whole = facts()
    video = {"variants": [small, large], "captions": captions}
    whole["modules"][0]["units"][0] = unit("r1", "video", video=video)
    one = enrol(cohort(course(now, whole), academy, now), editor, now)
    url = address("learning-unit", one.id, "r1", code="tk")
    page = client_of.get(url).content.decode()
    assert re.search(rf'<video controls preload="none" src="[^"]*{small}/"', page)
    assert re.search(rf'<track kind="captions" src="[^"]*{tk}/" srclang="tk" [^>]*default', page)
    assert not re.search(rf'<track kind="captions" src="[^"]*{en}/"[^>]*default', page)
    other = client_of.get(f"{url}?variant=1").content.decode()
    assert re.search(rf'<video controls preload="none" src="[^"]*{large}/"', other)


def test_a_figure_is_shown_with_its_words_and_size(
    academy: Institution, editor: Person, client_of: Client, now: datetime
) -> None:
    row, sha256 = course(now), "ab" * 32
    CourseFile.objects.create(
        course_id=row.pk, sha256=sha256, name="plan.png", media_type="image/png", size=9,
        width=400, height=300, published=True, current=True,
    )  # fmt: skip
    words = {**row.texts.get(language="en").words, f"files.{sha256}.description": "A plan"}
    words["units.r1.body"] = "See: ![](plan.png) and ![gone](other.png)"
    row.texts.filter(language="en").update(words=words)
    one = enrol(cohort(row, academy, now), editor, now)
    page = client_of.get(address("learning-unit", one.id, "r1")).content.decode()
    figure = re.search(r"<img [^>]*>", page.split("<article")[1])
    assert figure is not None
    for part in (f'{sha256}/"', 'alt="A plan"', 'width="400"', 'height="300"', 'loading="lazy"'):
        assert part in figure[0]
    assert "other.png" not in page
    assert "gone" in page


def test_a_guest_is_shown_the_files_of_the_course_they_learn_and_of_no_other(
    academy: Institution, now: datetime
) -> None:
    row = course(now)
    row.audience = "network"
    row.save(update_fields=["audience"])
    hashes = [blobs.put(said, media_type="image/png", now=now) for said in (b"plan", b"other")]
    for sha256, record_id in zip(hashes, (row.pk, uuid.uuid4()), strict=True):
        BlobUse.objects.create(blob_id=sha256, record_id=record_id, audience="network", own=True)
    CourseFile.objects.create(
        course_id=row.pk, sha256=hashes[0], name="plan.png", media_type="image/png", size=4,
        width=400, height=300, published=True, current=True,
    )  # fmt: skip
    words = {**row.texts.get(language="en").words, "units.r1.body": "See: ![A plan](plan.png)"}
    row.texts.filter(language="en").update(words=words)
    told = Identity("A-guest_of-this_node", name="Aiperi")
    guest = welcome_guest(node="bishkek.chorsu.example", identity=told, now=now)
    one = enrol(cohort(row, academy, now), guest, now)
    client = Client()
    client.force_login(guest)
    assert client.get(reverse("blob", args=[hashes[0]])).status_code != 200
    page = client.get(address("learning-unit", one.id, "r1")).content.decode()
    file = address("learning-file", one.id, hashes[0])
    assert f'src="{file}"' in page
    answer = client.get(file)
    assert (answer.status_code, b"".join(answer)) == (200, b"plan")
    assert client.get(address("learning-file", one.id, hashes[1])).status_code == 404
    client.force_login(Person.objects.create_user("other@hub.example"))
    assert client.get(file).status_code == 404
    assert Client().get(file).status_code == 302


def test_a_device_is_told_where_its_person_learns_and_nobody_keeps_the_answer(
    client_of: Client, learner: LearnerView
) -> None:
    told = client_of.get(address("learning-token"))
    assert told.json()["learns"] == [str(learner.id)]
    assert told["Cache-Control"] == "private, no-store"
    Enrolment.objects.update(state="left")
    assert client_of.get(address("learning-token")).json()["learns"] == []
