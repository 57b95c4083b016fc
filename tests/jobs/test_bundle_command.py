"""`chorsu bundle` at the command line: what it makes, what it says, what it refuses."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from chorsu.exchange import actions
from chorsu.flows.carrying import BadSize, parse_size
from chorsu.institutions.models import AuditEvent
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from tests.bundles import Stick, put, sealed
from tests.flows.remote import make_peer, publish
from tests.memory_node import MemoryNode


@pytest.fixture
def now() -> datetime:
    """The present, as the command sees it."""
    return utc_now()


@pytest.fixture
def beijing(db: None, now: datetime) -> MemoryNode:
    """A peer that no wire reaches."""
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    node.add_peer(node.key.verify_key)
    make_peer(node, now)
    return node


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("bundle", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def actions_logged() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_export_names_its_files_and_shows_how_far_it_is(
    beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    with transaction.atomic():
        actions.append(
            kind="practice", record_id=new_id(), revision=1, action="publish",
            audience="network", payload=b"{}", now=now,
        )  # fmt: skip
    out, err = run("export", "--for", beijing.name, str(tmp_path / "stick.zip"))
    made = tmp_path / "stick.zip.age"
    assert out.splitlines() == [
        f"{made}  {made.stat().st_size} bytes",
        f"entries 0 to 1, encrypted to {beijing.name}",
    ]
    assert "written: 100 %" in err
    assert actions_logged() == ["bundle.exported"]


def test_import_says_what_came_and_what_is_missing(
    beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    lost = publish(beijing, new_id(), title="二")
    data = Stick(beijing, now).part([one for one in beijing.blobs if one != lost.blob])
    out, _ = run("import", str(put(tmp_path, data)))
    assert out.splitlines()[1:] == [
        "  new entries 2, records 1, files 0, refused 0",
        f"{beijing.name}: missing records 1, files 0",
        f"  practice: {lost.id}",
    ]
    assert actions_logged() == ["bundle.imported"]


def test_import_goes_on_after_a_file_it_refuses_and_ends_with_an_error(
    beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    data = Stick(beijing, now).part()
    other = put(tmp_path, sealed(data, beijing.key.verify_key), "a.zip.age")
    good = put(tmp_path, data, "b.zip")
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="Not every file"):
        call_command("bundle", "import", str(other), str(good), stdout=out, stderr=err)
    assert f"({beijing.name})" in err.getvalue()
    assert out.getvalue().splitlines()[-1] == f"{beijing.name}: nothing is missing"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--for", "nobody.example"],
        ["--for", "beijing.chorsu.example", "--since", "-1"],
        ["--for", "beijing.chorsu.example", "--since", "7"],
        ["--for", "beijing.chorsu.example", "--max-size", "4 apples"],
    ],
)
def test_export_refuses_what_cannot_be(
    beijing: MemoryNode, tmp_path: Path, arguments: list[str]
) -> None:
    with pytest.raises(CommandError):
        run("export", *arguments, str(tmp_path / "stick.zip"))
    assert list(tmp_path.iterdir()) == []


def test_sizes_are_in_powers_of_ten() -> None:
    assert [parse_size(text) for text in ("4G", "650M", "1T", "2000KB", "5000000")] == [
        4 * 10**9,
        650 * 10**6,
        10**12,
        2 * 10**6,
        5_000_000,
    ]


@pytest.mark.parametrize(
    "text", ["", "0", "4", "999K", "2T", "4.5G", "-4G", "４G", "4 G", "9" * 30]
)
def test_no_size(text: str) -> None:
    with pytest.raises(BadSize):
        parse_size(text)
