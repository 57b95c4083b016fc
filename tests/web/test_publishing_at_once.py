"""Several editors who press "Publish" for the same draft in the same moment."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test import Client

from chorsu.exchange.models import FeedEntry
from chorsu.institutions.models import Person
from chorsu.practices.models import Draft
from tests.practices.content import ready_draft
from tests.web.writing_desk import address, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
EDITORS = 5


def test_all_who_publish_at_once_are_led_to_the_practice(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    publish = address("draft-publish", draft.id)
    desks = [signed_in(editor) for _ in range(EDITORS)]

    def post(desk: Client) -> tuple[int, str]:
        try:
            answer = desk.post(publish, {"version": draft.version})
            return answer.status_code, answer.headers.get("Location", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(EDITORS) as threads:
        with transaction.atomic():
            # Held until all have seen the draft and stand before its lock.
            Draft.objects.select_for_update().get(pk=draft.id)
            answers = [threads.submit(post, desk) for desk in desks]
            _wait_for_waiting(EDITORS)
        practice = address("practice", draft.id)
        assert [answer.result() for answer in answers] == [(302, practice)] * EDITORS
    assert FeedEntry.objects.count() == 1
    told = [desk.get(practice).content.decode() for desk in desks]
    assert sum("The practice is published." in page for page in told) == 1
    assert sum("This draft has been published already." in page for page in told) == EDITORS - 1


def _wait_for_waiting(number: int) -> None:
    """Until so many connections to this database wait for a lock."""
    deadline = time.monotonic() + 20
    waiting = -1
    while waiting != number and time.monotonic() < deadline:
        time.sleep(0.05)
        with connection.cursor() as cursor:
            # A transaction sees the activity as of its first look unless it lets go of that.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            (waiting,) = cursor.fetchone() or (0,)
    assert waiting == number
