"""What every test may use."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import hypothesis
import pytest
from django.conf import LazySettings
from django.db import connection
from moto.server import ThreadedMotoServer

from chorsu.config.node import read_settings
from chorsu.exchange.marks import remove_mark
from chorsu.institutions.models import Institution, InstitutionName, Membership, Person
from chorsu.institutions.queries import forget_institutions

# A busy machine is no failure, and examples belong in the tests, not in a folder beside them.
hypothesis.settings.register_profile("chorsu", deadline=None, database=None)
hypothesis.settings.load_profile("chorsu")


@pytest.fixture(autouse=True)
def _institutions_read_anew() -> None:
    """What one test's process kept of the institutions is not another's."""
    forget_institutions()


@pytest.fixture(autouse=True)
def _no_mark_of_another_test() -> None:
    """Each test's database is a new one: the folder beside it remembers nothing of its log."""
    remove_mark()


@pytest.fixture
def empty_queue(db: None) -> None:
    """No job of an earlier test that committed: emptying the tables passes over the queue's own."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def now() -> datetime:
    """A fixed moment."""
    return datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture
def academy(db: None) -> Institution:
    """The institution that the node under test hosts."""
    made = Institution.objects.create(
        id="hub-astana", kind="hub", country="KZ", node="hub.chorsu.example"
    )
    for language, name in (("en", "Astana Civil Service Hub"), ("ru", "Астанинский хаб")):
        InstitutionName.objects.create(institution=made, language=language, name=name, short=name)
    return made


@pytest.fixture
def editor(academy: Institution) -> Person:
    """Somebody who may write and publish at the academy."""
    person = Person.objects.create_user("editor@hub.example", "correct horse", name="Editor One")
    for role in ("contributor", "editor", "translator"):
        Membership.objects.create(person=person, institution=academy, role=role)
    return person


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """A real S3 server on the loopback interface."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def use_bucket(s3_address: str, settings: LazySettings) -> Callable[[], str]:
    """Have the node keep its blobs in a new bucket; gives the bucket's name."""

    def use() -> str:
        bucket = f"node-{uuid.uuid4().hex}"
        access = {"aws_access_key_id": "test", "aws_secret_access_key": "secret"}
        client = boto3.client("s3", endpoint_url=s3_address, region_name="us-east-1", **access)
        client.create_bucket(Bucket=bucket)
        environment = {
            "CHORSU_BLOBS_STORE": "s3",
            "CHORSU_BLOBS_S3_BUCKET": bucket,
            "CHORSU_BLOBS_S3_ENDPOINT": s3_address,
            "CHORSU_BLOBS_S3_PREFIX": "academy/blobs",
            "CHORSU_BLOBS_S3_ACCESS_KEY": "test",
            "CHORSU_BLOBS_S3_SECRET_KEY": "secret",
        }
        settings.NODE = read_settings({**os.environ, **environment})
        return bucket

    return use


@pytest.fixture(params=["disk", "s3"])
def each_store(request: pytest.FixtureRequest, settings: LazySettings, tmp_path: Path) -> str:
    """The same test on an empty store of each sort: `disk`, then `s3`."""
    settings.DATA_DIR = tmp_path
    if request.param == "s3":
        request.getfixturevalue("use_bucket")()
    return str(request.param)
