"""The protocol's rules: verbs, arguments, errors, and what the repository says of itself."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from lxml import etree

from chorsu.flows.teaching import approve_course_translation, publish_course
from chorsu.institutions.models import Person
from chorsu.kernel.languages import TAGS
from chorsu.records.themes import themes
from chorsu.training.actions import courses
from chorsu.training.wire.courses import PublishedCourse
from chorsu.web.oai import repository
from chorsu.web.oai.whole_record import NAMESPACE, schema
from tests.training.courses.content import RUSSIAN, WORDS, ready_draft
from tests.web.library import ID, publish
from tests.web.oai.asking import DC, LANG, OAI, ask, error, texts

pytestmark = pytest.mark.django_db
NAME = f"oai:hub.chorsu.example:{ID}"
LIST = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
XML = "http://www.w3.org/XML/1998/namespace"


@pytest.mark.parametrize(
    "query", ["", "verb=", "verb=identify", "verb=Identify&verb=Identify", "metadataPrefix=oai_dc"]
)
def test_a_request_needs_one_verb(query: str) -> None:
    assert error(query) == "badVerb"


@pytest.mark.parametrize(
    "query",
    [
        "verb=Identify&metadataPrefix=oai_dc",
        "verb=ListRecords",
        "verb=ListIdentifiers",
        "verb=GetRecord&metadataPrefix=oai_dc",
        f"verb=GetRecord&identifier={NAME}",
        f"verb=GetRecord&identifier={NAME}&metadataPrefix=oai_dc&set=theme",
        "verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc",
        "verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=r/0/1/3/oai_dc///",
        "verb=ListRecords&metadataPrefix=oai%20dc",
        "verb=ListRecords&metadataPrefix=oai_dc&set=theme::x",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-11",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-24T02:08Z",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-24T02:08:43.5Z",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-24T02:08:43%2B05:00",
        "verb=ListRecords&metadataPrefix=oai_dc&until=%D9%A2%D9%A0%D9%A2%D9%A6-11-24",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-24&until=2026-11-24T02:08:43Z",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-25&until=2026-11-24",
        "verb=ListSets&set=theme",
        "verb=Identify&%01=x",
        "verb=ListMetadataFormats&identifier=%00",
        "verb=ListMetadataFormats&identifier=" + "x" * 1001,
    ],
)
def test_arguments_that_are_refused(query: str) -> None:
    assert error(query) == "badArgument"
    # An answer to what was not understood repeats nothing of it.
    assert dict(ask(query)[1].attrib) == {}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        (f"verb=GetRecord&identifier={NAME}&metadataPrefix=marc21", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=planet", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=language:de", "noRecordsMatch"),
        (f"verb=GetRecord&identifier={NAME}&metadataPrefix=oai_dc", "idDoesNotExist"),
        (f"verb=GetRecord&identifier={ID}&metadataPrefix=oai_dc", "idDoesNotExist"),
        (f"verb=GetRecord&identifier={NAME.upper()}&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=oai:hub.chorsu.example:1", "idDoesNotExist"),
        ("verb=ListSets&resumptionToken=1", "badResumptionToken"),
    ],
)
def test_errors_of_what_was_understood(academy: object, query: str, code: str) -> None:
    assert error(query) == code
    assert urlencode(dict(ask(query)[1].attrib), safe=":/") == query


def test_identify(academy: object, now: datetime) -> None:
    publish(now)
    body = ask(verb="Identify")[2]
    told = [(etree.QName(one).localname, one.text) for one in body[:-1]]

    assert told == [
        ("repositoryName", "Астанинский хаб"),
        ("baseURL", f"{settings.NODE_ADDRESS}/oai"),
        ("protocolVersion", "2.0"),
        ("adminEmail", "postmaster@hub.chorsu.example"),
        ("earliestDatestamp", "2026-11-24T09:30:00Z"),
        ("deletedRecord", "persistent"),
        ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
        ("compression", "gzip"),
    ]
    assert [one.text for one in body[-1][0]][:3] == ["oai", "hub.chorsu.example", ":"]


def test_a_node_without_records_identifies_itself(academy: object) -> None:
    answer = ask(verb="Identify")
    assert texts(answer, "earliestDatestamp") == texts(answer, "responseDate")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"mail.sender": "Node <a@b.example>"}, "a@b.example"),
        ({"mail.sender": "a@b.example", "oai.admin_email": "lib@c.example"}, "lib@c.example"),
    ],
)
def test_whom_to_write_to(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], expected: str
) -> None:
    for key, value in values.items():
        monkeypatch.setitem(settings.NODE._values, key, value)
    assert repository.admin_email() == expected


def test_post_asks_as_get_does(academy: object, now: datetime) -> None:
    publish(now)
    client = Client(enforce_csrf_checks=True)
    by_post = client.post(
        "/oai", urlencode(LIST), content_type="application/x-www-form-urlencoded"
    ).content
    assert b"<record>" in by_post
    assert client.put("/oai").status_code == 405


def test_sets_are_named_in_eight_languages(academy: object) -> None:
    answer = ask(verb="ListSets")
    specs = texts(answer, "setSpec")

    assert specs == [
        "institution",
        "institution:hub-astana",
        "theme",
        *(f"theme:{theme.code}" for theme in themes()),
        "language",
        *(f"language:{tag}" for tag in TAGS),
        "kind",
        "kind:practice",
        "kind:course",
    ]
    kazakh = answer.findall(f".//{OAI}set")[specs.index("language:kk")]
    named = {one.get(LANG): one.text for one in kazakh.iter(f"{DC}title")}
    assert (len(named), named["kk"], named["en"]) == (8, "қазақ тілі", "Kazakh")


def test_formats_of_all_and_of_one(academy: object, now: datetime) -> None:
    publish(now)
    for answer in (
        ask(verb="ListMetadataFormats"),
        ask(verb="ListMetadataFormats", identifier=NAME),
    ):
        assert texts(answer, "metadataPrefix") == ["oai_dc", "chorsu"]


def test_dublin_core_has_every_text_with_its_language(academy: object, now: datetime) -> None:
    publish(now)
    answer = ask(verb="GetRecord", identifier=NAME, metadataPrefix="oai_dc")
    found = [
        (etree.QName(one).localname, one.get(LANG), one.text)
        for one in answer.iter(f"{DC}*")
        if etree.QName(one).localname not in ("subject", "description", "coverage", "relation")
    ]

    assert found == [
        ("title", "en", "One window for all papers"),
        ("title", "kk", "Барлық анықтамаға бір терезе"),
        ("title", "ru", "Одно окно для всех справок"),
        ("title", "uz-Latn", "Barcha maʼlumotnomalar uchun bir oyna"),
        ("creator", "en", "Astana Civil Service Hub"),
        ("publisher", "en", "Astana Civil Service Hub"),
        ("date", None, "2026-11-24"),
        ("type", None, "Text"),
        ("identifier", None, f"{settings.NODE_ADDRESS}/en/practices/{ID}/"),
        ("identifier", None, f"urn:uuid:{ID}"),
        *(("language", None, tag) for tag in ("en", "kk", "ru", "uz")),
        ("rights", None, "https://creativecommons.org/licenses/by/4.0/"),
    ]
    subjects = [one.get(LANG) for one in answer.iter(f"{DC}subject")]
    assert [subjects.count(tag) for tag in ("en", "kk", "ru", "uz-Latn")] == [3, 3, 3, 3]
    coverage = [one.text for one in answer.iter(f"{DC}coverage")]
    assert (coverage[0], coverage[-1]) == ("Kazakhstan", "2019/2022")


def test_the_address_of_a_record_does_not_follow_the_harvesters_language(
    academy: object, now: datetime
) -> None:
    publish(now)
    asked = {"verb": "GetRecord", "identifier": NAME, "metadataPrefix": "oai_dc"}
    content = Client(headers={"Accept-Language": "ru"}).get("/oai", asked).content.decode()
    assert f"{settings.NODE_ADDRESS}/en/practices/{ID}/" in content


def test_the_richer_format_fits_the_schema_that_is_served(academy: object, now: datetime) -> None:
    publish(now)
    served = Client().get("/oai/chorsu.xsd").content
    assert served == schema()
    answer = ask(verb="GetRecord", identifier=NAME, metadataPrefix="chorsu")
    practice = answer.find(f".//{{{NAMESPACE}}}practice")
    assert practice is not None
    _schema(served).assertValid(etree.ElementTree(practice))
    words = {
        (held.get(LANG), one.get("field")): one.text
        for held in practice.iter(f"{{{NAMESPACE}}}text")
        for one in held
    }
    assert words["kk", "results"] == "- күту 12 күннен 2 күнге түсті"
    assert not [field for _, field in words if str(field).startswith("contacts.")]
    assert b"office@district.example" not in etree.tostring(answer)


@pytest.fixture
def forked_course(academy: object, editor: Person, now: datetime) -> PublishedCourse:
    """A course in English and Russian that was made from another one."""
    ready = ready_draft(editor, now)
    course = publish_course(draft_id=ready.id, version=ready.version, by=editor, now=now)
    courses.save_translation(
        course_id=course.id, language="ru", version=0, words=RUSSIAN, provenance="human",
        translated_by="", by=editor, now=now,
    )  # fmt: skip
    approve_course_translation(course_id=course.id, language="ru", version=1, by=editor, now=now)
    draft = courses.fork(
        course_id=course.id, institution_id="hub-astana", language="en", by=editor, now=now
    )
    return publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)


def test_a_course_in_dublin_core_says_what_it_is_and_what_it_was_made_from(
    forked_course: PublishedCourse,
) -> None:
    name = f"oai:{settings.NODE_NAME}:{forked_course.id}"
    answer = ask(verb="GetRecord", identifier=name, metadataPrefix="oai_dc")
    told = {
        part: [(one.get(LANG), one.text) for one in answer.iter(f"{DC}{part}")]
        for part in ("title", "type", "identifier", "source", "language", "subject")
    }
    source = forked_course.facts["forked_from"]
    assert source is not None
    assert told["title"] == [("en", WORDS["title"]), ("ru", RUSSIAN["title"])]
    assert told["type"] == [(None, "Text"), (None, "Course")]
    assert told["identifier"] == [
        (None, f"{settings.NODE_ADDRESS}/en/courses/{forked_course.id}/"),
        (None, f"urn:uuid:{forked_course.id}"),
    ]
    assert told["source"] == [(None, f"urn:uuid:{source['course']}")]
    assert told["language"] == [(None, "en"), (None, "ru")]
    assert [language for language, _name in told["subject"]] == ["en", "en", "ru", "ru"]


def test_a_course_in_the_richer_format_has_its_outline_and_not_its_units_words(
    forked_course: PublishedCourse,
) -> None:
    name = f"oai:{settings.NODE_NAME}:{forked_course.id}"
    answer = ask(verb="GetRecord", identifier=name, metadataPrefix="chorsu")
    course = answer.find(f".//{{{NAMESPACE}}}course")
    assert course is not None
    _schema(schema()).assertValid(etree.ElementTree(course))
    units = [dict(one.attrib) for one in course.iter(f"{{{NAMESPACE}}}unit")]
    assert units[0] == {"key": "visit", "kind": "reading", "minutes": "20"}
    fields = {
        one.get("field"): one.text
        for held in course.iter(f"{{{NAMESPACE}}}text")
        if held.get(LANG) == "ru"
        for one in held
    }
    assert fields["units.visit.title"] == RUSSIAN["units.visit.title"]
    assert fields["modules.begin.title"] == RUSSIAN["modules.begin.title"]
    assert fields["aims"] == RUSSIAN["aims"]
    assert not fields.keys() & {"units.visit.body", "units.visit.key_points", "terms.window.name"}


def _schema(content: bytes) -> etree.XMLSchema:
    """Our schema; the one of `xml:lang` that it imports is not fetched but said here."""

    class Resolver(etree.Resolver):
        def resolve(self, url: str, public_id: str, context: object) -> object:
            text = (
                f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{XML}">'
                '<xs:attribute name="lang" type="xs:language"/></xs:schema>'
            )
            return self.resolve_string(text, context) if "xml.xsd" in url else None

    parser = etree.XMLParser()
    parser.resolvers.add(Resolver())
    return etree.XMLSchema(etree.fromstring(content, parser))
