"""The stand-alone command: offline, without Django, its exit code the answer."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from chorsu.jobs.messages import compile_messages
from chorsu.verifier import command
from chorsu.wire.envelope import canonical_json
from chorsu.wire.keys import SigningKey
from tests.vectors.proofs import MEMBERS, entry_of, saved
from tests.vectors.sample import ASTANA, BEIJING

KEYS = [f"--key={key.vkey}" for key in (BEIJING, ASTANA)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "practice.chorsu"
    path.write_bytes(saved().to_bytes())
    return path


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[str]]:
    code = command.run([*map(str, arguments), "--language", "en"])
    return code, capsys.readouterr().out.splitlines()


def test_says_who_when_and_who_saw_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, file, *KEYS) == (
        0,
        [
            "Genuine: published as stated below, and not changed since.",
            "",
            "Title: [zh-Hans] 一个窗口办所有证明 | [tk] Ähli güwänamalar bir penjireden",
            "Institution: National Academy of Governance",
            "Published at the node: beijing.chorsu.example",
            "Kind: Practice",
            "Published on: 2026-11-24 02:10:43 UTC",
            "Revision: 2",
            "For whom: For everybody",
            "Witnesses that saw it: astana.chorsu.example, 2026-11-24 02:18:43 UTC",
            "Place in the log: Number 4 of 5",
            "Key fingerprint: 5647 5aa7 5463 474c 0285 df5d bf2b cab7",
            "",
            "This is how the log stood. Whether the record was replaced or withdrawn later, the "
            "file cannot say; a node that follows the log can.",
        ],
    )


def test_without_keys_it_proves_nothing_and_shows_what_to_compare(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = answer(capsys, file)
    assert (code, lines[0]) == (
        3,
        "The file is whole, but nobody here knows the key that signed it.",
    )
    assert lines[-3] == "Key fingerprint: 5647 5aa7 5463 474c 0285 df5d bf2b cab7"
    assert "Witnesses that saw it: None that is known here" in lines


def test_a_changed_title_is_not_genuine_and_nothing_of_the_file_is_shown(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(file.read_bytes().replace("办所有".encode(), "办任何".encode()))
    code, lines = answer(capsys, file, *KEYS)
    assert (code, lines[:2]) == (
        1,
        [
            "Not genuine, or damaged.",
            "The text in the file is not the one that was published: it was changed afterwards.",
        ],
    )
    assert "办任何" not in "".join(lines)


def test_for_programs(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = answer(capsys, file, *KEYS, "--json")
    report = json.loads("\n".join(lines))
    assert (code, report["result"], report["origin"]) == (0, "proven", BEIJING.name)
    assert report["witnesses"] == [{"name": ASTANA.name, "time": "2026-11-24T02:18:43Z"}]
    file.write_bytes(b"{}")
    code, lines = answer(capsys, file, *KEYS, "--json")
    report = json.loads("\n".join(lines))
    assert (code, report["result"], report["code"]) == (1, "refused", "saved-malformed")


@pytest.mark.parametrize(
    ("language", "start"),
    [("tk", "Ady: "), ("zh-Hans", "标题: "), ("ru", "Название: ")],
)
def test_answers_in_the_language_asked(
    file: Path, capsys: pytest.CaptureFixture[str], language: str, start: str
) -> None:
    compile_messages()
    assert command.run([str(file), *KEYS, "--language", language]) == 0
    assert any(line.startswith(start) for line in capsys.readouterr().out.splitlines())


def test_language_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, tag in (("zh_CN.UTF-8", "zh-Hans"), ("kk_KZ", "kk"), ("C", "en"), ("fr_FR", "en")):
        monkeypatch.setenv("LC_ALL", name)
        assert command._language_of_environment() == tag


def test_keys_of_a_file_with_remarks(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text(f"# the academies\n\n{BEIJING.vkey}\n  {ASTANA.vkey}\n")
    assert answer(capsys, file, "--keys", keys)[0] == 0


@pytest.mark.parametrize(
    ("bound", "witness", "code"),
    [
        ("until 5", True, 0),
        ("until 5", False, 0),
        ("until 4", True, 1),
        ("until 5 revoked", True, 0),
        ("until 5 revoked", False, 1),
    ],
)
def test_a_key_that_was_replaced_counts_as_far_as_its_line_says(
    file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    bound: str,
    witness: bool,
    code: int,
) -> None:
    keys = tmp_path / "keys.txt"
    present = SigningKey.from_bytes(bytes(32), BEIJING.name)
    lines = [present.vkey, f"{BEIJING.vkey} {bound}", *([ASTANA.vkey] if witness else [])]
    keys.write_text("\n".join(lines))
    found, said = answer(capsys, file, "--keys", keys)
    assert found == code
    assert ("had replaced" in said[1]) == (code == 1)


@pytest.mark.parametrize("text", ["nonsense", "\x00", BEIJING.vkey[:-1]])
def test_a_damaged_list_of_keys_is_no_answer_about_the_file(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text(text)
    assert answer(capsys, file, "--keys", keys) == (2, [])


def test_a_file_that_is_not_there_is_no_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(capsys, tmp_path / "nothing") == (2, [])


def test_an_endless_file_is_read_to_its_cap_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            asked.append(size)
            return b"[" * size

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setattr(sys.stdin, "_buffer", None, raising=False)
    monkeypatch.setattr(command, "Path", lambda name: _Opened(Endless()))
    code, lines = answer(capsys, "endless")
    assert (code, lines[0]) == (1, "Not genuine, or damaged.")
    assert asked == [command.MAX_SAVED_BYTES + 1]


class _Opened:
    def __init__(self, stream: io.RawIOBase) -> None:
        self._stream = stream

    def open(self, _mode: str) -> io.RawIOBase:
        return self._stream


def test_a_file_of_the_record_is_compared_with_its_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forms = tmp_path / "forms.pdf"
    forms.write_bytes(b"%PDF-1.7 forms")
    sha256 = hashlib.sha256(forms.read_bytes()).hexdigest()
    record = canonical_json({**MEMBERS, "files": [{"sha256": sha256}]})
    file = tmp_path / "practice.chorsu"
    file.write_bytes(saved(entry_of(record), record).to_bytes())
    assert answer(capsys, file, *KEYS, "--with", forms)[0] == 0
    forms.write_bytes(b"%PDF-1.7 other forms")
    code, lines = answer(capsys, file, *KEYS, "--with", forms)
    assert code == 1
    assert lines[1].startswith("The file given with it is not one of the files of this record")


def test_a_title_cannot_forge_a_line_of_the_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {"en": {"words": {"title": "x\nPublished at the node: astana\u202e\x1b[2J"}}}
    record = canonical_json({**MEMBERS, "texts": texts})
    file = tmp_path / "practice.chorsu"
    file.write_bytes(saved(entry_of(record), record).to_bytes())
    _, lines = answer(capsys, file, *KEYS)
    assert "Title: [en] x Published at the node: astana[2J" in lines


def test_an_institution_that_another_node_hosts_is_not_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = canonical_json({**MEMBERS, "institution": "uz-apa"})
    file = tmp_path / "practice.chorsu"
    file.write_bytes(saved(entry_of(record), record).to_bytes())
    _, lines = answer(capsys, file, *KEYS)
    assert lines[1] == "It speaks for an institution that another node hosts."
    assert "Institution: uz-apa" in lines


def test_it_runs_alone_without_django_a_node_or_a_database(file: Path) -> None:
    program = (
        "import sys\nfrom chorsu.verifier.command import run\n"
        "code = run(sys.argv[1:])\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "rooms = {name for name in sys.modules if name.startswith('chorsu.')}\n"
        "assert not names & {'django', 'psycopg', 'httpx'}, names\n"
        "assert {name.split('.')[1] for name in rooms} == {'verifier', 'wire', 'kernel'}\n"
        "sys.exit(code)\n"
    )
    source = str(Path(command.__file__).parents[2])
    ran = subprocess.run(
        [sys.executable, "-c", program, str(file), *KEYS],
        env={"PYTHONPATH": source, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert r"Title: [zh-Hans] \u4e00" in ran.stdout, "letters the terminal lacks are escaped"
