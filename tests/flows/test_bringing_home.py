"""Certificates come home: asked for by the home alone, for whom it concerns, once, and verified."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoCaptureOnCommitCallbacks

from chorsu.exchange import keys
from chorsu.flows import bringing_home, certifying
from chorsu.flows.pulling import pull
from chorsu.institutions.actions import welcome_guest
from chorsu.institutions.actions.connections import agree, end
from chorsu.institutions.connections import connection
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.institutions.queries import forget_institutions
from chorsu.kernel.ids import new_id
from chorsu.training.actions.bringing import bring
from chorsu.training.actions.employers import AchievementFields, add_achievement
from chorsu.training.models import (
    Achievement,
    BroughtCertificate,
    Certificate,
    Recognition,
)
from chorsu.training.queries.brought import brought_certificates
from chorsu.training.queries.ledger import ledger
from chorsu.training.rules.fields import Hours
from chorsu.wire.credential import parse, sign
from chorsu.wire.errors import WireError
from chorsu.wire.identity import Identity
from chorsu.wire.keys import SigningKey
from chorsu.wire.requests import sign_request
from chorsu.wire.results import RESULTS_PATH, Asked, Results, open_results, parse_asked
from tests.flows.remote import make_peer
from tests.flows.test_certifying import issue, listed, tell
from tests.home_node import SUBJECT, HomeNode
from tests.practices.conftest import person
from tests.training import passed
from tests.vectors.credentials import CREDENTIAL

pytestmark = pytest.mark.usefixtures("academy", "empty_queue")


@pytest.fixture
def peer(db: None, now: datetime) -> Iterator[HomeNode]:
    """A confirmed peer: a home, or a node where somebody of this one learns."""
    node = HomeNode("bishkek.chorsu.example", institutions=("kg-apa",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        yield node


def ask(key: SigningKey, body: bytes, now: datetime) -> HttpResponse:
    """What this node answers to a peer that asks for the certificates of somebody."""
    url = settings.NODE_ADDRESS + RESULTS_PATH
    signed = sign_request(key, "POST", url, body, now, secrets.token_hex(16))
    return Client().post(  # type: ignore[return-value]
        RESULTS_PATH, body, content_type="application/json", headers=signed
    )


def taught(academy: Institution, peer: HomeNode, now: datetime, count: int = 1) -> list[str]:
    """A guest with so many certificates of this node; their commitments."""
    guest = welcome_guest(
        node=peer.name, identity=Identity(SUBJECT, name="Айпери Сыдыкова"), now=now
    )
    officer = passed.officer(academy)
    found = []
    for _one in range(count):
        row = passed.learner(passed.cohort(academy, now), now)
        row.person = guest
        row.save()
        number = certifying.issue(enrolment_id=row.pk, renewable_by="", by=officer, now=now)
        found.append(Certificate.objects.get(pk=number).commitment)
    return found


class TestTeaching:
    def test_the_home_is_told_those_it_has_not_and_that_they_are_this_persons(
        self, academy: Institution, peer: HomeNode, now: datetime
    ) -> None:
        commitments = taught(academy, peer, now, 6)
        answer = ask(peer.key, Asked(SUBJECT).to_bytes(), now)
        found = open_results(answer.content, keys.signing_key().verify_key)
        assert (found.home, found.subject) == (peer.name, SUBJECT)
        assert found.commitments == tuple(commitments[:4])
        verdict = certifying.check(found.files[0], now).verdict
        assert (verdict.standing, verdict.credential.holder) == ("genuine", "Айпери Сыдыкова")
        rest = ask(peer.key, Asked(SUBJECT, found.commitments).to_bytes(), now)
        assert open_results(rest.content, keys.signing_key().verify_key).commitments == tuple(
            commitments[4:]
        )
        assert answer["Cache-Control"] == "no-store"

    def test_another_peer_a_stranger_and_no_signature_get_nothing(
        self, academy: Institution, peer: HomeNode, now: datetime
    ) -> None:
        taught(academy, peer, now)
        other = HomeNode("dushanbe.chorsu.example")
        make_peer(other, now)
        answer = ask(other.key, Asked(SUBJECT).to_bytes(), now)
        assert open_results(answer.content, keys.signing_key().verify_key).files == ()
        stranger = SigningKey.generate(peer.name)
        assert ask(stranger, Asked(SUBJECT).to_bytes(), now).status_code == 403
        bare = Client().post(RESULTS_PATH, b"{}", content_type="application/json")
        assert bare.status_code == 403

    def test_what_was_revoked_is_not_sent(
        self, academy: Institution, peer: HomeNode, now: datetime
    ) -> None:
        taught(academy, peer, now)
        officer = Person.objects.get(email=passed.OFFICER)
        row = Certificate.objects.get()
        certifying.revoke(
            certificate_id=row.pk, why="error", reason="It holds one", by=officer, now=now
        )
        answer = ask(peer.key, Asked(SUBJECT).to_bytes(), now)
        assert open_results(answer.content, keys.signing_key().verify_key).files == ()

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{}",
            b'{"held":[],"subject":7}',
            b'{"held":[],"subject":"short"}',
            b'{"held":["x"],"subject":"a-person-of-this-home"}',
            b'{"held":{},"subject":"a-person-of-this-home"}',
            b'{"held":["%b","%b"],"subject":"a-person-of-this-home"}' % (b"a" * 64, b"a" * 64),
            b'{"held": [],"subject":"a-person-of-this-home"}',
        ],
    )
    def test_a_body_that_is_not_of_the_form_is_refused(
        self, peer: HomeNode, now: datetime, body: bytes
    ) -> None:
        assert ask(peer.key, body, now).status_code == 400


class TestHome:
    @pytest.fixture
    def learner(self, academy: Institution, peer: HomeNode, now: datetime) -> Person:
        """Somebody of this node who learns at the peer and wants what they earn there."""
        made = person(academy, "learner@hub.example", "Reader")
        agree(person=made, node=peer.name, claims=["name"], position="", now=now, results=True)
        return made

    def serve(self, peer: HomeNode, learner: Person, now: datetime) -> list[bytes]:
        """The peer issues a certificate and answers with it; what it was asked is kept."""
        signed = issue(peer, now)
        there = connection(learner, peer.name)
        assert there is not None
        asked: list[bytes] = []

        def answer(body: bytes) -> bytes:
            asked.append(body)
            held = parse_asked(body).held
            files = [] if signed.commitment in held else [signed.compact]
            return Results(
                settings.NODE_NAME, there.subject, now,
                tuple(signed.commitment for _one in files), tuple(files),
            ).to_bytes(peer.key)  # fmt: skip

        peer.results = answer
        return asked

    def test_what_was_earned_there_stands_in_the_ledger_once(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        asked = self.serve(peer, learner, now)
        assert bringing_home.bring_from(node=peer.name, now=now) == 1
        assert bringing_home.bring_from(node=peer.name, now=now) == 0
        assert [len(parse_asked(one).held) for one in asked] == [0, 1]
        [one] = brought_certificates(learner)
        [line] = ledger(learner, academy.id, ["en"]).lines
        assert (line.issuer, line.document) == (
            one.credential.institution,
            one.credential.document,
        )
        assert line.earned == one.credential.hours
        event = AuditEvent.objects.get(action="certificate.brought")
        assert (event.subject_id, event.detail) == (peer.name, {})

    def test_new_certificates_in_the_log_of_the_node_have_a_worker_ask_at_once(
        self,
        peer: HomeNode,
        learner: Person,
        now: datetime,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            issue(peer, now)
        jobs = ProcrastinateJob.objects.filter(task_name=bringing_home.JOB)
        assert [job.args for job in jobs] == [{"node": peer.name}]

    def test_nobody_who_wants_them_means_nothing_is_asked(
        self,
        peer: HomeNode,
        learner: Person,
        now: datetime,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        agree(person=learner, node=peer.name, claims=[], position="", now=now)
        with django_capture_on_commit_callbacks(execute=True):
            issue(peer, now)
        assert not ProcrastinateJob.objects.filter(task_name=bringing_home.JOB).exists()

    def test_who_did_not_ask_for_it_or_ended_it_is_not_asked_about(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        asked = self.serve(peer, learner, now)
        there = connection(learner, peer.name)
        assert there is not None
        agree(person=learner, node=peer.name, claims=["name"], position="", now=now)
        bringing_home.bring_all(now=now)
        agree(person=learner, node=peer.name, claims=[], position="", now=now, results=True)
        end(person=learner, connection_id=there.id, now=now)
        bringing_home.bring_all(now=now)
        assert asked == []
        assert not BroughtCertificate.objects.exists()

    def test_a_certificate_that_an_officer_had_entered_stays_one_line(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        self.serve(peer, learner, now)
        bringing_home.bring_from(node=peer.name, now=now)
        kept = Achievement.objects.get()
        BroughtCertificate.objects.all().delete()
        bringing_home.bring_from(node=peer.name, now=now)
        assert Achievement.objects.get() == kept

    def test_a_corrected_one_takes_the_line_of_the_paper_that_an_officer_had_entered(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        self.serve(peer, learner, now)
        bringing_home.bring_from(node=peer.name, now=now)
        paper = Achievement.objects.get()
        BroughtCertificate.objects.all().delete()
        other = Achievement.objects.create(
            id=uuid.uuid4(), person=learner, issuer=paper.issuer, title="Other",
            document=f"{paper.document}1", issued_on=now.date(), in_person=1, live=0,
            self_study=0, entered_at=now,
        )  # fmt: skip
        signed = sign(
            replace(CREDENTIAL, node=peer.name, document=f"{paper.document}-2", replaces=new_id()),
            peer.key,
        )
        bring(person=learner, node=peer.name, signed=signed, file=signed.compact, now=now)
        lines = {line.document for line in ledger(learner, academy.id, ["en"]).lines}
        assert lines == {f"{paper.document}-2", other.document}
        assert BroughtCertificate.objects.get().achievement_id == paper.pk

    def test_the_line_of_a_paper_that_was_entered_in_another_spelling_is_its_line(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        self.serve(peer, learner, now)
        bringing_home.bring_from(node=peer.name, now=now)
        paper = Achievement.objects.get()
        BroughtCertificate.objects.all().delete()
        number = paper.document
        Achievement.objects.update(document=f" {number.lower().replace('-', ' - ')}")
        bringing_home.bring_from(node=peer.name, now=now)
        assert [(one.pk, one.document) for one in Achievement.objects.all()] == [(paper.pk, number)]

    def test_a_paper_that_was_revoked_or_replaced_is_not_entered_by_hand(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        officer = person(academy, "officer@hub.example", "An Officer", "training_office")
        Membership.objects.create(person=learner, institution=academy, role="contributor")
        paper = replace(CREDENTIAL, node=peer.name)
        Institution.objects.create(
            id=paper.institution, kind="academy", country="CN", node=peer.name
        )
        new = replace(paper, id=new_id(), document=f"{paper.document}-2", replaces=paper.id)
        ended = replace(paper, id=new_id(), document=f"{paper.document}9")
        for said in (new, ended):
            signed = sign(said, peer.key)
            bring(person=learner, node=peer.name, signed=signed, file=signed.compact, now=now)
        BroughtCertificate.objects.filter(commitment=signed.commitment).update(ended_at=now)
        Achievement.objects.filter(document=ended.document).delete()
        for number in (paper.document, ended.document.lower(), f"{paper.document} - 2"):
            fields = AchievementFields(
                issuer=paper.institution, course=None, title="Entered", document=number,
                issued_on=now.date(), hours=Hours(in_person=1, live=0, self_study=0),
            )  # fmt: skip
            with pytest.raises(ValidationError) as refused:
                add_achievement(
                    person=learner, fields=fields, by=officer, today=now.date(), now=now
                )
            assert list(refused.value.message_dict) == ["document"]

    def test_a_rule_on_its_name_in_any_language_or_its_course_counts_it(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        """As where the certificate is checked: the line shows one name of it, the rule another."""
        self.serve(peer, learner, now)
        bringing_home.bring_from(node=peer.name, now=now)
        [one] = brought_certificates(learner)
        [shown] = [row.title for row in Achievement.objects.all()]
        names = [name for name in one.credential.names.values() if name != shown]
        assert names
        for asked in ({"title": name} for name in names):
            Recognition.objects.all().delete()
            self.rule(academy, one.credential.institution, now, **asked)
            [line] = ledger(learner, academy.id, ["en"]).lines
            assert (line.recognised, line.counted) == (True, one.credential.hours)
        # An officer who had entered the paper did not know the course by its number.
        Achievement.objects.update(course=None)
        Recognition.objects.all().delete()
        self.rule(academy, one.credential.institution, now, course=one.credential.course)
        assert ledger(learner, academy.id, ["en"]).lines[0].counted == one.credential.hours
        Recognition.objects.update(course=uuid.uuid4())
        assert not ledger(learner, academy.id, ["en"]).lines[0].recognised

    def rule(self, academy: Institution, issuer: str, now: datetime, **asked: object) -> None:
        Recognition.objects.create(
            institution=academy, issuer=issuer, percent=100, since=date(2020, 1, 1),
            basis="Order 5", created_at=now, **asked,
        )  # fmt: skip

    def test_a_node_speaks_for_no_institution_that_another_hosts(
        self, peer: HomeNode, learner: Person, now: datetime
    ) -> None:
        self.serve(peer, learner, now)
        Institution.objects.create(id="cn-nag", country="CN", node="beijing.chorsu.example")
        forget_institutions()
        assert bringing_home.bring_from(node=peer.name, now=now) == 0
        assert not Achievement.objects.exists()

    def test_a_revocation_there_takes_it_out_of_the_ledger(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        self.serve(peer, learner, now)
        bringing_home.bring_from(node=peer.name, now=now)
        index = brought_certificates(learner)[0].credential.status.index
        tell(peer, listed(peer, 2, index))
        pull(peer_name=peer.name, now=now)
        bringing_home.bring_all(now=now)
        assert ledger(learner, academy.id, ["en"]).lines == ()
        [one] = brought_certificates(learner)
        assert one.ended_at == now

    def test_a_certificate_of_another_or_not_in_the_log_is_not_kept(
        self, peer: HomeNode, learner: Person, academy: Institution, now: datetime
    ) -> None:
        there = connection(learner, peer.name)
        assert there is not None
        signed = issue(peer, now)
        changed = signed.compact[:-8] + b"AAAAAAAA"
        for subject, commitment, file, key in (
            ("b" * 32, signed.commitment, signed.compact, peer.key),
            (there.subject, "0" * 64, signed.compact, peer.key),
            (there.subject, signed.commitment, signed.compact, SigningKey.generate(peer.name)),
            (there.subject, parse(changed).commitment, changed, peer.key),
        ):
            said = Results(settings.NODE_NAME, subject, now, (commitment,), (file,))
            answer = said.to_bytes(key)
            peer.results = lambda _body, answer=answer: answer  # type: ignore[misc]
            with pytest.raises(WireError):
                bringing_home.bring_from(node=peer.name, now=now)
        assert not BroughtCertificate.objects.exists()
