"""One person through three nodes: at home in Bishkek, a guest in Beijing, unknown in Astana.

Then every node's tables, files and logs are searched for what must not be there.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

import httpx
import psycopg
import pytest
from psycopg import sql

from chorsu.jobs.demo import PASSWORD, Demo, running
from chorsu.jobs.demo_nodes import NODES, DemoNode
from chorsu.jobs.embedded import embedded_database
from chorsu.jobs.form_client import FormClient, PageError
from chorsu.wire.identity import open_forgotten
from chorsu.wire.node import parse_node
from tests.nodes.test_demo import free_ports

pytestmark = pytest.mark.nodes

NAME = "Айпери Сыдыкбекова-Таанылбас"
MAKE_LEARNER = """
import datetime, uuid
from django.utils import timezone
from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.training.models import Cohort, Course, Enrolment, UnitState
course = Course.objects.filter(withdrawn_at=None).first()
day, now = datetime.date(2026, 12, 1), timezone.now()
cohort = Cohort.objects.create(
    id=uuid.uuid4(), course=course, revision=course.revision, institution_id="cn-nag",
    name="2026-12", state="running", starts_on=day, ends_on=day, capacity=0, created_at=now,
    changed_at=now,
)
guest = Person.objects.exclude(home="").get()
enrolment = Enrolment.objects.create(
    id=uuid.UUID(new_id()), cohort=cohort, person=guest, state="admitted", created_at=now,
    queued_at=now,
)
UnitState.objects.create(enrolment=enrolment, unit="a", seen_at=now, note="mine")
print(enrolment.id)
"""
FINISH = """
from django.utils import timezone
from chorsu.training.models import Cohort, Enrolment
Enrolment.objects.filter(pk=ENROLMENT).update(
    state="passed", result_percent=80, in_person=10, live=0, self_study=2
)
Cohort.objects.update(state="finished", finished_at=timezone.now(), protocol_number="7")
"""
ASK = """
from django.utils import timezone
from chorsu.flows import bringing_home
bringing_home.bring_all(now=timezone.now())
"""
CERTIFY = """
from django.utils import timezone
from chorsu.flows import certifying
from chorsu.institutions.models import Membership, Person
from chorsu.training.models import Certificate
officer = Person.objects.filter(home="").first()
Membership.objects.get_or_create(person=officer, institution_id="cn-nag", role="coordinator")
officer = Person.objects.get(pk=officer.pk)
made = certifying.issue(
    enrolment_id=ENROLMENT, renewable_by="", by=officer, now=timezone.now()
)
print(Certificate.objects.get(pk=made).number)
"""
VERIFY = """
from django.utils import timezone
from chorsu.flows import certifying
from chorsu.training.models import Achievement, BroughtCertificate
row = BroughtCertificate.objects.get()
checked = certifying.check(bytes(row.file), timezone.now())
print(
    checked.verdict.standing, checked.here, Achievement.objects.count(),
    Achievement.objects.filter(brought=row).count(),
)
"""
PEOPLE = "from chorsu.institutions.models import Person; Person.objects"
PERSONAL_BY_DESIGN = {"institutions_person", "training_certificate"}
"""Where a node keeps what it was told of a guest, and nowhere else."""


@dataclass(frozen=True, slots=True)
class Three:
    """The running nodes, and their databases by city."""

    demo: Demo
    teaching: DemoNode
    third: DemoNode
    home: DemoNode
    databases: dict[str, str]

    def shell(self, node: DemoNode, program: str) -> str:
        """What a program prints at a node."""
        return self.demo.command(
            node, self.databases[node.city], "shell", "--no-imports", "-c", program
        ).strip()


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    folder = tmp_path_factory.mktemp("across")
    port = free_ports(3)
    nodes = [
        replace(node, port=port + place)
        for place, node in enumerate((NODES[0], NODES[1], NODES[3]))
    ]
    with pytest.MonkeyPatch.context() as patch:
        # The nodes have settings of their own.
        patch.delenv("DJANGO_SETTINGS_MODULE")
        patch.delenv("DATABASE_URL", raising=False)
        yield from _running(folder, nodes)


def _running(folder: Path, nodes: list[DemoNode]) -> Iterator[Three]:
    with running(folder, nodes, quiet=True) as demo:
        databases = {n.city: embedded_database(folder / "postgres", n.city) for n in nodes}
        yield Three(demo, *nodes, databases)


def sign_in_at_home(person: FormClient, home: DemoNode) -> None:
    person.open(f"{home.address}/en/account/login/")
    person.send("/account/login", {"login": f"reader@{home.name}", "password": PASSWORD})


def go_as_guest(person: FormClient, three: Three, **told: str | list[str]) -> str:
    """Through both nodes' pages as a browser would; returns the page one ends at."""
    person.open(f"{three.teaching.address}/en/account/login/")
    assert "/en/sign-in/academy/" in person.page
    person.open(f"{three.teaching.address}/en/sign-in/academy/")
    link = re.search(rf'href="([^"]*/sign-in/academy/{three.home.name}/[^"]*)"', person.page)
    assert link is not None
    person.open(link[1].replace("&amp;", "&"))
    assert urlsplit(person.address).port == three.home.port
    return person.send("/sign-in/allow", told, button="action=grant")


