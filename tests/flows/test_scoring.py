"""Results go back to the learning system that a guest came from; Chorsu itself is one of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape

import httpx
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from chorsu.flows.arriving import offer
from chorsu.flows.scoring import forget_lines, note_results, send_due
from chorsu.institutions.models import Institution, Person
from chorsu.kernel.clock import utc_now
from chorsu.tools.actions import save_tool
from chorsu.tools.actions.platforms import digest, remove_platform, save_platform
from chorsu.tools.actions.scores import KEPT, keep_line, note_percents, try_again
from chorsu.tools.claims import Target
from chorsu.tools.models import ScoreLine
from chorsu.tools.queries.platforms import Sending, failed_lines, lines_of, sendings
from chorsu.tools.rules import SCORE
from chorsu.training.actions.joining import join
from chorsu.training.actions.outside import take_score
from chorsu.training.actions.retaining import forget_old
from chorsu.training.models import Cohort, Enrolment, OutsideResult
from chorsu.training.queries.outside import outside_result
from chorsu.training.rules.fields import Assessment, Module
from tests.lti_platform import (
    CLIENT,
    DEPLOYMENT,
    LearningSystem,
    hanging_up,
    learning_system,
)
from tests.practices.conftest import person
from tests.training.class_kit import cohort, course, enrol, facts, unit

pytestmark = pytest.mark.django_db(transaction=True)


class Guest:
    """A guest of a learning system in a cohort, with a line for a unit and one for the course."""

    def __init__(
        self, system: LearningSystem, academy: Institution, by: Person, now: datetime
    ) -> None:
        self.system = system
        self.platform = save_platform(
            platform_id=None, name="Moodle", issuer=system.url, client_id=CLIENT,
            deployments=[DEPLOYMENT], auth_url=f"{system.url}/auth",
            token_url=f"{system.url}/token", keys_url=f"{system.url}/jwks", active=True, by=by,
            now=now,
        )  # fmt: skip
        modules = [Module(key="m1", units=[unit("t1", "tool", tool="https://tool.example/")])]
        assessed = Assessment(pass_percent=60, attendance_percent=0, required_units=["t1"])
        one = cohort(course(now, facts(modules=modules, assessment=assessed)), academy, now)
        self.cohort = uuid.UUID(str(one.pk))
        self.person = Person.objects.create(
            home=f"lti:{self.platform.key}", home_subject="a" * 40, password="!", name="Айгүл"
        )
        self.enrolment = join(cohort_id=self.cohort, person=self.person, now=now)
        self.link("t1")

    def link(self, of: str) -> None:
        keep_line(
            platform_id=self.platform.id, person_id=self.person.pk, cohort_id=self.cohort,
            unit=of, line_item=self.system.line_item if of else f"{self.system.line_item}&whole=1",
            user="17",
        )  # fmt: skip

    def scores(self, percent: float | None, now: datetime) -> None:
        """The unit has a result; what the worker does with it."""
        take_score(
            enrolment_id=self.enrolment, unit="t1", comment="", scored_at=now, now=now,
            percent=None if percent is None else Decimal(str(percent)),
        )  # fmt: skip
        note_results(enrolment_id=self.enrolment, now=now)
        send_due(now=now)

    @property
    def state(self) -> Sending:
        return sendings(self.cohort).get(self.platform.id, Sending(0, 0, 0))


@pytest.fixture
def guest(academy: Institution, editor: Person, now: datetime) -> Iterator[Guest]:
    cache.clear()
    with learning_system("") as system:
        yield Guest(system, academy, editor, now)


def given(guest: Guest) -> list[tuple[object, object, object]]:
    return [
        (one["userId"], one.get("scoreGiven"), one["gradingProgress"])
        for one in guest.system.scores
    ]


def test_a_result_is_sent_to_its_line_and_once(guest: Guest, now: datetime) -> None:
    guest.scores(82.5, now)
    assert given(guest) == [("17", 82.5, "FullyGraded")]
    assert guest.system.scores[0]["scoreMaximum"] == 100
    assert note_results(enrolment_id=guest.enrolment, now=now) == 0
    assert send_due(now=now) == 0
    assert guest.state == Sending(1, 0, 0)


def test_only_the_newest_of_several_results_is_sent(guest: Guest, now: datetime) -> None:
    for minute, percent in enumerate((40, 60, 75)):
        later = now + timedelta(minutes=minute)
        take_score(
            enrolment_id=guest.enrolment, unit="t1", percent=Decimal(percent), comment="",
            scored_at=later, now=later,
        )  # fmt: skip
        note_results(enrolment_id=guest.enrolment, now=later)
    send_due(now=now + timedelta(hours=1))
    assert given(guest) == [("17", 75.0, "FullyGraded")]


def test_a_result_that_is_taken_back_is_taken_back_there(guest: Guest, now: datetime) -> None:
    guest.scores(82.5, now)
    guest.scores(None, now + timedelta(minutes=1))
    assert given(guest)[-1] == ("17", None, "FullyGraded")
    assert guest.state == Sending(1, 0, 0)


def test_the_result_of_the_course_goes_to_the_line_of_the_course(
    guest: Guest, now: datetime
) -> None:
    guest.link("")
    guest.scores(70, now)
    assert [one["scoreGiven"] for one in guest.system.scores] == [70.0, 70.0]
    Enrolment.objects.update(result_percent=Decimal(90))
    note_results(enrolment_id=guest.enrolment, now=now)
    send_due(now=now)
    assert [one["scoreGiven"] for one in guest.system.scores] == [70.0, 70.0, 90.0]


def test_one_access_token_serves_for_many_scores(guest: Guest, now: datetime) -> None:
    guest.scores(10, now)
    guest.scores(20, now + timedelta(minutes=1))
    assert (len(guest.system.scores), guest.system.tokens_given) == (2, 1)


def test_a_score_that_was_not_taken_is_tried_again_after_longer_pauses(
    guest: Guest, now: datetime
) -> None:
    guest.system.answer = 503
    guest.scores(50, now)
    line = ScoreLine.objects.get()
    assert (line.tries, line.trouble, line.due_at) == (1, "peer-error", now + timedelta(seconds=20))
    assert guest.state == Sending(0, 0, 1)
    assert send_due(now=now + timedelta(seconds=19)) == 0
    assert send_due(now=now + timedelta(seconds=20)) == 1
    line.refresh_from_db()
    assert line.due_at == now + timedelta(seconds=20 + 40)
    guest.system.answer = 200
    send_due(now=now + timedelta(minutes=5))
    assert given(guest) == [("17", 50.0, "FullyGraded")]
    assert guest.state == Sending(1, 0, 0)


def test_after_two_weeks_it_is_given_up_and_the_office_has_it_sent_once_more(
    guest: Guest, now: datetime
) -> None:
    guest.system.answer = 404
    guest.scores(50, now)
    late = now + KEPT + timedelta(days=1)
    send_due(now=late)
    failed = failed_lines(guest.cohort, 10)
    assert [(one.name, one.trouble, one.due_at) for one in failed] == [
        ("Айгүл", "peer-lacks", None)
    ]
    guest.system.answer = 200
    assert send_due(now=late) == 0
    assert try_again(cohort_id=guest.cohort, now=late) == 1
    send_due(now=late)
    assert failed_lines(guest.cohort, 10) == []


def test_a_token_that_is_no_longer_good_is_asked_for_anew(guest: Guest, now: datetime) -> None:
    guest.scores(10, now)
    cache.set(f"lti-access-{guest.platform.id}-{digest(f'{CLIENT} {SCORE}')}", "of yesterday", 600)
    guest.scores(20, now + timedelta(minutes=1))
    assert ScoreLine.objects.get().trouble == "peer-error"
    send_due(now=now + timedelta(minutes=2))
    assert given(guest)[-1] == ("17", 20.0, "FullyGraded")


@pytest.mark.parametrize(
    "lasts",
    [10**12, 10**400, -5, 0, True, None, "an hour", [1]],
    ids=["ages", "beyond any number", "negative", "none", "true", "null", "words", "a list"],
)
def test_however_long_a_token_is_said_to_last_the_score_is_sent(
    guest: Guest, now: datetime, lasts: object
) -> None:
    """Else one learning system holds up the results of all: its line is always the next."""
    guest.system.token_lasts = lasts
    guest.scores(50, now)
    assert given(guest) == [("17", 50.0, "FullyGraded")]


def test_where_nobody_answers_is_asked_once_and_not_for_each_score(
    guest: Guest, now: datetime
) -> None:
    """Else each of its lines holds a worker for as long as its patience lasts, and those of other
    learning systems wait behind them.
    """
    with hanging_up() as dead:
        for number in range(3):
            other = Person.objects.create(
                home=f"lti:{guest.platform.key}", home_subject=f"{number}" * 40, password="!"
            )
            keep_line(
                platform_id=guest.platform.id, person_id=other.pk, cohort_id=guest.cohort,
                unit="t1", line_item=f"{dead.url}/line", user=str(number),
            )  # fmt: skip
            note_percents(
                person_id=other.pk, cohort_id=guest.cohort, percent_of=lambda _unit: Decimal(60),
                now=now - timedelta(minutes=1),
            )  # fmt: skip
        guest.scores(50, now)
        assert (dead.calls, guest.system.tokens_given) == (1, 1)
        assert guest.state == Sending(1, 0, 3)
        assert given(guest) == [("17", 50.0, "FullyGraded")]
        cache.clear()
        send_due(now=now + timedelta(minutes=1))
        assert dead.calls == 2


def test_an_address_inside_is_not_asked(
    guest: Guest, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chorsu.exchange.client._may_be_private", lambda _host: False)
    guest.scores(50, now)
    assert ScoreLine.objects.get().trouble == "private-address"
    assert guest.system.tokens_given == 0


def test_a_learning_system_that_does_not_know_the_node_gives_no_access(
    guest: Guest, now: datetime
) -> None:
    guest.platform = save_platform(
        platform_id=guest.platform.id, name="Moodle", issuer=guest.system.url,
        client_id="unknown there", deployments=[DEPLOYMENT], auth_url=f"{guest.system.url}/auth",
        token_url=f"{guest.system.url}/token", keys_url=f"{guest.system.url}/jwks", active=True,
        by=Person.objects.filter(home="").first(), now=now,  # type: ignore[arg-type]
    )  # fmt: skip
    guest.scores(50, now)
    assert ScoreLine.objects.get().trouble == "no-access"


def test_nothing_of_a_guest_who_went_is_sent(guest: Guest, now: datetime) -> None:
    guest.system.answer = 503
    guest.scores(50, now)
    guest.person.delete()
    guest.system.answer = 200
    assert send_due(now=now + timedelta(days=1)) == 0
    assert note_results(enrolment_id=guest.enrolment, now=now) == 0


def test_a_learning_system_that_is_forgotten_gets_nothing_more(
    guest: Guest, now: datetime, editor: Person
) -> None:
    guest.system.answer = 503
    guest.scores(50, now)
    remove_platform(platform_id=guest.platform.id, by=editor, now=now)
    assert send_due(now=now + timedelta(days=1)) == 0
    assert Person.objects.filter(pk=guest.person.pk).exists()


def test_what_is_deleted_after_its_time_is_not_taken_back_there(
    guest: Guest, now: datetime
) -> None:
    """Years later the guest opens the link again: their answers are gone, their grade is not."""
    guest.scores(82.5, now)
    Cohort.objects.update(state=Cohort.State.FINISHED)
    OutsideResult.objects.all().delete()
    assert note_results(enrolment_id=guest.enrolment, now=now) == 0
    send_due(now=now)
    assert given(guest) == [("17", 82.5, "FullyGraded")]
    assert guest.state == Sending(1, 0, 0)


def test_a_line_goes_with_the_place_in_the_cohort(guest: Guest, now: datetime) -> None:
    guest.scores(82.5, now)
    forget_lines()
    assert lines_of(guest.person.pk) != []
    Enrolment.objects.update(state=Enrolment.State.LEFT)
    over = now.date() - timedelta(days=800)
    Cohort.objects.update(starts_on=over, ends_on=over, state=Cohort.State.FINISHED)
    forget_old(today=now.date())
    forget_lines()
    assert Enrolment.objects.count() == 0
    assert lines_of(guest.person.pk) == []


def test_a_guest_is_told_what_of_them_goes_there(guest: Guest, now: datetime) -> None:
    guest.scores(82.5, now)
    told = lines_of(guest.person.pk)
    assert [(one["learning_system"], one["sent_percent"], one["known_there_as"]) for one in told] \
        == [(guest.system.url, "82.50", "17")]  # fmt: skip


# The platform of another node of Chorsu, to the end


def hidden(page: httpx.Response) -> dict[str, str]:
    """What the forms of a page hold."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}


