"""Pages of certificates: the holder's, the issuer's, and the page that checks them."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pikepdf
import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from chorsu.exchange import keys
from chorsu.flows import certifying
from chorsu.institutions.models import Institution, Person
from chorsu.training.actions.bringing import bring
from chorsu.training.documents import certificate as sheet
from chorsu.training.documents import scanning
from chorsu.training.models import (
    BroughtCertificate,
    Certificate,
    Cohort,
    Enrolment,
    IssueWork,
    StatusList,
)
from chorsu.training.queries import certificates as queries
from chorsu.wire.credential import MEDIA_TYPE as CREDENTIAL_TYPE
from chorsu.wire.credential import parse
from chorsu.wire.credential_code import encode_code
from chorsu.wire.credential_file import parse_certificate, verify_certificate
from chorsu.wire.saved import MEDIA_TYPE
from tests.training import passed
from tests.web.test_verifying import facts, headline, plain

pytestmark = pytest.mark.django_db
Count = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def officer(academy: Institution) -> Person:
    return passed.officer(academy)


@pytest.fixture
def group(academy: Institution, now: datetime) -> Cohort:
    return passed.cohort(academy, now)


@pytest.fixture
def learner(group: Cohort, now: datetime) -> Enrolment:
    return passed.learner(group, now)


@pytest.fixture
def issued(learner: Enrolment, officer: Person, now: datetime) -> Certificate:
    number = certifying.issue(enrolment_id=learner.pk, renewable_by="", by=officer, now=now)
    return Certificate.objects.get(pk=number)


def test_a_cohort_that_runs_offers_no_certificates_to_issue(
    client: Client, learner: Enrolment, officer: Person
) -> None:
    Cohort.objects.update(state="running")
    client.force_login(officer)
    address = f"/en/certificates/issuing/{learner.cohort_id}/"
    assert "Issue 1 certificate" not in client.get(address).content.decode()
    assert client.post(address, {"renewable": "on"}).status_code == 403


def file_of(row: Certificate, person: Person) -> bytes:
    return certifying.file_of(queries.certificate(row.pk, person))


def ask(client: Client, data: bytes, name: str = "certificate.chorsu", language: str = "en") -> str:
    response = client.post(f"/{language}/verify/", {"file": SimpleUploadedFile(name, data)})
    assert response.status_code == 200
    return response.content.decode()


def picture_of(row: Certificate, *, scale: int = 4, kind: str = "PNG") -> bytes:
    """The code as a photo would show it: small on a larger sheet, grey, turned a little."""
    drawn = io.BytesIO()
    text = encode_code(parse(row.compact.encode()))
    segno.make_qr(text, error="l").save(drawn, kind="png", scale=scale, border=4)
    code = Image.open(drawn).convert("L")
    page = Image.new("L", (code.width * 2, code.height * 2), 235)
    page.paste(code.rotate(7, expand=True, fillcolor=235), (code.width // 3, code.height // 2))
    out = io.BytesIO()
    page.convert("RGB").save(out, format=kind)
    return out.getvalue()


# The holder


def test_my_certificates_are_mine_alone(
    client: Client, issued: Certificate, learner: Enrolment, editor: Person
) -> None:
    client.force_login(learner.person)
    html = client.get("/en/certificates/").content.decode()
    assert passed.TITLES["en"] in html
    assert issued.number in html
    client.force_login(editor)
    assert issued.number not in client.get("/en/certificates/").content.decode()
    assert client.get(f"/en/certificates/{issued.pk}/").status_code == 404
    for what in ("file", "credential", "pdf", "end"):
        assert client.get(f"/en/certificates/{issued.pk}/{what}/").status_code == 404


def test_the_file_proves_itself(
    client: Client, issued: Certificate, learner: Enrolment, now: datetime
) -> None:
    client.force_login(learner.person)
    answer = client.get(f"/en/certificates/{issued.pk}/file/")
    assert answer["Content-Type"] == MEDIA_TYPE
    assert answer["Content-Disposition"] == f'attachment; filename="{issued.number}.chorsu"'
    assert answer["Cache-Control"] == "private, no-store"
    known = [keys.signing_key().verify_key]
    assert verify_certificate(parse_certificate(answer.content), known, now).standing == "genuine"


def test_one_that_came_home_stands_beside_ones_own_and_is_its_holders_alone(
    client: Client, issued: Certificate, learner: Enrolment, officer: Person, now: datetime
) -> None:
    compact = issued.compact.encode()
    bring(
        person=officer, node="bishkek.chorsu.example", signed=parse(compact), file=compact, now=now
    )
    client.force_login(officer)
    page = client.get("/en/certificates/").content.decode()
    assert "From other academies" in page
    assert issued.number in page
    address = f"/en/certificates/brought/{BroughtCertificate.objects.get().pk}/"
    assert address in page
    assert client.get(address).content == compact
    client.force_login(learner.person)
    assert client.get(address).status_code == 404
    assert "From other academies" not in client.get("/en/certificates/").content.decode()


def test_the_bare_credential_is_for_wallets(
    client: Client, issued: Certificate, learner: Enrolment
) -> None:
    client.force_login(learner.person)
    answer = client.get(f"/en/certificates/{issued.pk}/credential/")
    assert (answer["Content-Type"], answer.content) == (CREDENTIAL_TYPE, issued.compact.encode())


def test_the_pdf_is_pdf_a_tagged_and_carries_the_certificate(
    client: Client, issued: Certificate, learner: Enrolment, now: datetime
) -> None:
    client.force_login(learner.person)
    answer = client.get(f"/en/certificates/{issued.pk}/pdf/?first=zh-Hans&second=tk")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert len(pdf.pages) == 1
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.Lang == "zh-CN"
        with pdf.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
    found = scanning.certificate_in(answer.content)
    assert found == file_of(issued, learner.person)
    assert headline(ask(client, answer.content, "certificate.pdf"))[0] == "success"


def test_every_language_can_stand_on_either_side(
    client: Client, issued: Certificate, learner: Enrolment
) -> None:
    client.force_login(learner.person)
    address = f"/en/certificates/{issued.pk}/pdf/"
    for first, second in (("kk", "ru"), ("ky", "uz"), ("tg", "en")):
        assert client.get(address, {"first": first, "second": second}).status_code == 200
    assert client.get(address, {"first": "fr", "second": "en"}).status_code == 404
    assert client.get(address).status_code == 404


def test_a_letter_that_no_font_has_is_an_error_and_no_empty_box(
    client: Client, learner: Enrolment, officer: Person, now: datetime
) -> None:
    learner.person.name = "Айгүл \U00012000"
    learner.person.save()
    number = certifying.issue(enrolment_id=learner.pk, renewable_by="", by=officer, now=now)
    client.force_login(learner.person)
    answer = client.get(f"/en/certificates/{number}/pdf/?first=kk&second=ru")
    assert answer.status_code == 503
    assert "chorsu doctor" in answer.content.decode()


def test_the_code_on_the_sheet_is_the_whole_certificate(issued: Certificate) -> None:
    text = encode_code(parse(issued.compact.encode()))
    assert sheet.qr_svg(text).startswith("<svg")
    assert len(text) < 2_600


# Checking


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_of_the_code_is_enough(client: Client, issued: Certificate, kind: str) -> None:
    html = ask(client, picture_of(issued, kind=kind), f"photo.{kind.lower()}")
    assert headline(html) == (
        "success",
        "Genuine and valid: issued as stated below, unchanged, and not revoked.",
    )
    shown = {label: plain(value).strip() for label, value in facts(html).items()}
    assert shown["Holder"] == "Айгүл Серікқызы Нұрланова"
    assert shown["Institution"] == "Astana Civil Service Hub"
    assert shown["Document number"] == "HUB-ASTANA-2026-000001"
    assert shown["Academic hours"] == "72 (in person 40, live online 12, self-study 20)"
    assert shown["Result"] == "87.5 % (passed from 60 %)"
    assert shown["Valid until"] == "24 November 2029"


def test_a_scan_of_paper_in_a_pdf_is_read(client: Client, issued: Certificate) -> None:
    scanned = io.BytesIO()
    Image.open(io.BytesIO(picture_of(issued, scale=3))).save(scanned, format="PDF")
    assert headline(ask(client, scanned.getvalue(), "scan.pdf"))[0] == "success"


def test_the_text_of_the_code_can_be_pasted(client: Client, issued: Certificate) -> None:
    text = encode_code(parse(issued.compact.encode()))
    answer = client.post("/en/verify/", {"code": f"  {text}\n"})
    assert headline(answer.content.decode())[0] == "success"


def test_a_revoked_one_says_so_and_not_why(
    client: Client, issued: Certificate, officer: Person, now: datetime
) -> None:
    certifying.revoke(
        certificate_id=issued.pk, why="misconduct", reason="Copied.", by=officer, now=now
    )
    html = ask(client, issued.compact.encode())
    assert headline(html) == (
        "error",
        "Revoked: it was issued as stated below and no longer counts.",
    )
    assert "Copied" not in html


def test_a_changed_letter_is_found_and_nothing_of_it_is_shown(
    client: Client, issued: Certificate, learner: Enrolment
) -> None:
    header, payload, signature = issued.compact.split(".")
    other = "A" if signature[5] != "A" else "B"
    changed = ".".join((header, payload, signature[:5] + other + signature[6:]))
    html = ask(client, changed.encode())
    assert headline(html) == ("error", "Not genuine, or damaged.")
    assert "it was changed after it was signed" not in html or "signature" in html
    assert '<code class="code">bad-signature</code>' in html
    assert learner.person.name not in html


def test_a_picture_without_a_code_is_told_how_to_do_better(client: Client) -> None:
    blank = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(blank, format="PNG")
    for data in (blank.getvalue(), blank.getvalue()[:200], b"%PDF-1.7 and no more"):
        html = ask(client, data, "photo.png")
        assert headline(html)[1] == "No certificate's code could be read in it."
        assert "straight from above" in html


def test_what_unfolds_beyond_bounds_is_not_unfolded(issued: Certificate) -> None:
    bomb = pikepdf.new()
    bomb.attachments[scanning.ATTACHMENT] = pikepdf.AttachedFileSpec(bomb, bytes(64 << 20))
    out = io.BytesIO()
    bomb.save(out, compress_streams=True)
    assert len(out.getvalue()) < 1 << 20
    with pytest.raises(scanning.NoCodeFound):
        scanning.certificate_in(out.getvalue())
    wide = io.BytesIO()
    Image.new("1", (10_000, 6_000)).save(wide, format="PNG")
    with pytest.raises(scanning.NoCodeFound):
        scanning.certificate_in(wide.getvalue())


def test_only_pictures_may_be_as_large_as_pictures(client: Client) -> None:
    large = SimpleUploadedFile("practice.chorsu", b"{" + b" " * (3 << 20))
    assert client.post("/en/verify/", {"file": large}).status_code == 413


def test_a_check_leaves_nothing_behind(
    client: Client, issued: Certificate, django_assert_num_queries: Count
) -> None:
    data = issued.compact.encode()
    ask(client, data)
    with django_assert_num_queries(3):
        ask(client, data)


# The issuer


def test_the_issuer_sees_cohorts_and_what_is_due(
    client: Client, issued: Certificate, officer: Person, learner: Enrolment
) -> None:
    client.force_login(officer)
    html = client.get("/en/certificates/issuing/").content.decode()
    assert "Autumn 2026" in html
    assert "All issued" in html
    client.force_login(learner.person)
    assert client.get("/en/certificates/issuing/").status_code == 403


def test_a_cohort_is_issued_from_its_page_and_shows_how_far_it_is(
    client: Client,
    group: Cohort,
    learner: Enrolment,
    officer: Person,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[Any]]],
) -> None:
    client.force_login(officer)
    address = f"/en/certificates/issuing/{group.pk}/"
    assert "Issue 1 certificate" in client.get(address).content.decode()
    with django_capture_on_commit_callbacks() as waiting:
        assert client.post(address, {"renewable": "on"}).status_code == 302
    assert len(waiting) == 1
    html = client.get(address).content.decode()
    assert "Under way" in html
    assert "data-poll" in html
    work = IssueWork.objects.get()
    assert work.renewable_by == group.course_id
    certifying.issue_all(number=work.pk, clock=lambda: work.asked_at)
    html = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "1 / 1" in html
    assert learner.person.name in html
    assert "data-poll" not in html


def test_somebody_elses_cohort_is_refused(client: Client, group: Cohort, editor: Person) -> None:
    client.force_login(editor)
    assert client.get(f"/en/certificates/issuing/{group.pk}/").status_code == 403
    assert client.post(f"/en/certificates/issuing/{group.pk}/").status_code == 403
    assert not IssueWork.objects.exists()


def test_a_certificate_is_revoked_with_a_reason(
    client: Client, issued: Certificate, officer: Person
) -> None:
    client.force_login(officer)
    address = f"/en/certificates/{issued.pk}/end/"
    refused = client.post(address, {"act": "revoke", "why": "error", "reason": ""})
    assert refused.status_code == 400
    assert not any(bytes(StatusList.objects.get().bits))
    answer = client.post(address, {"act": "revoke", "why": "error", "reason": "Two names."})
    assert answer["Location"] == f"/en/certificates/{issued.pk}/"
    html = client.get(answer["Location"]).content.decode()
    assert "Two names." in html
    assert "Print it" not in html
    printed = f"/en/certificates/{issued.pk}/pdf/?first=ru&second=tk"
    assert client.get(printed).status_code == 404
    again = client.post(address, {"act": "revoke", "why": "error", "reason": "x"}, follow=True)
    assert "nothing was changed" in again.content.decode()


def test_a_corrected_one_takes_its_place(
    client: Client, issued: Certificate, learner: Enrolment, officer: Person
) -> None:
    learner.person.name = "Айгүл Ахметова"
    learner.person.save()
    client.force_login(officer)
    asked = {"act": "correct", "why": "name", "reason": "Marriage."}
    answer = client.post(f"/en/certificates/{issued.pk}/end/", asked, follow=True)
    html = answer.content.decode()
    assert "Айгүл Ахметова" in html
    assert "HUB-ASTANA-2026-000001-2" in html
    old = client.get(f"/en/certificates/{issued.pk}/").content.decode()
    assert "The certificate that replaced it" in old


def test_of_one_that_has_expired_the_officer_is_told_why_it_is_not_issued_anew(
    client: Client, issued: Certificate, officer: Person, now: datetime
) -> None:
    Certificate.objects.update(valid_until=now - timedelta(days=9000))
    client.force_login(officer)
    asked = {"act": "correct", "why": "name", "reason": "Marriage."}
    answer = client.post(f"/kk/certificates/{issued.pk}/end/", asked)
    assert answer.status_code == 400
    assert "Мерзімі өтіп кеткен." in answer.content.decode()


def test_lists_do_not_ask_the_database_for_each_certificate(
    client: Client,
    group: Cohort,
    officer: Person,
    now: datetime,
    django_assert_max_num_queries: Count,
) -> None:
    for n in range(12):
        passed.learner(group, now, name=f"Learner {n}")
    number = certifying.ask_all(cohort_id=group.pk, renewable_by="", by=officer, now=now)
    certifying.issue_all(number=number, clock=lambda: now)
    client.force_login(officer)
    for address in ("issuing/", f"issuing/{group.pk}/", ""):
        client.get(f"/en/certificates/{address}")
        with django_assert_max_num_queries(12):
            assert client.get(f"/en/certificates/{address}").status_code == 200


# For verifiers outside


def test_the_node_names_its_keys(client: Client) -> None:
    answer = client.get("/.well-known/did.json")
    document = answer.json()
    assert document["id"] == "did:web:hub.chorsu.example"
    [method] = document["verificationMethod"]
    assert method["id"] == f"did:web:hub.chorsu.example#{keys.signing_key().key_id:08x}"
    assert set(method["publicKeyJwk"]) == {"kty", "crv", "alg", "x"}
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_the_nodes_list_is_served_where_the_credential_says(
    client: Client, issued: Certificate
) -> None:
    status = parse(issued.compact.encode()).credential.members()["credentialStatus"]
    assert isinstance(status, dict)
    address = str(status["statusListCredential"])
    answer = client.get(address.removeprefix("http://localhost:8000"))
    assert (answer.status_code, answer["Content-Type"]) == (200, CREDENTIAL_TYPE)
    assert client.get(f"/credentials/status/{issued.pk}").status_code == 404


def test_the_address_of_a_pdf_is_not_guessed(client: Client, issued: Certificate) -> None:
    query = urlencode({"first": "kk", "second": "ru"})
    answer = client.get(f"/en/certificates/{issued.pk}/pdf/?{query}")
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]
