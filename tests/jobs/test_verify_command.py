"""`chorsu verify` at a node says of a certificate what the page says of the same file."""

from __future__ import annotations

import html as markup
import io
import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from PIL import Image

from chorsu.exchange import actions
from chorsu.flows import certifying
from chorsu.flows.pulling import pull
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution
from chorsu.jobs.management.commands import verify as verify_command
from chorsu.kernel.clock import utc_now
from chorsu.training.models import Recognition
from chorsu.training.queries import certificates as queries
from chorsu.wire.credential_code import encode_code
from tests.flows.conftest import beijing
from tests.flows.test_certifying import issue, listed, signed_by, tell
from tests.memory_node import MemoryNode
from tests.training import certificates_kit, passed
from tests.vectors.credentials import INDEX
from tests.web.test_verifying import facts, plain

pytestmark = pytest.mark.django_db
__all__ = ["beijing"]
Make: TypeAlias = Callable[[MemoryNode, Institution, datetime], bytes]


@pytest.fixture
def now() -> datetime:
    """The present: both sides sign and check by real clocks."""
    return utc_now()


@pytest.fixture(autouse=True)
def _all_institutions(academy: Institution, now: datetime) -> None:
    load_institutions(now=now)


def genuine(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    return encode_code(issue(node, now)).encode()


def recognised(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    Recognition.objects.create(
        institution=academy, issuer="cn-nag", since=now.date(), created_at=now, percent=50,
        basis="Order 7",
    )  # fmt: skip
    return genuine(node, academy, now)


def own(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    learner = passed.learner(passed.cohort(academy, now), now)
    row = certificates_kit.issue(learner, passed.officer(academy), now)
    return certifying.file_of(queries.view_of(row))


def revoked(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    code = genuine(node, academy, now)
    tell(node, listed(node, 2, INDEX))
    pull(peer_name=node.name, now=now)
    return code


def unconfirmed(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    return signed_by(node, now).compact


def unknown(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    return signed_by(MemoryNode("tashkent.chorsu.example"), now).compact


def altered(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    compact = issue(node, now).compact
    return compact[:-20] + b"AAAA" + compact[-16:]


def set_aside(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    code = genuine(node, academy, now)
    actions.set_aside(name=node.name, code="fork", evidence="", now=now)
    return code


def photo(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    out = io.BytesIO()
    segno.make_qr(genuine(node, academy, now).decode(), error="l").save(out, kind="png", scale=4)
    return out.getvalue()


def scan(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(photo(node, academy, now))).convert("L").save(out, format="PDF")
    return out.getvalue()


def blank(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    out = io.BytesIO()
    Image.new("L", (300, 300), 255).save(out, format="PNG")
    return out.getvalue()


def heic(node: MemoryNode, academy: Institution, now: datetime) -> bytes:
    return b"\x00\x00\x00\x18ftypheic" + bytes(100)


CASES: list[tuple[Make, int]] = [
    (genuine, 0), (recognised, 0), (own, 0), (photo, 0), (scan, 0), (altered, 1), (blank, 2),
    (heic, 2), (unknown, 3), (unconfirmed, 4), (revoked, 5), (set_aside, 0),
]  # fmt: skip


def page(client: Client, data: bytes, language: str) -> tuple[str, dict[str, str]]:
    """All that the notices of the page say, and what it lists."""
    file = SimpleUploadedFile("certificate", data)
    html = client.post(f"/{language}/verify/", {"file": file}).content.decode()
    notices = re.findall(r'<div class="notice notice--.*?</div>', html, re.DOTALL)
    rows = [(markup.unescape(label), plain(value)) for label, value in facts(html).items()]
    said = _spaced(markup.unescape(plain(" ".join(notices))))
    return said, {label: markup.unescape(value) for label, value in rows}


def command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, *arguments: str
) -> tuple[int, str, dict[str, str]]:
    """The exit code, all that stands above the list, and the list."""
    file = tmp_path / "certificate"
    file.write_bytes(data)
    with pytest.raises(SystemExit) as left:
        verify_command.Command().run_from_argv(["chorsu", "verify", str(file), *arguments])
    above, _, below = capsys.readouterr().out.partition("\n\n")
    rows = [line.partition(": ") for line in below.splitlines()]
    assert isinstance(left.value.code, int)
    return left.value.code, _spaced(above), {label: value for label, _, value in rows}


def _spaced(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["en", "tk"])
@pytest.mark.parametrize(("make", "code"), CASES, ids=lambda one: getattr(one, "__name__", ""))
def test_page_and_command_agree(
    client: Client,
    beijing: MemoryNode,
    academy: Institution,
    now: datetime,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    make: Make,
    code: int,
    language: str,
) -> None:
    data = make(beijing, academy, now)
    notices, shown = page(client, data, language)
    ended, above, listed_there = command(tmp_path, capsys, data, "--language", language)
    assert ended == code
    # Of one that is refused the command gives the code as well, for whoever helps.
    assert re.sub(r" \([a-z-]+: .*\)$", "", above) == notices
    assert list(listed_there) == list(shown)
    last = {"en": "Recognised here", "tk": "Bu ýerde ykrar edilişi"}[language]
    assert listed_there.get(last) == shown.get(last)
    assert (last in shown) == (code == 0 and make is not own)


def test_what_is_said_at_the_node(
    beijing: MemoryNode,
    academy: Institution,
    now: datetime,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = recognised(beijing, academy, now)
    _, above, said = command(tmp_path, capsys, data, "--language", "en")
    assert above == "Genuine and valid: issued as stated below, unchanged, and not revoked."
    assert said["Recognised here"] == "36 academic hours, by Order 7"
    assert said["Institution"] == "National Academy of Governance"
    known_up_to = datetime.fromisoformat(said["Revocations known up to"].removesuffix(" UTC"))
    assert abs((known_up_to - now.replace(tzinfo=None)).total_seconds()) < 60
    Recognition.objects.all().delete()
    _, _, said = command(tmp_path, capsys, data, "--language", "ru")
    assert said["Признаётся здесь"] == "Ни одно правило этого учреждения его не признаёт."
    actions.set_aside(name=beijing.name, code="fork", evidence="", now=now)
    _, above, _ = command(tmp_path, capsys, data, "--language", "en")
    assert "This node has set that node aside: its log does not add up." in above


def test_for_programs_it_says_what_the_node_knows(
    beijing: MemoryNode,
    academy: Institution,
    now: datetime,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = recognised(beijing, academy, now)
    file = tmp_path / "certificate"
    file.write_bytes(data)
    with pytest.raises(SystemExit):
        verify_command.Command().run_from_argv(["chorsu", "verify", str(file), "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["result"] == "genuine"
    assert (report["here"], report["own"], report["set_aside"]) == (True, False, False)
    assert (report["recognised_hours"], report["recognised_by"]) == (36, "Order 7")


def test_with_keys_given_only_they_count(
    beijing: MemoryNode,
    academy: Institution,
    now: datetime,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = genuine(beijing, academy, now)
    key = f"--key={beijing.key.vkey}"
    code, _, said = command(tmp_path, capsys, data, key, "--language", "en")
    assert (code, "Recognised here" in said) == (4, False)


def test_without_its_database_a_certificate_is_read_by_what_it_proves_itself(
    beijing: MemoryNode,
    academy: Institution,
    now: datetime,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = own(beijing, academy, now)
    with connection.execute_wrapper(_out_of_reach):
        code, above, _ = command(tmp_path, capsys, data, "--language", "en")
    assert (code, above.partition(":")[0]) == (0, "Genuine and valid")


def _out_of_reach(*_query: object) -> None:
    raise OperationalError("connection refused")