def rows_with(database: str, needle: str) -> dict[str, int]:
    """Tables whose rows hold a text, as it is or in base64 (sessions, the cache)."""
    found = {}
    coded = [
        base64.b64encode(b"x" * pad + needle.encode()).decode()[4 if pad else 0 : -4]
        for pad in range(3)
    ]
    with psycopg.connect(database) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            question = sql.SQL("SELECT count(*) FROM {t} t WHERE t::text ILIKE ANY(%s)").format(
                t=sql.Identifier(table)
            )
            plain = [f"%{needle}%", "%" + json.dumps(needle)[1:-1].replace("\\", "\\\\") + "%"]
            coded_like = [f"%{one}%" for one in coded]
            row = connection.execute(question, ([*plain, *coded_like],)).fetchone()
            if row and row[0]:
                found[table] = row[0]
    return found


def files_with(folder: Path, needle: str) -> list[str]:
    """Files of a node (logs, blobs, mails, keys) that hold a text."""
    wanted = needle.encode()
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and wanted in path.read_bytes()
    ]


def wait_for(person: FormClient, address: str, text: str) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if text in person.open(address):
            return person.page
        time.sleep(0.5)
    raise AssertionError(f"{text!r} never came to {address}")


def test_a_person_learns_elsewhere_and_is_forgotten_there(three: Three) -> None:
    address = f"reader@{three.home.name}"
    with FormClient(three.home.home) as person:
        sign_in_at_home(person, three.home)
        three.shell(three.home, f"{PEOPLE}.filter(email={address!r}).update(name={NAME!r})")

        # At first nothing is ticked; the name is told because the person says so.
        person.open(f"{three.teaching.address}/en/sign-in/academy/{three.home.name}/")
        assert NAME in person.page
        assert 'value="name" id="id_claims_name" checked' not in person.page
        go_as_guest(person, three, claims=["name"], results="on", transcript="on")
        assert urlsplit(person.address).port == three.teaching.port
        assert urlsplit(person.address).path == "/en/learning/"

        enrolment = three.shell(three.teaching, MAKE_LEARNER)
        person.open(f"/en/learning/{enrolment}/")
        assert person.status == 200

        the_guest_only_learns(person, three)
        the_result_comes_home_without_a_certificate(person, three, enrolment)
        the_certificate_comes_home(person, three, enrolment)
        nothing_is_where_it_must_not_be(three, address)
        is_forgotten(person, three)


def the_guest_only_learns(person: FormClient, three: Three) -> None:
    place = three.teaching.address
    account = person.open(f"{place}/en/account/")
    assert NAME in account
    for path in ("account/password/set/", "account/email/", "account/2fa/", "node/key/", "people/"):
        person.open(f"{place}/en/{path}")
        assert person.status == 403, path


def the_result_comes_home_without_a_certificate(
    person: FormClient, three: Three, enrolment: str
) -> None:
    """Signed where it was earned, it stands in the ledger at home as what it is."""
    three.shell(three.teaching, FINISH.replace("ENROLMENT", repr(enrolment)))
    three.shell(three.home, ASK)
    page = person.open(f"{three.home.address}/en/training/mine/")
    assert f"No certificate: reported and signed by {three.teaching.name}" in page
    assert "80 %" in page


def the_certificate_comes_home(person: FormClient, three: Three, enrolment: str) -> None:
    """Issued where it was earned, it stands under the person's own, and is counted there once."""
    number = three.shell(three.teaching, CERTIFY.replace("ENROLMENT", repr(enrolment)))
    page = wait_for(person, f"{three.home.address}/en/certificates/", number)
    link = re.search(r'href="(/en/certificates/brought/[0-9a-f-]+/)"', page)
    assert link is not None
    page = person.open(f"{three.home.address}/en/training/mine/")
    assert number in page
    three.shell(three.home, ASK)
    assert "No certificate" not in person.open(f"{three.home.address}/en/training/mine/")
    verdict = three.shell(three.home, VERIFY)
    assert verdict == "genuine True 1 1"


def nothing_is_where_it_must_not_be(three: Three, address: str) -> None:
    folder = three.demo.folder
    teaching, third = three.teaching, three.third
    assert set(rows_with(three.databases[teaching.city], NAME)) == PERSONAL_BY_DESIGN
    assert rows_with(three.databases[teaching.city], address) == {}
    assert rows_with(three.databases[third.city], NAME) == {}
    assert rows_with(three.databases[third.city], address) == {}
    for node in (teaching, third):
        assert files_with(folder / node.city, NAME) == []
        assert files_with(folder / node.city, address) == []
    # The home knows its own people; its feed, its blobs and its logs do not.
    assert files_with(folder / three.home.city, NAME) == []
    feed = [
        name for name in rows_with(three.databases[three.home.city], NAME) if "exchange" in name
    ]
    assert feed == []


