"""Pictures of questions between academies: they go with the bank, and go from it when erased."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from django.test import Client

from chorsu.exchange import blobs
from chorsu.exchange.models import BlobUse, FeedEntry
from chorsu.flows import erasing, restoring, sharing
from chorsu.flows.pulling import pull
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.training.actions import bank as bank_actions
from chorsu.training.actions.pictures import add_picture
from chorsu.training.items import Item, Picture
from chorsu.training.models import BankItem, BankPicture
from chorsu.training.shapes.bank import NewText
from chorsu.training.wire.banks import KIND
from tests.flows.bank_scene import (
    REASON,
    asked,
    bank_of,
    begin,
    cohort_of,
    five,
    learner_in,
    share,
    shared_course,
    teacher,
    withdraw,
)
from tests.flows.copies import give_copy, set_back
from tests.flows.remote import reasons
from tests.flows.test_teaching import course, publish
from tests.memory_node import MemoryNode
from tests.practices.conftest import reader
from tests.training.pictures_kit import picture

__all__ = ["five", "reader", "teacher"]
CONTENT = picture()
HASH = hashlib.sha256(CONTENT).hexdigest()
NAME = f"map-{HASH[:8]}.png"
ROW = Picture(
    name=NAME, sha256=HASH, media_type="image/png", size=len(CONTENT), width=40, height=30
)


def pictured(stem: str = "Where?", words: str = "A map") -> Item:
    """A question that shows the picture."""
    item = asked(stem)
    text = item.texts["en"]
    said = {**text.words, "stem": f"{stem}\n\n![{words}]({NAME})"}
    return replace(
        item,
        facts={**item.facts, "pictures": [ROW]},
        texts={"en": replace(text, words=said)},
    )


def own_course(teacher: Person, now: datetime) -> str:
    """A course of this node whose only question shows a picture, published with it."""
    course_id = shared_course(teacher, now, asked("First"))
    add_picture(course_id=course_id, content=CONTENT, name="map.png", by=teacher, now=now)
    name = BankPicture.objects.get().name
    [row] = BankItem.objects.all()
    words = {**row.texts["en"]["words"], "stem": f"Where?\n\n![A map]({name})"}
    bank_actions.save_question(
        course_id=course_id, item=str(row.item), version=1, original_language="en",
        facts=row.facts, texts={"en": NewText(words)}, by=teacher, now=now,
    )  # fmt: skip
    sharing.share_questions(course_id=course_id, by=teacher, now=now)
    return course_id


def test_pictures_of_published_questions_are_for_the_network(
    teacher: Person, now: datetime, client: Client
) -> None:
    own_course(teacher, now)

    row = BankPicture.objects.get()
    use = BlobUse.objects.get(blob_id=row.sha256)
    assert (use.audience, use.own) == ("network", True)
    assert client.get(f"/exchange/blob/{row.sha256}").status_code == 403


def test_a_peers_questions_come_with_their_pictures_and_learners_see_them(
    beijing: MemoryNode, teacher: Person, five: list[Item], now: datetime, client: Client
) -> None:
    form = course(beijing, new_id())
    publish(beijing, form)
    assert beijing.add_blob(CONTENT, "network") == HASH
    share(beijing, bank_of(form, [pictured(), *five[:4]]))
    pull(peer_name=beijing.name, now=now)

    assert reasons(beijing) == ["", ""]
    assert blobs.read(HASH) == CONTENT
    somebody = learner_in(cohort_of(form.id, teacher, now), now)
    attempt = begin(somebody, now)
    client.force_login(Person.objects.get(pk=somebody.person_id))
    page = client.get(f"/en/learning/{somebody.id}/attempts/{attempt.id}/").content.decode()
    address = page.partition('<img src="')[2].partition('"')[0]
    assert 'alt="A map"' in page
    shown = client.get(address)
    assert (shown.status_code, b"".join(shown)) == (200, CONTENT)


def test_a_bank_is_refused_whose_pictures_nobody_shows_or_nothing_describes(
    beijing: MemoryNode, now: datetime
) -> None:
    for item in (
        pictured(words=" "),
        replace(asked("Where?"), facts={**pictured().facts}),
    ):
        form = course(beijing, new_id())
        publish(beijing, form)
        share(beijing, bank_of(form, [item]))
    pull(peer_name=beijing.name, now=now)

    assert reasons(beijing) == ["", "payload-malformed"] * 2


def test_an_erased_picture_of_a_peer_goes_from_here_and_its_words_stay(
    own_data: None, beijing: MemoryNode, teacher: Person, now: datetime
) -> None:
    form = course(beijing, new_id())
    bank = bank_of(form, [pictured()])
    publish(beijing, form)
    beijing.add_blob(CONTENT, "network")
    share(beijing, bank)
    pull(peer_name=beijing.name, now=now)
    share(beijing, bank_of(form, [asked("Another")], record=bank.id, revision=2))
    beijing.ask_to_erase(HASH, "file", bank.id, kind=KIND)
    pull(peer_name=beijing.name, now=now)
    erasing.finish(now=now)

    assert [(one.answer, one.code) for one in beijing.answers] == [("erased", "")]
    assert blobs.read(HASH) is None
    assert not BankPicture.objects.exists()
    assert BankItem.objects.filter(texts__en__words__stem__icontains="A map").exists()


def test_a_picture_that_own_questions_show_is_not_erased_for_a_peer(
    own_data: None, beijing: MemoryNode, teacher: Person, now: datetime
) -> None:
    own_course(teacher, now)
    kept = BankPicture.objects.get()
    content = blobs.read(kept.sha256) or b""
    row = {**ROW, "sha256": kept.sha256, "size": len(content), "name": kept.name}
    text = pictured().texts["en"]
    stem = text.words["stem"].replace(NAME, kept.name)
    item = replace(
        pictured(),
        facts={**pictured().facts, "pictures": [row]},
        texts={"en": replace(text, words={**text.words, "stem": stem})},
    )
    form = course(beijing, new_id())
    bank = bank_of(form, [item])
    publish(beijing, form)
    beijing.add_blob(content, "network")
    share(beijing, bank)
    share(beijing, bank_of(form, [asked("Another")], record=bank.id, revision=2))
    beijing.ask_to_erase(kept.sha256, "file", bank.id, kind=KIND)
    pull(peer_name=beijing.name, now=now)

    assert [(one.answer, one.code) for one in beijing.answers] == [("kept", "used-here")]
    assert blobs.read(kept.sha256) == content


def test_an_own_picture_is_found_and_erased_by_its_hash(
    own_data: None, teacher: Person, now: datetime
) -> None:
    course_id = own_course(teacher, now)
    sha256 = BankPicture.objects.get().sha256
    entry = FeedEntry.objects.filter(kind=KIND).latest("index")
    assert erasing.find_record(sha256) == entry.record_id
    assert [str(one.record_id) for one in erasing.consequence(entry.record_id, sha256).places] == [
        course_id
    ]

    erasing.erase(record_id=entry.record_id, blob=sha256, reason=REASON, by=None, now=now)
    erasing.finish(now=now)

    assert blobs.read(sha256) is None
    assert not BankPicture.objects.exists()


def test_a_lost_node_has_the_pictures_of_its_published_questions_back(
    beijing: MemoryNode, teacher: Person, now: datetime
) -> None:
    with set_back():
        own_course(teacher, now)
        sha256 = BankPicture.objects.get().sha256
        give_copy(beijing)
    assert not BankPicture.objects.exists()

    restored = restoring.restore(clock=utc_now, progress=lambda done, total: None)

    assert restored.lost == 0
    assert BankPicture.objects.get().sha256 == sha256
    assert blobs.is_here(sha256)
    assert BlobUse.objects.filter(blob_id=sha256, audience="network").exists()


def test_a_member_gets_no_picture_of_shared_questions_by_its_hash(
    beijing: MemoryNode, teacher: Person, reader: Person, now: datetime, client: Client
) -> None:
    own_course(teacher, now)
    own = BankPicture.objects.get().sha256
    form = course(beijing, new_id())
    publish(beijing, form)
    content = picture(shade=12)
    theirs = beijing.add_blob(content, "network")
    row = {**ROW, "sha256": theirs, "size": len(content), "name": f"map-{theirs[:8]}.png"}
    item = pictured()
    text = item.texts["en"]
    stem = text.words["stem"].replace(NAME, f"map-{theirs[:8]}.png")
    item = replace(
        item,
        facts={**item.facts, "pictures": [row]},
        texts={"en": replace(text, words={**text.words, "stem": stem})},
    )
    share(beijing, bank_of(form, [item]))
    pull(peer_name=beijing.name, now=now)
    assert BlobUse.objects.filter(blob_id=theirs).exists()

    client.force_login(reader)

    assert [client.get(f"/exchange/blob/{one}").status_code for one in (own, theirs)] == [403, 403]


def test_pictures_of_a_peers_bank_go_with_its_questions(
    beijing: MemoryNode, teacher: Person, now: datetime
) -> None:
    form = course(beijing, new_id())
    bank = bank_of(form, [pictured()])
    publish(beijing, form)
    beijing.add_blob(CONTENT, "network")
    share(beijing, bank)
    pull(peer_name=beijing.name, now=now)
    assert BankPicture.objects.exists()

    withdraw(beijing, bank.id)
    pull(peer_name=beijing.name, now=now)

    assert not BankItem.objects.exclude(origin="").exists()
    assert not BankPicture.objects.exists()
