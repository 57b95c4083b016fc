"""`chorsu erase`: from a hash to what is gone, and the list with peers' answers."""

from __future__ import annotations

from datetime import datetime
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from chorsu.exchange import blobs
from chorsu.exchange.models import Erasure
from chorsu.flows.publishing import publish_draft
from chorsu.institutions.models import Person
from chorsu.practices import actions
from tests.flows.remote import make_peer
from tests.memory_node import MemoryNode
from tests.practices.content import ready_draft


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.DATA_DIR = tmp_path_factory.mktemp("data")


@pytest.fixture
def sha256(editor: Person, now: datetime) -> str:
    """A file that only an earlier revision names."""
    draft = ready_draft(editor, now)
    file = actions.add_file(
        draft_id=draft.id, upload=b"name\nnobody\n", name="names.csv", language="", by=editor,
        now=now,
    )  # fmt: skip
    publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
    copy = actions.revise(practice_id=draft.id, by=editor, now=now)
    actions.remove_file(draft_id=copy.id, sha256=file.sha256, by=editor, now=now)
    publish_draft(draft_id=copy.id, version=copy.version, by=editor, now=now)
    return file.sha256


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("erase", *arguments, stdout=out)
    return out.getvalue()


def test_a_file_is_erased_by_its_hash_and_listed(sha256: str, now: datetime) -> None:
    make_peer(MemoryNode("beijing.chorsu.example"), now)
    said = run(sha256, "--ground", "rights", "--reason", "Not ours.", "--language", "en", "--yes")
    assert "names.csv" in said
    assert "beijing.chorsu.example" in said
    assert blobs.read(sha256) is None
    assert Erasure.objects.get().words == "Not ours."
    listed = run()
    assert sha256 in listed
    assert "not asked yet" in listed


def test_what_is_refused_says_why(sha256: str) -> None:
    with pytest.raises(CommandError, match="ground: unknown, words: missing"):
        run(sha256, "--yes")
    with pytest.raises(CommandError, match="unknown"):
        run("ab" * 32, "--ground", "rights", "--reason", "Not ours.", "--yes")
    assert Erasure.objects.count() == 0


def test_a_person_who_does_not_say_yes_erases_nothing(
    sha256: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    with pytest.raises(CommandError, match="nothing was erased"):
        run(sha256, "--ground", "rights", "--reason", "Not ours.")
    assert blobs.read(sha256) is not None
