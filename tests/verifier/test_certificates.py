"""The stand-alone command over a certificate: offline, without Django."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine

from chorsu.verifier import command
from chorsu.wire.credential_code import encode_code
from tests.vectors.credentials import CREDENTIAL, REVOKED, SIGNED, certificate
from tests.vectors.sample import ASTANA, BEIJING, NOW

KEYS = [f"--key={key.vkey}" for key in (BEIJING, ASTANA)]


@pytest.fixture(autouse=True)
def _in_the_days_of_the_vectors() -> object:
    with time_machine.travel(NOW.replace(hour=12), tick=False):
        yield


def answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, *arguments: str
) -> tuple[int, list[str]]:
    path = tmp_path / "certificate.chorsu"
    path.write_bytes(data)
    code = command.run([str(path), *arguments, "--language", "en"])
    return code, capsys.readouterr().out.splitlines()


def test_says_who_issued_what_to_whom_and_as_of_when_it_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = answer(tmp_path, capsys, certificate().to_bytes(), *KEYS)
    assert code == 0
    assert lines[:3] == [
        "Genuine and valid: issued as stated below, unchanged, and not revoked.",
        "",
        f"Holder: {CREDENTIAL.holder}",
    ]
    facts = dict(line.partition(": ")[::2] for line in lines[2:])
    assert facts["Course"].startswith("[zh-Hans] 公共服务数字化转型基础 | [kk] ")
    assert facts["Institution"] == "National Academy of Governance"
    assert facts["Academic hours"] == "72 (in person 40, live online 12, self-study 20)"
    assert facts["Result"] == "87.5 % (passed from 60 %)"
    assert facts["Taught"] == "2026-10-05 | 2026-11-20"
    assert facts["Valid until"] == "2029-11-24"
    assert facts["In the node's log since"] == "2026-11-24 02:10:43 UTC"
    assert facts["Revocations known up to"] == "2026-11-24 02:18:43 UTC"
    assert facts["Key fingerprint"] == BEIJING.fingerprint


def test_a_revocation_in_the_file_is_an_answer_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = answer(tmp_path, capsys, certificate(status=REVOKED).to_bytes(), *KEYS)
    assert (code, lines[0]) == (
        5,
        "Revoked: it was issued as stated below and no longer counts.",
    )


def test_without_proofs_the_signature_alone_is_said_to_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for data in (SIGNED.compact, encode_code(SIGNED).encode()):
        code, lines = answer(tmp_path, capsys, data, *KEYS)
        assert code == 4
        assert "whether the certificate still counts is not known here" in lines[0]
        assert any("has no word of it" in line for line in lines)


def test_a_node_that_nobody_knows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = answer(tmp_path, capsys, certificate().to_bytes())
    assert code == 3
    assert "nobody here knows the key" in lines[0]
    assert not any(line.startswith("Key fingerprint") for line in lines)


def test_a_changed_certificate_is_refused_and_nothing_of_it_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = SIGNED.compact
    code, lines = answer(tmp_path, capsys, data[:-20] + b"AAAA" + data[-16:], *KEYS)
    assert (code, lines[0]) == (1, "Not genuine, or damaged.")
    assert CREDENTIAL.holder not in "".join(lines)


@pytest.mark.parametrize("start", [b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_of_a_pdf_or_picture_it_does_not_say_that_it_is_not_genuine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], start: bytes
) -> None:
    code, lines = answer(tmp_path, capsys, start + b"\x00\xff" * 50, *KEYS)
    assert code == 2
    assert lines[0] == "Nothing was checked: pictures and PDF files are read only at a node."
    assert "Not genuine" not in " ".join(lines)


def test_expired_is_told_by_the_clock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(NOW.replace(year=2030), tick=False):
        code, lines = answer(tmp_path, capsys, certificate().to_bytes(), *KEYS)
    assert (code, lines[0]) == (5, "Genuine, but it has expired.")


def test_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = answer(tmp_path, capsys, certificate().to_bytes(), *KEYS, "--json")
    report = json.loads("\n".join(lines))
    assert (code, report["result"], report["document"]) == (0, "genuine", CREDENTIAL.document)
    assert report["hours"] == {"in_person": 40, "live": 12, "self_study": 20}
    assert report["as_of"] == "2026-11-24T02:18:43Z"
    code, lines = answer(tmp_path, capsys, b"CHORSU1:", *KEYS, "--json")
    assert (code, json.loads("\n".join(lines))["code"]) == (1, "code-malformed")


def test_the_command_needs_neither_django_nor_a_database(tmp_path: Path) -> None:
    path = tmp_path / "certificate.chorsu"
    path.write_bytes(certificate().to_bytes())
    program = (
        "import sys\n"
        "from chorsu.verifier import command\n"
        f"code = command.run([{str(path)!r}, {KEYS[0]!r}, {KEYS[1]!r}])\n"
        "loaded = [one for one in ('django', 'psycopg', 'httpx') if one in sys.modules]\n"
        "sys.exit(99 if loaded else code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