def test_a_course_of_one_node_is_a_unit_of_another_and_the_score_comes_back(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, academy: Institution,
    editor: Person, now: datetime,
) -> None:  # fmt: skip
    """The node is both here: as a platform it launches itself as a tool, over HTTP each time."""
    cache.clear()
    node = live_server.url
    monkeypatch.setattr(settings, "NODE_ADDRESS", node)
    modules = [Module(key="m1", units=[unit("x1", "tool", tool="https://tool.example/")])]
    assessed = Assessment(pass_percent=60, attendance_percent=0, required_units=["x1"])
    inner = cohort(course(now, facts(modules=modules, assessment=assessed)), academy, now)
    office = person(academy, "office@hub.example", "Office", "training_office", "administrator")
    opened = f"{node}{Target(uuid.UUID(str(inner.pk)), 'x1').path}"
    tool = save_tool(
        tool_id=None, name="Course elsewhere", address=f"{node}/lti/open",
        login_url=f"{node}/lti/login", redirect_urls=[f"{node}/lti/launch"],
        keys_url=f"{node}/lti/keys", names=True, grades=True, members=False, active=True,
        by=editor, now=now,
    )  # fmt: skip
    system = save_platform(
        platform_id=None, name="Astana", issuer=node, client_id=tool.client_id,
        deployments=[tool.deployment], auth_url=f"{node}/lti/authorize",
        token_url=f"{node}/lti/token", keys_url=f"{node}/lti/keys", active=True, by=editor,
        now=now,
    )  # fmt: skip
    offer(cohort_id=inner.pk, platform_ids=[system.id], by=office, now=now)
    outer_facts = facts(modules=[Module(key="m1", units=[unit("t1", "tool", tool=opened)])])
    learner = enrol(cohort(course(now, outer_facts), academy, now), editor, now)
    with httpx.Client(timeout=30, follow_redirects=True) as browser:
        signed_in = Client()
        signed_in.force_login(editor)
        name = settings.SESSION_COOKIE_NAME
        browser.cookies.set(name, signed_in.cookies[name].value)
        page = browser.get(f"{node}/en/learning/{learner.id}/units/t1/tool/")
        asked = browser.post(f"{node}/lti/launch", data=hidden(page))
        # Of one node both, so they are signed in there already.
        landed = browser.post(f"{node}/lti/arrive", data=hidden(asked))
    guest = Person.objects.exclude(home="").get()
    enrolled = Enrolment.objects.get(person=guest)
    assert landed.url.path.endswith(f"/learning/{enrolled.pk}/units/x1/")
    assert (landed.status_code, guest.name) == (200, editor.name)
    at = utc_now()
    take_score(
        enrolment_id=enrolled.pk, unit="x1", percent=Decimal("77.5"), comment="", scored_at=at,
        now=at,
    )  # fmt: skip
    note_results(enrolment_id=enrolled.pk, now=at)
    send_due(now=utc_now())
    assert ScoreLine.objects.get().trouble == ""
    found = outside_result(learner.id, "t1")
    assert found is not None
    assert found.percent == Decimal("77.50")
