"""The printed certificate: its words in two languages, and that its code is read off it again."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime

import pikepdf
import pytest
from django.test import Client
from PIL import Image

from chorsu.exchange import keys
from chorsu.institutions.models import Institution, InstitutionName, Person
from chorsu.institutions.queries import forget_institutions
from chorsu.kernel.languages import TAGS
from chorsu.training.credentials.composing import MAX_PRINTED_CODE
from chorsu.training.documents import scanning, scans
from chorsu.training.models import Certificate, Cohort
from chorsu.training.queries import certificates as queries
from chorsu.training.rules.framework import framework
from chorsu.web.certificate_sheet import sheet_of
from chorsu.wire.credential import parse
from chorsu.wire.credential_code import encode_code
from tests.training import passed
from tests.training.certificates_kit import group, issue, officer
from tests.training.pdf_words import words_on
from tests.training.photos import photo, printed
from tests.web.test_certificates import ask
from tests.web.test_verifying import headline

pytestmark = pytest.mark.django_db
__all__ = ["group", "officer"]

LONG_HOLDER = "Абдурахмонзода Муҳаммадҷон Абдураҳмонович-Дудоусенге Нурмагамбетова"
LONG_ACADEMY = (
    "Академия государственного управления при Президенте Кыргызской Республики имени Жусупа "
    "Абдрахманова"
)
# The heading, what it certifies, hours, how long it counts, a competence, and the 24 November.
WORDS = {
    "zh-Hans": ("证书", "兹证明", "学时", "有效期至", "设计面向居民的服务", "2026年11月24日"),
    "kk": ("Сертификат", "мына курсты аяқтады", "Академиялық сағат", "Жарамдылық мерзімі",
           "Азаматқа қолайлы қызметті жобалау", "24 қараша"),
    "ky": ("Сертификат", "төмөнкү курсту аяктады", "Академиялык саат", "Жарактуулук мөөнөтү",
           "Жаранга ыңгайлуу кызматты долбоорлоо", "24-ноябрь"),
    "uz": ("Sertifikat", "quyidagi kursni tugatgan", "Akademik soat", "Amal qilish muddati",
           "Fuqaroga qulay xizmatni loyihalash", "24-noyabr"),
    "tg": ("Сертификат", "курси зеринро хатм намуд", "Соатҳои академӣ", "Мӯҳлати эътибор",
           "Тарҳрезии хизматрасонии ба шаҳрванд қулай", "24 ноябр"),
    "tk": ("Sertifikat", "şu kursy tamamlady", "Akademiki sagat", "Güýjünde bolýan möhleti",
           "Raýata amatly hyzmaty taslamak", "24 noýabr"),
    "ru": ("Сертификат", "завершил(а) обучение по курсу", "Академические часы",
           "Действителен до", "Проектирование услуги, удобной гражданину", "24 ноября"),
    "en": ("Certificate", "has completed the course", "Academic hours", "Valid until",
           "Designing services around the citizen", "24 November"),
}  # fmt: skip


@pytest.fixture
def issued(group: Cohort, officer: Person, now: datetime) -> Certificate:
    return issue(passed.learner(group, now), officer, now)


def code_of(row: Certificate) -> bytes:
    return encode_code(parse(row.compact.encode())).encode()


def sheet(row: Certificate, dots: int = 300) -> Image.Image:
    """The certificate on paper, in Kazakh and Chinese."""
    view = queries.view_of(row)
    return printed(sheet_of(view, "kk", "zh-Hans", keys.signing_key().verify_key), dots)


# The words


@pytest.mark.parametrize("tag", TAGS)
def test_each_side_is_in_its_language(
    client: Client, issued: Certificate, academy: Institution, tag: str
) -> None:
    other = "tk" if tag != "tk" else "kk"
    for language in (tag, other):
        InstitutionName.objects.update_or_create(
            institution=academy, language=language, defaults={"name": f"Academy {language}"}
        )
    forget_institutions()
    client.force_login(issued.enrolment.person)
    for pair in ((tag, other), (other, tag)):
        asked = dict(zip(("first", "second"), pair, strict=True))
        pdf = client.get(f"/en/certificates/{issued.pk}/pdf/", asked).content
        said = words_on(pdf)
        wanted = [*WORDS[tag], *WORDS[other], issued.holder, issued.number, f"Academy {tag}"]
        wanted += [passed.TITLES.get(one, passed.TITLES["ru"]) for one in pair]
        assert [one for one in wanted if "".join(one.split()) not in said] == []
        # The first of the two stands on the left, which is drawn first.
        places = [said.index("".join(f"Academy {one}".split())) for one in pair]
        assert places == sorted(places)
        unasked = {one[1] for key, one in WORDS.items() if key not in pair}
        assert [one for one in unasked if "".join(one.split()) in said] == []


@pytest.mark.parametrize("count", [1, 3, 6, 10])
def test_it_is_one_sheet_however_much_there_is_to_say(
    client: Client, academy: Institution, officer: Person, now: datetime, count: int
) -> None:
    """In the two longest languages, with a long holder, renewable, by an academy of long name."""
    codes = list(framework().competences)[:count]
    facts = {"competences": [{"code": one, "level": 4} for one in codes]}
    course = passed.course(academy, now, **facts)
    learner = passed.learner(passed.cohort(academy, now, course), now, name=LONG_HOLDER)
    row = issue(learner, officer, now, renewable_by=str(passed.course(academy, now).pk))
    for language in ("ru", "ky"):
        InstitutionName.objects.update_or_create(
            institution=academy, language=language, defaults={"name": LONG_ACADEMY}
        )
    forget_institutions()
    client.force_login(learner.person)
    asked = {"first": "ky", "second": "ru"}
    pdf = client.get(f"/en/certificates/{row.pk}/pdf/", asked).content
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) == 1
    said = words_on(pdf)
    wanted = [LONG_HOLDER, *(framework().competences[one].name("ru") for one in codes)]
    assert [one for one in wanted if "".join(one.split()) not in said] == []


# Its code, read off paper


@pytest.mark.parametrize(
    "faults",
    [
        {},
        {"turn": 11.0},
        {"slant": 0.15, "quality": 60},
        {"blur": 1.5},
        {"noise": 18.0, "quality": 50},
        {"shade": 0.6},
        {"width": 2800},
        {
            "slant": 0.1, "turn": -5.0, "blur": 1.2, "noise": 10.0, "shade": 0.4, "quality": 60,
        },
    ],
    ids=lambda one: "-".join(one) or "plain",
)  # fmt: skip
def test_a_photo_of_the_paper_is_read(issued: Certificate, faults: dict[str, float]) -> None:
    taken = photo(sheet(issued), **faults)  # type: ignore[arg-type]
    assert scanning.certificate_in(taken) == code_of(issued)


def test_a_photo_of_the_paper_is_genuine_on_the_page(client: Client, issued: Certificate) -> None:
    taken = photo(sheet(issued), slant=0.1, blur=1.0, noise=8.0, quality=70)
    assert headline(ask(client, taken, "IMG_0001.JPG"))[0] == "success"


def test_a_code_as_long_as_may_be_printed_is_read_off_the_paper(
    academy: Institution, officer: Person, now: datetime
) -> None:
    # Words that nothing makes shorter.
    titles = {tag: hashlib.sha512(tag.encode()).hexdigest() for tag in TAGS}
    course = passed.course(academy, now, titles)
    row = issue(passed.learner(passed.cohort(academy, now, course), now), officer, now)
    assert 1_900 < len(code_of(row)) <= MAX_PRINTED_CODE
    taken = photo(sheet(row), slant=0.08, blur=0.8, noise=6.0, quality=80)
    assert scanning.certificate_in(taken) == code_of(row)


# Scans


def scan(picture: Image.Image, how: str) -> bytes:
    """A PDF as scanners write it: JPEG, deflated samples, a palette, fax."""
    out = io.BytesIO()
    if how == "jpeg":
        picture.convert("RGB").save(out, format="PDF", resolution=300)
        return out.getvalue()
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(842, 595))
    shown = _samples(pdf, picture, how)
    shown.Width, shown.Height = picture.size
    shown.Type, shown.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=shown))
    page.Contents = pdf.make_stream(b"q 842 0 0 595 0 0 cm /Im0 Do Q")
    pdf.save(out, compress_streams=how != "plain")
    return out.getvalue()


def _samples(pdf: pikepdf.Pdf, picture: Image.Image, how: str) -> pikepdf.Stream:
    if how in ("flate", "plain"):
        shown = pdf.make_stream(picture.tobytes())
        shown.ColorSpace, shown.BitsPerComponent = pikepdf.Name.DeviceGray, 8
    elif how == "profile":
        shown = pdf.make_stream(picture.convert("RGB").tobytes())
        profile = pdf.make_stream(b"no profile, and as large as it likes" * 1000, N=3)
        shown.ColorSpace = pikepdf.Array([pikepdf.Name.ICCBased, pdf.make_indirect(profile)])
        shown.BitsPerComponent = 8
    elif how == "palette":
        shown = pdf.make_stream(picture.point(lambda one: one > 127 and 1).tobytes())
        palette = pdf.make_indirect(pdf.make_stream(b"\x10\x20\x3a\xff\xff\xff"))
        shown.ColorSpace = pikepdf.Array([pikepdf.Name.Indexed, pikepdf.Name.DeviceRGB, 1, palette])
        shown.BitsPerComponent = 8
    else:
        shown = pdf.make_stream(_fax(picture))
        shown.Filter = pikepdf.Name.CCITTFaxDecode
        shown.DecodeParms = pikepdf.Dictionary(K=-1, Columns=picture.width, Rows=picture.height)
        shown.ColorSpace, shown.BitsPerComponent = pikepdf.Name.DeviceGray, 1
    return shown


def _fax(picture: Image.Image) -> bytes:
    """The picture in black and white as CCITT group 4, taken out of the TIFF that carries it."""
    out = io.BytesIO()
    # All in one strip.
    black = picture.point(lambda one: one > 127 and 255).convert("1")
    black.save(out, format="TIFF", compression="group4", tiffinfo={278: picture.height})
    with Image.open(io.BytesIO(out.getvalue())) as tiff:
        [start], [length] = tiff.tag_v2[273], tiff.tag_v2[279]  # type: ignore[attr-defined]
    return out.getvalue()[start : start + length]


@pytest.mark.parametrize("how", ["jpeg", "flate", "plain", "profile", "palette", "fax"])
def test_a_scan_of_the_paper_is_read_however_it_is_packed(issued: Certificate, how: str) -> None:
    assert scanning.certificate_in(scan(sheet(issued, 200), how)) == code_of(issued)


def test_a_scan_that_says_less_than_it_unfolds_to_is_not_unfolded(issued: Certificate) -> None:
    pdf = pikepdf.open(io.BytesIO(scan(sheet(issued, 200), "flate")))
    [shown] = pdf.pages[0].get_images().values()
    shown.write(bytes(scans.MAX_UNPACKED + 1))
    out = io.BytesIO()
    pdf.save(out, compress_streams=True)
    assert len(out.getvalue()) < 1 << 20
    with pytest.raises(scanning.NoCodeFound):
        scanning.certificate_in(out.getvalue())


@pytest.mark.parametrize(
    ("start", "form"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00", "AVIF"),
        (b"II*\x00\x08\x00\x00\x00", "TIFF"),
        (b"GIF89a", "GIF"),
    ],
)
def test_a_picture_of_a_form_that_is_not_read_is_named_in_the_readers_language(
    client: Client, start: bytes, form: str
) -> None:
    data = start + bytes(3 << 20)
    html = ask(client, data, "IMG_0002.HEIC")
    assert headline(html) == ("warning", f"Pictures of the form {form} are not read here.")
    assert "Save the picture as JPEG or PNG" in html
    kazakh = headline(ask(client, data, "IMG_0002.HEIC", "kk"))[1]
    assert form in kazakh
    assert "not read" not in kazakh
