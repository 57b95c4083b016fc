"""Results come home without a certificate: asked for by the home alone, for whom it concerns."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connections as databases
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from chorsu.exchange import keys
from chorsu.flows import bringing_home, certifying
from chorsu.institutions.actions import forget_guest, welcome_guest
from chorsu.institutions.actions.connections import agree, end, want_forgotten, was_forgotten
from chorsu.institutions.connections import connection
from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.institutions.queries import forget_institutions
from chorsu.kernel.ids import new_id
from chorsu.training.actions.reporting import drop_unwanted
from chorsu.training.models import (
    Achievement,
    Attendance,
    BroughtCertificate,
    Certificate,
    Enrolment,
    Recognition,
    ReportedResult,
    Session,
)
from chorsu.training.queries.ledger import LedgerLine, ledger
from chorsu.training.queries.personal import everything_on
from chorsu.training.queries.rosters import passed_courses
from chorsu.training.queries.transcripts import to_report
from chorsu.wire.errors import WireError
from chorsu.wire.identity import Forgotten, Identity
from chorsu.wire.keys import SigningKey
from chorsu.wire.requests import sign_request
from chorsu.wire.results import Results, parse_asked
from chorsu.wire.transcript import (
    AT_ONCE,
    TRANSCRIPT_PATH,
    Line,
    Question,
    Transcript,
    open_transcript,
)
from tests.flows.remote import make_peer
from tests.flows.test_certifying import issue
from tests.home_node import SUBJECT, HomeNode
from tests.practices.conftest import person
from tests.training import passed

pytestmark = pytest.mark.usefixtures("academy", "empty_queue")

NONCE = "0f" * 16
LINE = Line(
    id="019349fa-0000-7c11-9b3d-2f6a5c8e7d31",
    course="019349f9-3b00-7c11-9b3d-2f6a5c8e7d22",
    revision=3,
    language="ky",
    titles={"ky": "Санарип кызматтар", "en": "Digital services"},
    institution="kg-apa",
    starts_on=date(2026, 10, 5),
    ends_on=date(2026, 11, 20),
    state="passed",
    final=True,
    hours={"in_person": 40, "live": 12, "self_study": 20},
    percent="87.5",
    document="KG-2026-31",
)


@pytest.fixture
def peer(db: None, now: datetime) -> Iterator[HomeNode]:
    """A confirmed peer: a home, or a node where somebody of this one learns."""
    node = HomeNode("bishkek.chorsu.example", institutions=("kg-apa",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        yield node


def ask(key: SigningKey, body: bytes, now: datetime) -> HttpResponse:
    """What this node answers to a peer that asks how courses ended for somebody."""
    url = settings.NODE_ADDRESS + TRANSCRIPT_PATH
    signed = sign_request(key, "POST", url, body, now, secrets.token_hex(16))
    return Client().post(  # type: ignore[return-value]
        TRANSCRIPT_PATH, body, content_type="application/json", headers=signed
    )


def told(peer: HomeNode, now: datetime, after: str = "") -> tuple[Line, ...]:
    """What the home is told of its person, in one portion."""
    question = Question(SUBJECT, NONCE, after)
    answer = ask(peer.key, question.to_bytes(), now)
    found = open_transcript(answer.content, keys.signing_key().verify_key)
    assert (found.home, found.question) == (peer.name, question)
    return found.lines


class TestTeaching:
    @pytest.fixture
    def guest(self, peer: HomeNode, now: datetime) -> Person:
        identity = Identity(SUBJECT, name="Айпери Сыдыкова")
        return welcome_guest(node=peer.name, identity=identity, now=now)

    def place(
        self, academy: Institution, guest: Person, now: datetime, state: str = "passed"
    ) -> Enrolment:
        """The guest's place in a cohort of its own that has come to its end."""
        row = passed.learner(passed.cohort(academy, now), now, state=state)
        row.person = guest
        row.save()
        return row

    def present(self, row: Enrolment, now: datetime, hours: int) -> None:
        session = Session.objects.create(
            id=UUID(new_id()), cohort=row.cohort, title="Opening", form="in_person", hours=hours,
            starts_at=now, ends_at=now + timedelta(hours=3), changed_at=now,
        )  # fmt: skip
        Attendance.objects.create(
            enrolment=row, session=session, state="present", source="list", marked_at=now
        )

    def test_who_passed_is_reported_with_hours_result_and_number(
        self, academy: Institution, peer: HomeNode, guest: Person, now: datetime
    ) -> None:
        row = self.place(academy, guest, now)
        row.in_person, row.live, row.self_study = 40, 12, 20
        row.result_document = "HUB-2026-7"
        row.save()
        [line] = told(peer, now)
        assert line == Line(
            id=str(row.pk),
            course=str(row.cohort.course_id),
            revision=2,
            language="ru",
            titles=passed.TITLES,
            institution=academy.id,
            starts_on=date(2026, 10, 5),
            ends_on=date(2026, 11, 20),
            state="passed",
            final=True,
            hours={"in_person": 40, "live": 12, "self_study": 20},
            percent="87.5",
            document="HUB-2026-7",
        )

    def test_who_did_not_pass_or_only_took_part_is_reported_with_the_hours_attended(
        self, academy: Institution, peer: HomeNode, guest: Person, now: datetime
    ) -> None:
        failed = self.place(academy, guest, now, "failed")
        self.present(failed, now, 6)
        left = self.place(academy, guest, now, "left")
        self.present(left, now, 4)
        running = self.place(academy, guest, now, "admitted")
        running.cohort.state = "running"
        running.cohort.save()
        self.present(running, now, 2)
        said = {
            line.id: (line.state, line.final, line.hours["in_person"], line.percent)
            for line in told(peer, now)
        }
        assert said == {
            str(failed.pk): ("failed", True, 6, "87.5"),
            str(left.pk): ("attended", True, 4, ""),
            str(running.pk): ("attended", False, 2, ""),
        }

    def test_nobody_is_reported_who_never_came_nor_of_what_was_cancelled(
        self, academy: Institution, peer: HomeNode, guest: Person, now: datetime
    ) -> None:
        for state in ("nominated", "waiting", "declined", "left", "admitted"):
            self.place(academy, guest, now, state)
        cancelled = self.place(academy, guest, now)
        cancelled.cohort.state = "cancelled"
        cancelled.cohort.save()
        assert told(peer, now) == ()

    def test_a_certificate_is_named_and_what_a_revoked_one_said_is_not_said_without_it(
        self, academy: Institution, peer: HomeNode, guest: Person, now: datetime
    ) -> None:
        row = self.place(academy, guest, now)
        officer = passed.officer(academy)
        made = certifying.issue(enrolment_id=row.pk, renewable_by="", by=officer, now=now)
        [line] = told(peer, now)
        assert line.commitment == Certificate.objects.get().commitment
        certifying.revoke(
            certificate_id=made, why="misconduct", reason="It was bought", by=officer, now=now
        )
        assert told(peer, now) == ()

    def test_a_course_without_words_is_called_by_its_cohort(
        self, academy: Institution, peer: HomeNode, guest: Person, now: datetime
    ) -> None:
        row = self.place(academy, guest, now)
        row.cohort.course.texts.all().delete()
        [line] = told(peer, now)
        assert line.titles == {"ru": "Autumn 2026"}

    def test_many_come_in_portions_each_once(
        self,
        academy: Institution,
        peer: HomeNode,
        guest: Person,
        now: datetime,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        rows = [self.place(academy, guest, now) for _one in range(AT_ONCE + 2)]
        first = told(peer, now)
        rest = told(peer, now, first[-1].id)
        assert (len(first), len(rest)) == (AT_ONCE, 2)
        assert [line.id for line in first + rest] == [str(row.pk) for row in rows]
        with django_assert_num_queries(3):
            to_report(home=peer.name, subject=SUBJECT, after="", most=AT_ONCE)

    def test_another_peer_a_stranger_and_no_signature_learn_nothing(
        self, academy: Institution, peer: HomeNode, guest: Person, now: datetime
    ) -> None:
        self.place(academy, guest, now)
        other = HomeNode("dushanbe.chorsu.example")
        make_peer(other, now)
        assert told(other, now) == ()
        body = Question(SUBJECT, NONCE).to_bytes()
        assert ask(SigningKey.generate(peer.name), body, now).status_code == 403
        bare = Client().post(TRANSCRIPT_PATH, body, content_type="application/json")
        assert bare.status_code == 403
        assert ask(peer.key, b'{"after":"","nonce":"","subject":"x"}', now).status_code == 400

    def test_of_who_was_forgotten_nothing_is_reported(
        self, academy: Institution, peer: HomeNode, guest: Person, now: datetime
    ) -> None:
        self.place(academy, guest, now)
        forget_guest(node=peer.name, subject=SUBJECT, now=now)
        assert told(peer, now) == ()


class TestHome:
    @pytest.fixture
    def learner(self, academy: Institution, peer: HomeNode, now: datetime) -> Person:
        """Somebody of this node who learns at the peer and wants it reported."""
        made = person(academy, "learner@hub.example", "Reader")
        self.agree(made, peer, now)
        return made

    def agree(self, who: Person, peer: HomeNode, now: datetime, transcript: bool = True) -> None:
        agree(
            person=who, node=peer.name, claims=[], position="", now=now, transcript=transcript,
            results=True,
        )  # fmt: skip

    def read(self, peer: HomeNode, now: datetime, *lines: Line) -> None:
        """The peer has these courses of everybody, and no certificates, and is asked."""

        def no_certificates(body: bytes) -> bytes:
            said = Results(settings.NODE_NAME, parse_asked(body).subject, now, (), ())
            return said.to_bytes(peer.key)

        peer.courses, peer.results = list(lines), no_certificates
        bringing_home.bring_from(node=peer.name, now=now)

    def certify(self, peer: HomeNode, learner: Person, now: datetime) -> str:
        """The peer issues a certificate to the person; its commitment."""
        signed = issue(peer, now)
        there = connection(learner, peer.name)
        assert there is not None
        said = Results(
            settings.NODE_NAME, there.subject, now, (signed.commitment,), (signed.compact,)
        )
        peer.results = lambda _body: said.to_bytes(peer.key)
        return signed.commitment

    def lines(self, who: Person, academy: Institution) -> list[LedgerLine]:
        return list(ledger(who, academy.id, ["en"]).lines)

    def recognise(self, academy: Institution, now: datetime, title: str = "") -> None:
        Recognition.objects.create(
            institution=academy, issuer="kg-apa", title=title, percent=50,
            since=date(2026, 1, 1), basis="Order 7", created_at=now,
        )  # fmt: skip

    def test_a_pass_stands_in_the_ledger_once_as_what_it_is_and_counts_by_the_rules(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        # The rule names the course in its original, the reader reads another language.
        self.recognise(academy, now, title="санарип кызматтар")
        self.read(peer, now, LINE)
        self.read(peer, now + timedelta(hours=1), LINE)
        [line] = self.lines(learner, academy)
        assert (line.title, line.document) == ("Digital services", "KG-2026-31")
        assert line.issuer == "kg-apa"
        assert line.earned == {"in_person": 40, "live": 12, "self_study": 20}
        assert (line.counted["in_person"], line.basis) == (20, "Order 7")
        assert line.reported is not None
        assert line.reported.read_at == now + timedelta(hours=1)
        assert passed_courses(learner) == {LINE.course: date(2026, 11, 20)}
        event = AuditEvent.objects.get(action__startswith="result.")
        assert (event.action, event.subject_id, event.detail) == ("result.reported", peer.name, {})

    @pytest.mark.parametrize(
        "changes",
        [
            {"state": "failed", "document": ""},
            {"state": "attended", "document": "", "percent": ""},
            {"final": False, "document": ""},
        ],
    )
    def test_what_was_not_passed_or_is_not_over_is_shown_and_never_counts(
        self,
        peer: HomeNode,
        learner: Person,
        academy: Institution,
        now: datetime,
        changes: dict[str, object],
    ) -> None:
        self.recognise(academy, now)
        self.read(peer, now, replace(LINE, **changes))  # type: ignore[arg-type]
        [line] = self.lines(learner, academy)
        assert not line.recognised
        assert line.counted == {"in_person": 0, "live": 0, "self_study": 0}
        assert passed_courses(learner) == {}

    def test_a_correction_there_arrives_and_so_does_what_was_taken_back(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        self.read(peer, now, LINE)
        self.read(peer, now, replace(LINE, state="failed", percent="31", document=""))
        [line] = self.lines(learner, academy)
        assert line.reported is not None
        assert (line.reported.state, str(line.reported.percent)) == ("failed", "31.00")
        self.read(peer, now)
        assert self.lines(learner, academy) == []
        events = AuditEvent.objects.filter(action__startswith="result.").order_by("pk")
        assert [event.action for event in events] == [
            "result.reported",
            "result.corrected",
            "result.taken_back",
        ]

    def test_nothing_that_was_taken_back_is_left_in_the_note_of_another_line(
        self, peer: HomeNode, learner: Person, now: datetime
    ) -> None:
        wrong = replace(LINE, id=new_id(), state="failed", percent="12", document="")
        self.read(peer, now, LINE, wrong)
        self.read(peer, now + timedelta(hours=1), LINE)
        row = ReportedResult.objects.get()
        assert open_transcript(bytes(row.note), peer.key.verify_key).lines == (LINE,)
        assert row.changed_at == now

    def test_an_answer_that_a_later_one_has_overtaken_corrects_nothing(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        failed = replace(LINE, state="failed", percent="31", document="")
        self.read(peer, now, failed)
        self.read(peer, now - timedelta(seconds=20), LINE)
        [line] = self.lines(learner, academy)
        assert line.reported is not None
        assert line.reported.state == "failed"
        # A clock that had gone wrong, and was put right, stops nothing.
        self.read(peer, now - timedelta(days=20), LINE)
        assert ReportedResult.objects.get().state == "passed"

    @pytest.mark.django_db(transaction=True)
    def test_a_certificate_stays_away_if_it_is_taken_back_while_it_is_under_way(
        self, peer: HomeNode, learner: Person, now: datetime
    ) -> None:
        self.certify(peer, learner, now)
        there, honest = connection(learner, peer.name), peer.results
        assert there is not None
        assert honest is not None

        def taken_back(body: bytes) -> bytes:
            end(person=learner, connection_id=there.id, now=now)
            databases.close_all()
            return honest(body)

        peer.results = taken_back
        assert bringing_home.bring_from(node=peer.name, now=now) == 0
        assert not BroughtCertificate.objects.exists()
        assert not Achievement.objects.exists()

    def test_the_certificate_of_the_same_cohort_takes_its_place_for_good(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        self.read(peer, now, LINE)
        commitment = self.certify(peer, learner, now)
        peer.courses = [replace(LINE, commitment=commitment, document="ANOTHER-1")]
        assert bringing_home.bring_from(node=peer.name, now=now) == 1
        [line] = self.lines(learner, academy)
        assert line.reported is None
        # Revoked, and that node still reports what it said.
        BroughtCertificate.objects.update(ended_at=now, achievement=None)
        Achievement.objects.all().delete()
        assert self.lines(learner, academy) == []

    def test_a_document_that_an_officer_had_entered_stays_one_line(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        Achievement.objects.create(
            id=UUID(new_id()), person=learner, issuer="kg-apa", title="By hand",
            document="KG-2026-31", issued_on=now.date(), in_person=1, live=0, self_study=0,
            entered_at=now,
        )  # fmt: skip
        self.read(peer, now, LINE)
        [line] = self.lines(learner, academy)
        assert line.title == "By hand"

    def test_more_than_one_portion_is_asked_for_to_the_end(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        many = [
            replace(LINE, id=f"{LINE.id[:-2]}{number:02d}", document="")
            for number in range(AT_ONCE * 2)
        ]
        self.read(peer, now, *many)
        assert len(self.lines(learner, academy)) == AT_ONCE * 2
        asked = peer.asked_for_transcripts
        assert [one.after for one in asked] == ["", many[7].id, many[15].id]
        assert len({one.nonce for one in asked}) == 3

    def test_a_node_of_older_software_still_gives_its_certificates(
        self, peer: HomeNode, learner: Person, now: datetime
    ) -> None:
        self.certify(peer, learner, now)
        assert bringing_home.bring_from(node=peer.name, now=now) == 1
        assert not ReportedResult.objects.exists()

    def test_an_answer_to_another_question_or_by_another_key_changes_nothing(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        self.read(peer, now, LINE)
        earlier = peer.portion(peer.asked_for_transcripts[-1])
        thief = SigningKey.generate(peer.name)

        def empty(question: Question, home: str = settings.NODE_NAME) -> Transcript:
            return Transcript(home, question, now, ())

        for report in (
            lambda _question: earlier,
            lambda question: empty(replace(question, subject="b" * 32)).to_bytes(peer.key),
            lambda question: empty(question, "astana.chorsu.example").to_bytes(peer.key),
            lambda question: empty(question).to_bytes(thief),
        ):
            peer.report = report
            with pytest.raises(WireError):
                bringing_home.bring_from(node=peer.name, now=now)
        assert len(self.lines(learner, academy)) == 1

    def test_a_node_speaks_for_no_institution_that_another_hosts(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        Institution.objects.create(id="cn-nag", country="CN", node="beijing.chorsu.example")
        forget_institutions()
        self.read(peer, now, replace(LINE, institution="cn-nag"), replace(LINE, id=new_id()))
        assert [line.issuer for line in self.lines(learner, academy)] == ["kg-apa"]

    def test_who_did_not_agree_is_not_asked_about(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        self.agree(learner, peer, now, transcript=False)
        self.read(peer, now, LINE)
        assert peer.asked_for_transcripts == []
        assert self.lines(learner, academy) == []

    def test_who_takes_it_back_has_it_gone_at_once_and_deleted_within_the_hour(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        self.read(peer, now, LINE)
        there = connection(learner, peer.name)
        assert there is not None
        end(person=learner, connection_id=there.id, now=now)
        assert self.lines(learner, academy) == []
        bringing_home.bring_all(now=now)
        assert not ReportedResult.objects.exists()

    def test_nothing_is_left_once_that_node_has_forgotten_the_person(
        self, peer: HomeNode, learner: Person, now: datetime
    ) -> None:
        self.read(peer, now, LINE)
        there = connection(learner, peer.name)
        assert there is not None
        want_forgotten(person=learner, connection_id=there.id, now=now)
        answer = Forgotten(settings.NODE_NAME, there.subject, 3, now)
        was_forgotten(connection_id=there.id, answer=answer, note=b"", now=now)
        assert drop_unwanted(now=now) == 1
        assert not ReportedResult.objects.exists()

    def test_nothing_is_left_of_a_person_who_is_deleted_here(
        self, peer: HomeNode, learner: Person, now: datetime
    ) -> None:
        self.read(peer, now, LINE)
        learner.delete()
        assert not ReportedResult.objects.exists()

    def test_it_is_among_all_data_on_the_person_with_the_signed_note(
        self, peer: HomeNode, learner: Person, now: datetime
    ) -> None:
        self.read(peer, now, LINE)
        rows = everything_on(learner)["results_reported"]
        assert isinstance(rows, list)
        [row] = rows
        assert (row["node"], row["state"], row["percent"]) == (peer.name, "passed", "87.50")
        assert open_transcript(row["signed"].encode(), peer.key.verify_key).lines == (LINE,)