def is_forgotten(person: FormClient, three: Three) -> None:
    home = three.home.address
    subject = three.shell(
        three.home,
        "from chorsu.institutions.models import Connection as C; print(C.objects.get().subject)",
    )
    person.open(f"{home}/en/account/academies/")
    link = re.search(r'href="(/en/account/academies/\d+/forget/)"', person.page)
    assert link is not None
    person.open(link[1])
    person.send("/forget/", {})
    page = wait_for(person, f"{home}/en/account/academies/", "/confirmation/")
    link = re.search(r'href="(/en/account/academies/\d+/confirmation/)"', page)
    assert link is not None
    note = person.open(link[1]).encode()

    key = parse_node(httpx.get(f"{three.teaching.address}/.well-known/chorsu").content).verify_key
    said = open_forgotten(note, key)
    assert (said.home, said.subject) == (three.home.name, subject)
    # The person, a place in a cohort, how far they were in a unit, the certificate.
    assert said.rows == 4
    reported = "from chorsu.training.models import ReportedResult as R; print(R.objects.count())"
    assert three.shell(three.home, reported) == "0"
    assert rows_with(three.databases[three.teaching.city], NAME) == {}
    left = rows_with(three.databases[three.teaching.city], subject)
    assert set(left) == {"institutions_forgetting", "institutions_auditevent"}
    # The session that was left behind opens nothing.
    person.open(f"{three.teaching.address}/en/learning/")
    assert "/account/login/" in person.address

    # Who comes back is somebody new to that node.
    go_as_guest(person, three)
    again = three.shell(
        three.teaching,
        "from chorsu.institutions.models import Person; p = Person.objects.exclude(home='').get();"
        "print(p.home_subject, repr(p.name), p.told)",
    )
    assert subject not in again
    assert again.endswith(" '' {}")


def test_a_question_that_was_changed_on_the_way_is_refused(three: Three) -> None:
    with FormClient(three.home.home) as person:
        sign_in_at_home(person, three.home)
        begun = httpx.get(
            f"{three.teaching.address}/en/sign-in/academy/{three.home.name}/"
        ).headers["Location"]
        proper = {name: values[0] for name, values in parse_qs(urlsplit(begun).query).items()}

        def status(**changed: str | None) -> int:
            query = {k: v for k, v in {**proper, **changed}.items() if v is not None}
            address = urlunsplit((*urlsplit(begun)[:3], str(httpx.QueryParams(query)), ""))
            person.open(address)
            return person.status

        assert status() == 200
        back = proper["redirect_uri"]
        for wrong in (
            {"redirect_uri": back + "/"},
            {"redirect_uri": back + "?next=https://evil.example"},
            {"redirect_uri": back.replace("localhost", "127.0.0.1")},
            {"redirect_uri": "https://evil.example/sign-in/returned"},
            {"client_id": "evil.example"},
            {"client_id": three.third.name},
            {"nonce": None},
            {"state": None},
            {"code_challenge": None},
            {"code_challenge_method": "plain"},
            {"response_type": "id_token"},
            {"scope": "openid name phone"},
            {"prompt": "none"},
        ):
            assert status(**wrong) == 400, wrong


def test_a_code_is_of_use_to_nobody_but_the_peer_it_was_made_for(three: Three) -> None:
    with FormClient(three.home.home) as person:
        sign_in_at_home(person, three.home)
        with httpx.Client() as thief:
            begun = thief.get(
                f"{three.teaching.address}/en/sign-in/academy/{three.home.name}/"
            ).headers["Location"]
            person.open(begun)
            # Sent home with another's question, the person's browser has no sign-in to end.
            with pytest.raises(PageError, match=r": 403$"):
                person.send("/sign-in/allow", {}, button="action=grant")
            assert "另一次登录" in person.page
            code = parse_qs(urlsplit(person.address).query)["code"][0]
        answer = httpx.post(
            f"{three.home.address}/exchange/identity/token",
            data={
                "grant_type": "authorization_code",
                "client_id": three.teaching.name,
                "code": code,
            },
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "request-unsigned")


def test_whoever_says_no_is_not_signed_in(three: Three) -> None:
    with FormClient(three.home.home) as person:
        sign_in_at_home(person, three.home)
        person.open(f"{three.teaching.address}/en/sign-in/academy/{three.home.name}/")
        with pytest.raises(PageError, match=r": 403$"):
            person.send("/sign-in/allow", {}, button="action=deny")
        assert "没有告知任何信息" in person.page
