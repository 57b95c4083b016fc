"""Real harvesters over real HTTP: sickle and oaipmh-scythe read the whole list, page by page."""

from __future__ import annotations

from datetime import datetime

import pytest
from oaipmh_scythe import HTTPConfig, Scythe
from pytest_django.live_server_helper import LiveServer
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch

from chorsu.web.oai import lists
from tests.web.library import ID
from tests.web.oai.conftest import CLOSED, WITHDRAWN

pytestmark = pytest.mark.django_db(transaction=True)
START = "oai:hub.chorsu.example:"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sickle_reads_everything(log: datetime, live_server: LiveServer, method: str) -> None:
    client = Sickle(f"{live_server.url}/oai", http_method=method)
    records = list(client.ListRecords(metadataPrefix="oai_dc"))

    assert [(one.header.identifier, one.deleted) for one in records] == [
        (START + ID, False),
        (START + WITHDRAWN, True),
        (START + CLOSED, True),
    ]
    assert records[0].metadata["title"][:2] == [
        "One window for all papers",
        "Барлық анықтамаға бір терезе",
    ]
    assert client.Identify().deletedRecord == "persistent"
    assert [one.metadataPrefix for one in client.ListMetadataFormats()] == ["oai_dc", "chorsu"]
    assert next(iter(client.ListSets())).setSpec == "institution"
    with pytest.raises(NoRecordsMatch):
        client.ListRecords(metadataPrefix="oai_dc", until="2020-01-01")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_scythe_reads_everything(log: datetime, live_server: LiveServer, method: str) -> None:
    config = HTTPConfig(http_method=method)
    with Scythe(f"{live_server.url}/oai", http_config=config) as client:
        records = list(client.list_records(metadata_prefix="chorsu"))
        headers = list(client.list_identifiers(metadata_prefix="oai_dc", set_="language:ru"))
        one = client.get_record(identifier=START + ID, metadata_prefix="oai_dc")
        names = [held.setName for held in client.list_sets()]

        assert [(held.header.identifier, held.deleted) for held in records] == [
            (START + ID, False),
            (START + WITHDRAWN, True),
            (START + CLOSED, True),
        ]
        assert [held.identifier for held in headers] == [
            START + ID,
            START + WITHDRAWN,
            START + CLOSED,
        ]
        assert one.metadata["publisher"] == ["Astana Civil Service Hub"]
        assert names[:2] == ["By institution", "Astana Civil Service Hub"]
        assert client.identify().protocolVersion == "2.0"
