"""Questions of a course go to other academies and come from them. Named after what may go wrong."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

import pytest
from django.test import Client

from chorsu.exchange import blobs
from chorsu.exchange.models import BlobUse, FeedEntry
from chorsu.flows import restoring, sharing, teaching
from chorsu.flows.pulling import pull
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.language.models import TranslationRequest
from chorsu.search.queries import search
from chorsu.search.rules import Filters
from chorsu.training.actions import attempts, cohorts, courses
from chorsu.training.actions import bank as bank_actions
from chorsu.training.actions.taking import hold_questions, take_questions
from chorsu.training.errors.bank import NotShareable
from chorsu.training.items import Drawn, Item
from chorsu.training.items import clean_facts as clean_item
from chorsu.training.models import BankItem, SharedBank
from chorsu.training.queries import shared_banks
from chorsu.training.queries.bank import item_versions
from chorsu.training.queries.sharing import sharing_of
from chorsu.training.wire.banks import KIND, build_bank, parse_bank
from chorsu.wire.entry import Audience
from tests.flows.bank_scene import (
    MARK,
    asked,
    bank_of,
    begin,
    cohort_of,
    five,
    learner_in,
    share,
    shared_course,
    stems,
    teacher,
    withdraw,
)
from tests.flows.copies import give_copy, set_back
from tests.flows.remote import reasons, states
from tests.flows.test_teaching import MEMBER, course, publish
from tests.memory_node import MemoryNode
from tests.training.courses.content import ready_draft
from tests.training.quiz_kit import given, items_of
from tests.web.bank_kit import add

__all__ = ["five", "teacher"]


def test_a_peers_course_is_taught_as_it_is_with_its_questions_and_graded(
    beijing: MemoryNode, teacher: Person, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    publish(beijing, form)
    share(beijing, bank_of(form, five))
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "accepted"]

    cohort = cohort_of(form.id, teacher, now)
    [taken] = shared_banks.taken_by(cohort)
    assert (taken.bank.origin, taken.revision, taken.count) == (beijing.name, 1, 5)
    somebody = learner_in(cohort, now)
    attempt = begin(somebody, now)
    assert stems(attempt) == {item.texts["en"].words["stem"] for item in five}
    for number, item in enumerate(items_of(attempt)):
        said = given(attempt, item, "Answer r" if number else "Answer w1")
        attempts.answer(attempt=attempt, person_id=somebody.person_id, given=said, now=now)
    done = attempts.hand_in(attempt_id=attempt.id, person_id=somebody.person_id, now=now)
    assert (done.points, done.most_points) == (4, 5)


def test_a_fork_draws_from_its_own_questions_and_from_those_of_what_it_began_as(
    beijing: MemoryNode, teacher: Person, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    publish(beijing, form)
    share(beijing, bank_of(form, five[:4]))
    pull(peer_name=beijing.name, now=now)
    draft = courses.fork(
        course_id=form.id, institution_id="hub-astana", language="en", by=teacher, now=now
    )
    add(draft.id, asked("What is ours?"), teacher, now)
    assert len(shared_banks.to_draw_in_draft(uuid.UUID(draft.id))) == 5
    fork = teaching.publish_course(
        draft_id=draft.id, version=draft.version, by=teacher, now=now, with_questions=True
    )

    attempt = begin(learner_in(cohort_of(fork.id, teacher, now), now), now)
    assert stems(attempt) == {
        "What is ours?", *(item.texts["en"].words["stem"] for item in five[:4])
    }  # fmt: skip
    # What goes out with the fork is its own: each academy takes back what it let go.
    own = SharedBank.objects.get(course_id=fork.id)
    published = blobs.read(own.blob)
    assert published is not None
    [question] = parse_bank(published, own.origin).questions
    assert question.texts["en"].words["stem"] == "What is ours?"


def test_a_running_cohort_keeps_the_publication_it_took_until_its_teacher_takes_another(
    beijing: MemoryNode, teacher: Person, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    first = bank_of(form, five)
    publish(beijing, form)
    share(beijing, first)
    pull(peer_name=beijing.name, now=now)
    cohort = cohort_of(form.id, teacher, now)
    words = {**five[0].texts["en"].words, "stem": "Put right"}
    text = replace(five[0].texts["en"], words=words, based_on=2)
    mended = replace(five[0], version=2, texts={"en": text})
    share(beijing, bank_of(form, [mended, *five[1:]], record=first.id, revision=2))
    pull(peer_name=beijing.name, now=now)

    assert "Put right" not in stems(begin(learner_in(cohort, now), now))
    [taken] = shared_banks.taken_by(cohort)
    assert (taken.revision, taken.newest) == (1, 2)
    take_questions(cohort_id=cohort, by=teacher, now=now)
    assert "Put right" in stems(begin(learner_in(cohort, now), now))


def test_questions_of_a_revision_that_a_cohort_has_not_taken_are_not_asked(
    beijing: MemoryNode, teacher: Person, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    publish(beijing, form)
    pull(peer_name=beijing.name, now=now)
    cohort = cohort_of(form.id, teacher, now)
    second = course(beijing, form.id, revision=2, title="Two windows")
    publish(beijing, second)
    share(beijing, bank_of(second, five))
    pull(peer_name=beijing.name, now=now)
    with pytest.raises(attempts.QuizNotReady):
        begin(learner_in(cohort, now), now)

    cohorts.take_revision(cohort_id=cohort, revision=2, by=teacher, now=now)
    assert len(begin(learner_in(cohort, now), now).drawn) == 5


def test_a_bank_that_comes_later_goes_to_cohorts_that_have_none(
    beijing: MemoryNode, teacher: Person, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    publish(beijing, form)
    pull(peer_name=beijing.name, now=now)
    cohort = cohort_of(form.id, teacher, now)
    share(beijing, bank_of(form, five))
    pull(peer_name=beijing.name, now=now)

    assert len(begin(learner_in(cohort, now), now).drawn) == 5


def test_withdrawn_questions_are_drawn_no_more_and_only_what_was_asked_is_kept(
    beijing: MemoryNode, teacher: Person, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    six = [*five, asked("Never asked")]
    bank = bank_of(form, six)
    publish(beijing, form)
    share(beijing, bank)
    pull(peer_name=beijing.name, now=now)
    cohort = cohort_of(form.id, teacher, now)
    somebody = learner_in(cohort, now)
    attempt = begin(somebody, now)
    withdraw(beijing, bank.id)
    pull(peer_name=beijing.name, now=now)

    assert states(beijing)[-1] == "accepted"
    kept = {str(one) for one in BankItem.objects.values_list("item", flat=True)}
    assert kept == {item for item, _version, _section in attempt.drawn}
    # What was begun is answered to its end; nothing is begun any more.
    [first, *_] = items_of(attempt)
    said = given(attempt, first, "Answer r")
    attempts.answer(attempt=attempt, person_id=somebody.person_id, given=said, now=now)
    done = attempts.hand_in(attempt_id=attempt.id, person_id=somebody.person_id, now=now)
    assert done.points == 1
    with pytest.raises(attempts.QuizNotReady):
        begin(learner_in(cohort, now), now)
    [taken] = shared_banks.taken_by(cohort)
    assert (taken.revision, taken.newest, taken.count) == (1, 0, 0)


def test_no_attempt_is_begun_with_questions_that_a_withdrawal_took_meanwhile(
    beijing: MemoryNode, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    bank = bank_of(form, five)
    publish(beijing, form)
    share(beijing, bank)
    pull(peer_name=beijing.name, now=now)
    drawn = [Drawn(one.id, 1, 0) for one in five]
    assert hold_questions(drawn)
    assert not hold_questions([*drawn, Drawn(five[0].id, 2, 0)])
    withdraw(beijing, bank.id)
    pull(peer_name=beijing.name, now=now)

    assert not hold_questions(drawn)


def test_a_fork_asks_nothing_of_a_course_that_was_withdrawn(
    beijing: MemoryNode, teacher: Person, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    publish(beijing, form)
    share(beijing, bank_of(form, five))
    pull(peer_name=beijing.name, now=now)
    draft = courses.fork(
        course_id=form.id, institution_id="hub-astana", language="en", by=teacher, now=now
    )
    fork = teaching.publish_course(draft_id=draft.id, version=draft.version, by=teacher, now=now)
    cohort = cohort_of(fork.id, teacher, now)
    withdraw(beijing, form.id)
    pull(peer_name=beijing.name, now=now)

    with pytest.raises(attempts.QuizNotReady):
        begin(learner_in(cohort, now), now)


def test_a_withdrawal_that_comes_before_its_bank_is_not_undone(
    beijing: MemoryNode, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    bank = bank_of(form, five)
    publish(beijing, form)
    share(beijing, bank)
    withdraw(beijing, bank.id)
    beijing.erase_blob(beijing.entries()[1].blob or "")
    pull(peer_name=beijing.name, now=now)

    assert SharedBank.objects.get().withdrawn_at is not None
    assert not BankItem.objects.exists()


# Attacks


def test_a_node_puts_no_questions_into_another_nodes_course(
    beijing: MemoryNode, astana: MemoryNode, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    publish(beijing, form)
    pull(peer_name=beijing.name, now=now)
    share(astana, bank_of(replace(form, origin=astana.name), five))
    pull(peer_name=astana.name, now=now)

    assert reasons(astana) == ["not-the-origin"]
    assert shared_banks.published_for(uuid.UUID(form.id)) is None


def test_questions_that_came_before_another_nodes_course_are_not_asked_in_it(
    beijing: MemoryNode, astana: MemoryNode, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    share(astana, bank_of(replace(form, origin=astana.name), five))
    pull(peer_name=astana.name, now=now)
    publish(beijing, form)
    pull(peer_name=beijing.name, now=now)

    assert states(astana) == ["accepted"]
    assert shared_banks.published_for(uuid.UUID(form.id)) is None


def test_a_node_publishes_no_question_of_another_node(
    beijing: MemoryNode, astana: MemoryNode, teacher: Person, five: list[Item], now: datetime
) -> None:
    ours = add(ready_draft(teacher, now).id, asked("Ours"), teacher, now)
    theirs = course(beijing, new_id())
    publish(beijing, theirs)
    share(beijing, bank_of(theirs, five))
    pull(peer_name=beijing.name, now=now)
    form = course(astana, new_id())
    publish(astana, replace(form, institution="kz-apa"))
    share(astana, bank_of(form, [replace(ours, version=9)]))
    share(astana, bank_of(form, [replace(five[0], version=9)]))
    pull(peer_name=astana.name, now=now)

    assert reasons(astana)[1:] == ["not-the-origin", "not-the-origin"]
    assert not BankItem.objects.filter(version=9).exists()


def test_a_version_of_a_question_never_changes(
    beijing: MemoryNode, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    bank = bank_of(form, five)
    publish(beijing, form)
    share(beijing, bank)
    pull(peer_name=beijing.name, now=now)
    words = {**five[0].texts["en"].words, "options.answer.r.text": "Another"}
    changed = replace(five[0], texts={"en": replace(five[0].texts["en"], words=words)})
    share(beijing, bank_of(form, [changed], record=bank.id, revision=2))
    pull(peer_name=beijing.name, now=now)

    assert reasons(beijing)[-1] == "payload-malformed"
    assert item_versions([(five[0].id, 1)])[five[0].id] == five[0]


@pytest.mark.parametrize("audience", ["public", "network"])
def test_answers_for_the_public_are_refused(
    beijing: MemoryNode, five: list[Item], now: datetime, audience: Audience
) -> None:
    form = course(beijing, new_id())
    bank = bank_of(form, five)
    publish(beijing, form)
    payload = build_bank(bank)
    if audience == "network":
        payload = {**payload, "audience": "public"}
    beijing.publish(KIND, bank.id, 1, payload, audience)
    pull(peer_name=beijing.name, now=now)

    said = "payload-malformed" if audience == "network" else "payload-entry-mismatch"
    assert reasons(beijing) == ["", said]
    assert not BankItem.objects.exists()


def test_a_second_bank_of_a_course_is_refused(
    beijing: MemoryNode, five: list[Item], now: datetime
) -> None:
    form = course(beijing, new_id())
    publish(beijing, form)
    share(beijing, bank_of(form, five))
    share(beijing, bank_of(form, [asked("Of another bank")]))
    pull(peer_name=beijing.name, now=now)

    assert reasons(beijing) == ["", "", "payload-malformed"]


# One's own


def test_questions_go_out_for_the_network_without_who_wrote_them(
    teacher: Person, now: datetime
) -> None:
    other = asked("Not drawn")
    other = replace(other, facts=clean_item({**other.facts, "competence": "other"}))
    course_id = shared_course(teacher, now, asked("Drawn"), other)

    entry = FeedEntry.objects.get(kind=KIND)
    use = BlobUse.objects.get(blob_id=entry.blob)
    assert (use.audience, use.own) == ("network", True)
    payload = blobs.read(entry.blob)
    assert payload is not None
    bank = parse_bank(payload, "hub.chorsu.example")
    assert (bank.course, bank.course_revision) == (course_id, 1)
    assert [one.texts["en"].words["stem"] for one in bank.questions] == ["Drawn"]
    assert teacher.name.encode() not in payload
    # The same again is no second publication.
    assert not sharing.share_questions(course_id=course_id, by=teacher, now=now)
    assert sharing_of(course_id).same


def test_a_course_is_not_published_if_its_questions_cannot_go(
    teacher: Person, now: datetime
) -> None:
    draft = ready_draft(teacher, now)
    add(draft.id, asked("Who is it?"), teacher, now)
    Person.objects.create_user("z@hub.example", "correct horse", name="Who Is")
    with pytest.raises(NotShareable) as caught:
        teaching.publish_course(
            draft_id=draft.id, version=draft.version, by=teacher, now=now, with_questions=True
        )
    assert caught.value.code == "personal"
    assert not FeedEntry.objects.exists()


def test_a_course_takes_its_questions_back_with_it(teacher: Person, now: datetime) -> None:
    course_id = shared_course(teacher, now, asked("Drawn"))
    teaching.withdraw_course(course_id=course_id, reason="A new law.", by=teacher, now=now)

    said = list(FeedEntry.objects.order_by("index").values_list("kind", "action"))
    assert said[2:] == [("course", "withdraw"), (KIND, "withdraw")]
    bank = SharedBank.objects.get()
    assert bank.withdrawal_reason == "A new law."


def test_questions_are_taken_back_alone_and_let_go_again(teacher: Person, now: datetime) -> None:
    course_id = shared_course(teacher, now, asked("Drawn"))
    sharing.unshare_questions(course_id=course_id, reason="Wrong answers.", by=teacher, now=now)
    assert not sharing_of(course_id).is_shared
    assert sharing.share_questions(course_id=course_id, by=teacher, now=now)

    banks = FeedEntry.objects.filter(kind=KIND).order_by("index")
    assert list(banks.values_list("action", "revision")) == [
        ("publish", 1), ("withdraw", 1), ("publish", 2),
    ]  # fmt: skip
    assert sharing_of(course_id).is_shared
    assert len(set(banks.values_list("record_id", flat=True))) == 1


def test_no_person_gets_the_answers_by_their_hash(
    beijing: MemoryNode, teacher: Person, five: list[Item], now: datetime, client: Client
) -> None:
    shared_course(teacher, now, asked("Drawn"))
    form = course(beijing, new_id())
    publish(beijing, form)
    share(beijing, bank_of(form, five))
    pull(peer_name=beijing.name, now=now)
    client.force_login(teacher)

    hashes = [bank.blob for bank in SharedBank.objects.all()]
    assert len(hashes) == 2
    for sha256 in hashes:
        answer = client.get(f"/exchange/blob/{sha256}")
        assert answer.status_code == 403
        assert b"credit" not in answer.content


def test_no_word_of_a_question_is_found_listed_or_harvested(
    beijing: MemoryNode, teacher: Person, now: datetime, client: Client
) -> None:
    own = shared_course(teacher, now, asked(f"Own {MARK}"))
    form = course(beijing, new_id())
    publish(beijing, form)
    share(beijing, bank_of(form, [asked(f"Theirs {MARK}")]))
    pull(peer_name=beijing.name, now=now)

    found = search(MARK, MEMBER, Filters(), kinds=["practice", "course"], offset=0, limit=5)
    assert list(found.hits) == []
    assert set(TranslationRequest.objects.values_list("kind", flat=True)) == {"course"}
    reader = Person.objects.create_user("r@hub.example", "correct horse", name="A Reader")
    client.force_login(reader)
    for address in (
        f"/en/courses/{own}/", f"/en/courses/{form.id}/", f"/en/courses/{form.id}/units/check/",
        f"/en/search/?q={MARK}", "/oai?verb=ListRecords&metadataPrefix=oai_dc",
        "/en/institutions/hub-astana/feed.atom", "/api/v1/courses", f"/api/v1/courses/{form.id}",
    ):  # fmt: skip
        page = client.get(address)
        assert page.status_code == 200, address
        said = page.content.decode().replace(f"q={MARK}", "").replace(f'value="{MARK}"', "")
        assert f"Own {MARK}" not in said, address
        assert f"Theirs {MARK}" not in said, address


def test_a_lost_node_has_its_published_questions_back(
    beijing: MemoryNode, teacher: Person, now: datetime
) -> None:
    with set_back():
        course_id = shared_course(teacher, now, asked("First"), asked("Second"))
        gone = BankItem.objects.get(texts__en__words__stem="Second")
        bank_actions.set_retired(
            course_id=course_id, item=str(gone.item), retired=True, by=teacher, now=now
        )
        sharing.share_questions(course_id=course_id, by=teacher, now=now)
        give_copy(beijing)
    assert not BankItem.objects.exists()

    restored = restoring.restore(clock=utc_now, progress=lambda done, total: None)
    assert restored.lost == 0
    back = {row.texts["en"]["words"]["stem"]: row.current for row in BankItem.objects.all()}
    assert back == {"First": True, "Second": False}
    assert sharing_of(course_id).same
