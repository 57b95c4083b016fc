"""Saved searches: what is new is told once, to who may see it, and stops when they say so."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected
from urllib.parse import urlsplit

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from chorsu.flows import alerting
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.kernel.clock import utc_now
from chorsu.search.embedding import embed_waiting
from chorsu.search.errors import NothingToSave, TooManySaved
from chorsu.search.models import Document, Match, SavedSearch
from chorsu.search.rules import Filters
from chorsu.search.saved import SavedView, by_token, saved_by_id, saved_searches
from chorsu.search.saving import forget_old_matches, note_matches, renew, save
from tests.api.test_courses import publish as publish_course
from tests.training.courses.content import WORDS
from tests.web.library import ID, publish

pytestmark = pytest.mark.django_db
OTHER = "01a20b57-41cf-7240-9c2d-000000000001"
Mails = list[EmailMessage]
Keep = Callable[..., SavedView]


@pytest.fixture
def keep(editor: Person) -> Keep:
    """Has the editor keep a search, before anything is published."""

    def keep(
        question: str = "certificates", alert: str = "at_once", **filters: tuple[str, ...]
    ) -> SavedView:
        now = utc_now() - timedelta(days=1)
        return saved_by_id(
            save(
                person=editor,
                question=question,
                filters=Filters(**filters),  # type: ignore[arg-type]
                alert=alert,
                language="en",
                now=now,
            )
        )

    return keep


def tell(alert: str = "at_once") -> int:
    embed_waiting(500)
    now = utc_now()
    while alerting.look_for_new(now=now):
        pass
    return alerting.mail_new(alert=alert, now=now)


def test_a_new_practice_that_answers_is_mailed_once_in_the_persons_language(
    keep: Keep, editor: Person, now: datetime, mailoutbox: Mails
) -> None:
    editor.languages = ["ru", "en"]
    editor.save()
    saved = keep("certificates")
    keep("quantum chromodynamics")
    publish(now)
    assert tell() == 1
    (mail,) = mailoutbox
    assert mail.to == [editor.email]
    assert mail.subject == "Новое по вашему поиску: certificates"
    assert "Одно окно для всех справок" in mail.body
    assert f"http://localhost:8000/ru/practices/{ID}/" in mail.body
    assert "http://localhost:8000/ru/search/?q=certificates" in mail.body
    assert tell() == 0

    publish(
        now + timedelta(days=1), results="- waiting fell to 3 days", note="A figure"
    )  # a new revision is not new
    assert tell() == 0
    assert Match.objects.get(saved=saved.id).mailed_at is not None


def test_a_new_course_is_told_of_to_who_asks_or_filters_unless_they_want_practices_alone(
    keep: Keep, client: Client, editor: Person, now: datetime, mailoutbox: Mails
) -> None:
    asked, narrowed, practices, elsewhere = (
        keep("visits to citizens in a village"),
        keep("", "never", kinds=("course",)),
        keep("visits to citizens in a village", "never", kinds=("practice",)),
        keep("", "never", countries=("TM",)),
    )
    course = publish_course(editor, now)
    assert tell() == 1
    (mail,) = mailoutbox
    assert "1 new record answers a search" in mail.body
    assert f"{WORDS['title']}\nhttp://localhost:8000/en/courses/{course.id}/" in mail.body
    feed = client.get(f"/en/search/saved/feed/{asked.token('feed')}.atom").content.decode()
    assert f"urn:uuid:{course.id}" in feed
    told = Match.objects.values_list("saved_id", flat=True)
    assert set(told) == {asked.id, narrowed.id}
    assert {practices.id, elsewhere.id}.isdisjoint(told)
    assert saved_by_id(narrowed.id).filters == Filters(kinds=("course",))


def test_the_mail_can_be_stopped_by_one_post_without_a_sign_in(
    keep: Keep, client: Client, now: datetime, mailoutbox: Mails
) -> None:
    saved = keep()
    publish(now)
    tell()
    headers = mailoutbox[0].message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch("<(.+)>", headers["List-Unsubscribe"])
    assert address is not None
    path = urlsplit(address[1]).path
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(path).status_code == 200
    assert saved_by_id(saved.id).alert == "at_once"  # looking changes nothing
    assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert saved_by_id(saved.id).alert == "never"
    publish(now + timedelta(days=1), OTHER)
    assert tell() == 0
    other = "1" if path[-2] == "0" else "0"
    assert client.get(f"{path[:-2]}{other}/").status_code == 404


def test_once_a_day_waits_for_the_morning_and_tells_all_of_the_day_in_one_mail(
    keep: Keep, now: datetime, mailoutbox: Mails
) -> None:
    keep(alert="daily")
    publish(now)
    publish(now + timedelta(hours=1), OTHER)
    assert tell("at_once") == 0
    assert tell("daily") == 1
    assert f"/{ID}/" in mailoutbox[0].body
    assert f"/{OTHER}/" in mailoutbox[0].body
    assert tell("daily") == 0


def test_what_came_before_or_passes_no_filter_is_not_new(keep: Keep, now: datetime) -> None:
    publish(now)
    Document.objects.update(came_at=utc_now() - timedelta(days=9))
    keep()
    keep("", countries=("CN",))
    publish(now, OTHER, texts=[], title="Another thing", summary="About trees.")
    kazakhstan = keep("", countries=("KZ",))
    assert tell() == 1
    assert [str(one.record_id) for one in Match.objects.filter(saved=kazakhstan.id)] == [OTHER]


def test_what_is_withdrawn_before_the_mail_is_not_told(
    keep: Keep, editor: Person, now: datetime, mailoutbox: Mails
) -> None:
    saved = keep(alert="daily")
    publish(now)
    tell("at_once")
    assert Match.objects.count() == 1
    withdraw_practice(practice_id=ID, reason="Wrong figures.", by=editor, now=now)
    assert tell("daily") == 0
    assert mailoutbox == []
    assert alerting.new_for(saved, language="en", limit=10) == []


def test_who_may_no_longer_sign_in_is_told_nothing_and_has_no_feed(
    keep: Keep, editor: Person, client: Client, now: datetime, mailoutbox: Mails
) -> None:
    saved = keep()
    publish(now, audience="network")
    assert tell() == 1  # a member is told of what is for the network
    feed = f"/en/search/saved/feed/{saved.token('feed')}.atom"
    assert ID in client.get(feed).content.decode()
    editor.is_active = False
    editor.save()
    publish(now + timedelta(days=1), OTHER)
    assert tell() == 0
    assert client.get(feed).status_code == 404
    assert len(mailoutbox) == 1


def test_a_mail_server_that_fails_is_tried_again(
    keep: Keep, now: datetime, mailoutbox: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep()
    publish(now)

    def down(_mail: EmailMessage) -> int:
        raise SMTPServerDisconnected("gone")

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", down)
        assert tell() == 0
    assert tell() == 1
    assert len(mailoutbox) == 1


def test_a_repeated_mail_has_the_same_message_id(
    keep: Keep, now: datetime, mailoutbox: Mails
) -> None:
    keep()
    publish(now)
    tell()
    Match.objects.update(mailed_at=None)  # as after a kill before the commit
    tell()
    first, second = (mail.message()["Message-ID"] for mail in mailoutbox)
    assert first == second


def test_the_private_feed_holds_what_is_new_and_a_renewed_address_shuts_the_old_one(
    keep: Keep, editor: Person, client: Client, now: datetime
) -> None:
    saved = keep(alert="never")
    publish(now)
    tell()
    old = f"/ru/search/saved/feed/{saved.token('feed')}.atom"
    answer = client.get(old)
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Одно окно для всех справок" in answer.content.decode()
    assert client.get(old, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    renew(person=editor, saved_id=saved.id, now=now)
    assert client.get(old).status_code == 404
    fresh = saved_by_id(saved.id).token("feed")
    assert client.get(f"/ru/search/saved/feed/{fresh}.atom").status_code == 200
    assert AuditEvent.objects.filter(action="person.feed_renewed", detail={}).count() == 1


def test_the_address_of_the_feed_does_not_stop_mails_nor_the_other_way_round(keep: Keep) -> None:
    saved = keep()
    assert by_token(saved.token("feed"), "feed").id == saved.id
    assert saved.token("feed") != saved.token("stop")


def test_a_person_who_goes_takes_their_searches_along(
    keep: Keep, editor: Person, now: datetime
) -> None:
    saved = keep()
    publish(now)
    tell()
    Person.objects.filter(pk=editor.pk).delete()
    assert SavedSearch.objects.count() == Match.objects.count() == 0
    note_matches(saved_id=saved.id, kind="practice", record_ids=[OTHER], now=now)  # just too late


def test_the_same_search_is_kept_once_and_only_so_many(
    keep: Keep, editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep("school  meals", themes=("health", "education"))
    again = keep("school meals", alert="daily", themes=("education", "health"))
    assert (again.id, again.alert) == (first.id, "daily")
    monkeypatch.setattr("chorsu.search.saving.MOST_SAVED", 1)
    with pytest.raises(TooManySaved):
        keep("another")
    for nothing in ("", "!!!", "🚌"):
        with pytest.raises(NothingToSave):
            keep(nothing)
    assert len(saved_searches(editor)) == 1


def test_a_record_that_waits_for_its_vectors_is_looked_at_when_it_has_them(
    keep: Keep, now: datetime
) -> None:
    keep("справки без очереди для жителей села")
    publish(now)
    assert alerting.look_for_new(now=utc_now()) == 0
    assert not Document.objects.get().announced
    assert tell() == 1


def test_what_was_new_a_year_ago_is_forgotten(keep: Keep, academy: Institution) -> None:
    saved = keep()
    now = utc_now()
    note_matches(saved_id=saved.id, kind="practice", record_ids=[ID], now=now)
    assert forget_old_matches(now=now) == 0
    assert forget_old_matches(now=now + timedelta(days=366)) == 1
