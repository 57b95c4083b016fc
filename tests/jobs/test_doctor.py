from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import boto3
import pytest
from django.conf import LazySettings, settings
from django.db import connection

from chorsu.config.node import read_settings
from chorsu.exchange.keys import key_path, signing_key
from chorsu.exchange.models import Feed
from chorsu.flows import peering
from chorsu.institutions.models import Institution
from chorsu.jobs.doctor import Finding, examine
from chorsu.training.documents import fonts
from chorsu.wire.checkpoint import Checkpoint, sign_checkpoint
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import EMPTY_ROOT
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.django_db


def findings(now: datetime, check: str) -> list[Finding]:
    return [found for found in examine(now=now) if found.check == check]


def test_database_version_and_extensions_are_named(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        (version,) = cursor.fetchone()

    assert Finding("extensions", "ok", f"vector {version}") in findings(now, "extensions")
    assert [found.level for found in findings(now, "database")] == ["ok"]


def test_missing_extension_says_how_to_make_it(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION vector CASCADE")

    (wrong,) = [found for found in findings(now, "extensions") if found.level == "wrong"]

    assert wrong.advice.startswith("Run: chorsu init")
    assert wrong.advice.endswith("as a database superuser: CREATE EXTENSION vector;")


def test_before_init_the_one_thing_to_do_is_said_and_nothing_that_needs_it(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'search'")

    found = list(examine(now=now))

    assert [one.advice for one in found if one.check == "tables"] == ["Run: chorsu init"]
    assert {"institution", "worker", "peers", "clock"}.isdisjoint(one.check for one in found)
    assert "disk" in {one.check for one in found}


def test_a_folder_without_settings_is_said_to_be_one(
    now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "NODE", read_settings({}))

    (said,) = findings(now, "settings")

    assert (said.level, str(tmp_path) in said.what) == ("attention", True)


@pytest.mark.parametrize(("mode", "levels"), [(0o640, {"ok"}), (0o644, {"ok", "attention"})])
def test_settings_that_every_user_of_the_machine_can_read_are_told(
    now: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: int,
    levels: set[str],
) -> None:
    file = tmp_path / "chorsu.toml"
    file.write_text('[node]\nname = "hub.chorsu.example"\naddress = "http://localhost:8000"\n')
    file.chmod(mode)
    monkeypatch.setattr(settings, "NODE", read_settings({"CHORSU_CONFIG": str(file)}))

    found = findings(now, "settings")

    assert {one.level for one in found} == levels
    assert all(one.advice == f"chmod o= {file}" for one in found if one.level != "ok")


def test_institution_that_nobody_is_called_is_wrong(now: datetime) -> None:
    (wrong,) = findings(now, "institution")

    assert (wrong.level, wrong.advice) == (
        "wrong",
        "Correct it in chorsu.toml, then run: chorsu init",
    )


def test_known_institution_is_named(now: datetime, academy: Institution) -> None:
    assert findings(now, "institution") == [
        Finding("institution", "ok", "Astana Civil Service Hub, 0 branches")
    ]


def test_key_that_others_can_read_is_wrong(now: datetime) -> None:
    signing_key()
    key_path().chmod(0o644)
    try:
        found = findings(now, "keys")
    finally:
        key_path().chmod(0o600)

    assert found[0] == Finding(
        "keys", "wrong", "node.key can be read by others", f"Run: chmod 600 {key_path()}"
    )


def test_a_machine_that_was_not_given_the_new_key_is_wrong(
    now: datetime, db: None, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    signing_key()
    (tmp_path / "keys" / "secret_key").write_text("x")
    (tmp_path / "keys" / "secret_key").chmod(0o600)
    stranger = SigningKey.generate(settings.NODE_NAME)
    empty = Checkpoint(settings.NODE_NAME, 0, EMPTY_ROOT)
    Feed.objects.create(id=1, checkpoint=sign_checkpoint(empty, stranger))
    assert "another key" in findings(now, "keys")[0].what


def test_no_worker_is_said_with_the_command_that_starts_one(now: datetime) -> None:
    (found,) = findings(now, "worker")

    assert found.level == "attention"
    assert found.advice.startswith("Start one: chorsu worker")


def test_full_disk_is_wrong(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    # A full disk cannot be had in a test; its size as the system tells it can.
    real = shutil.disk_usage("/")
    full = real._replace(free=5 * 10**8)
    monkeypatch.setattr("shutil.disk_usage", lambda _: full)

    (found,) = findings(now, "disk")

    assert found.level == "wrong"


def test_data_folder_with_room_is_ok(now: datetime) -> None:
    (found,) = findings(now, "disk")

    assert found.what.endswith(f"GB free in {Path(settings.DATA_DIR)}")


def test_fonts_for_all_eight_languages_are_said_to_be_there(now: datetime) -> None:
    assert findings(now, "fonts") == [
        Finding("fonts", "ok", "certificates can be printed in all eight languages")
    ]


def test_a_machine_without_fonts_of_its_own_prints_chinese_too(
    now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "FOLDERS", (str(tmp_path),))
    fonts.font_folders.cache_clear()
    try:
        (found,) = findings(now, "fonts")
    finally:
        fonts.font_folders.cache_clear()

    assert found.level == "ok"


def test_a_machine_without_chinese_fonts_is_told_what_to_install(
    now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As where the packages were not brought up to date with the program.
    monkeypatch.setattr(fonts, "FOLDERS", (str(tmp_path),))
    monkeypatch.setattr(fonts, "PACKAGES", ("fontpkg_noto_serif", "fontpkg_noto_sans"))
    fonts.font_folders.cache_clear()
    try:
        found = findings(now, "fonts")
    finally:
        fonts.font_folders.cache_clear()

    letters = fonts.ALPHABETS["zh-Hans"]
    assert [(one.level, one.what) for one in found] == [
        (
            "attention",
            f"{face} has no {letters} of zh-Hans: no certificate is printed with it",
        )
        for face in ("Noto Serif", "Noto Sans")
    ]
    assert all("make setup" in one.advice and "fonts-noto-cjk" in one.advice for one in found)


def test_clock_apart_from_a_peer_is_wrong(now: datetime) -> None:
    with MemoryNode("tashkent.chorsu.example").serve() as address:
        peering.add(address=address, by=None, now=now)
        (found,) = findings(now - timedelta(days=365), "clock")

    assert found.level == "wrong"
    assert found.what.endswith("s apart from tashkent.chorsu.example")


def test_a_peer_at_an_inner_address_is_not_asked_for_its_clock(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = MemoryNode("tashkent.chorsu.example")
    with node.serve() as address:
        peering.add(address=address, by=None, now=now)
        node.requests.clear()
        monkeypatch.setitem(settings.NODE._values, "exchange.private_peers", False)
        (found,) = findings(now - timedelta(days=365), "clock")

    assert (found.level, found.what) == ("ok", "no peer to compare with")
    assert node.requests == []


def test_store_is_written_read_and_deleted(now: datetime, each_store: str) -> None:
    (found,) = findings(now, "store")

    assert (found.level, found.what.startswith("written, read and deleted: ")) == ("ok", True)


def test_a_bucket_that_is_gone_is_wrong(
    now: datetime, use_bucket: Callable[[], str], s3_address: str
) -> None:
    bucket = use_bucket()
    boto3.client(
        "s3",
        endpoint_url=s3_address,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="secret",
    ).delete_bucket(Bucket=bucket)

    (found,) = findings(now, "store")

    assert (found.level, bucket in found.what) == ("wrong", True)
    assert found.advice.startswith("Check the settings blobs.s3_*")
