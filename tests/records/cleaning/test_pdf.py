"""PDFs go out without the people that their programs wrote into them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from time import monotonic
from zlib import compress

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from chorsu.records.cleaning import CannotClean, Cleaned, cleaned

NAME = "Aigerim Sadykova"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    f'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:ex="urn:ex" ex:checkedBy="{NAME}" '
    'xmlns:a="http://www.aiim.org/pdfa/ns/id/" a:part="2" a:conformance="B">'
    f"<dc:creator><rdf:Seq><rdf:li>{NAME}</rdf:li></rdf:Seq></dc:creator>"
    "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Plan</rdf:li></rdf:Alt></dc:title>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def made(change: Callable[[pikepdf.Pdf], None] = lambda pdf: None, **options: object) -> bytes:
    """A PDF of one page, its objects packed away in object streams."""
    target = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        change(pdf)
        options.setdefault("object_stream_mode", pikepdf.ObjectStreamMode.generate)
        pdf.save(target, **options)  # type: ignore[arg-type]
    return target.getvalue()


def clean(data: bytes) -> Cleaned:
    return cleaned(BytesIO(data), "pdf")


def refusal(data: bytes) -> str:
    with pytest.raises(CannotClean) as caught:
        clean(data)
    return caught.value.code


def every_text(data: bytes) -> str:
    """All strings and streams of a PDF, unpacked."""
    found = []
    with pikepdf.open(BytesIO(data)) as pdf:
        for one in pdf.objects:
            if isinstance(one, pikepdf.Stream):
                found.append(one.read_bytes().decode("utf-8", "replace"))
            found.append(repr(one))
        found.append(repr(pdf.docinfo))
    return "\n".join(found)


def with_names(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Author"] = NAME
    pdf.docinfo["/Manager"] = NAME
    pdf.docinfo["/Title"] = "Plan"
    pdf.Root.Metadata = pdf.make_stream(XMP.encode())
    pdf.Root.PieceInfo = pikepdf.Dictionary(App=pikepdf.Dictionary(Private=NAME))
    remark = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Text,
        Rect=[0, 0, 9, 9],
        T=NAME,
        Contents="Why?",
    )
    field = pikepdf.Dictionary(
        Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, Rect=[0, 0, 9, 9], T="office"
    )
    page, form = pdf.pages[0].obj, pdf.make_indirect(field)
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[form])
    page.Annots = pikepdf.Array([remark, form, pdf.make_indirect(remark)])
    page.Metadata = pdf.make_stream(XMP.encode())


def test_no_place_of_a_pdf_keeps_a_name_though_it_is_packed_away() -> None:
    data = made(with_names)
    assert b"Author" not in data
    assert NAME in every_text(data)
    result = clean(data).file.read()
    assert NAME not in every_text(result)


def test_title_remark_form_field_and_the_mark_of_an_archive_stay() -> None:
    text = every_text(clean(made(with_names)).file.read())
    assert [word in text for word in ("Plan", "Why?", "office", 'part="2"')] == [True] * 4


def test_a_name_left_in_the_title_is_told_for_the_last_look() -> None:
    def titled(pdf: pikepdf.Pdf) -> None:
        pdf.docinfo["/Title"] = f"Plan of {NAME}"

    assert clean(made(titled)).told == f"Plan of {NAME}"


def test_an_older_state_left_in_the_file_goes() -> None:
    def named(pdf: pikepdf.Pdf) -> None:
        pdf.docinfo["/Author"] = NAME

    data = made(named, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    start = data.rindex(b"startxref")
    before = data[start:].split()[1].decode()
    info = data.index(NAME.encode())
    number = data.rindex(b" 0 obj", 0, info)
    number = int(data[data.rindex(b"\n", 0, number) + 1 : number])
    at = len(data)
    later = f"{number} 0 obj\n<< /Title (Plan) >>\nendobj\n".encode()
    trailer = f"/Root 1 0 R /Info {number} 0 R /Prev {before} /Size {number + 9}"
    data += (
        later
        + (
            f"xref\n{number} 1\n{at:010} 00000 n \ntrailer\n<< {trailer} >>\n"
            f"startxref\n{at + len(later)}\n%%EOF\n"
        ).encode()
    )
    assert NAME.encode() in data
    assert NAME.encode() not in clean(data).file.read()


def signed(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    cms = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(b"x")
        .add_signer(certificate, key, hashes.SHA256())
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature])
    )

    def with_signature(pdf: pikepdf.Pdf) -> None:
        value = pikepdf.Dictionary(
            Type=pikepdf.Name.Sig, ByteRange=[0, 1, 2, 3], Contents=cms + bytes(200)
        )
        pdf.Root.AcroForm = pikepdf.Dictionary(
            Fields=[pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="s", V=pdf.make_indirect(value))]
        )

    return made(with_signature)


def test_a_signed_pdf_stays_byte_for_byte_and_tells_its_signer() -> None:
    data = signed(NAME)
    result = clean(data)
    assert (result.signed, result.file.read(), NAME in result.told.splitlines()) == (
        True,
        data,
        True,
    )


def test_a_locked_pdf_is_told_as_such_even_if_it_opens_without_a_password() -> None:
    for user in ("secret", ""):
        data = made(encryption=pikepdf.Encryption(owner="owner", user=user))
        assert refusal(data) == "file_locked"


def test_a_pdf_that_carries_a_file_is_refused() -> None:
    def carrying(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["people.txt"] = NAME.encode()

    assert refusal(made(carrying)) == "file_inside"


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing here", b"%PDF-", made()[:200]])
def test_what_is_no_pdf_within_is_refused(data: bytes) -> None:
    assert refusal(data) == "file_unreadable"


def test_a_pdf_made_to_fill_the_memory_is_refused_in_time() -> None:
    # An object stream of zeros, packed twice: 4 GB in a few kilobytes.
    packed = compress(compress(bytes(1_000_000_000), 9) * 4, 9)
    body = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    objects = len(body)
    body += (
        b"4 0 obj\n<</Type/ObjStm/N 2/First 20/Filter[/FlateDecode/FlateDecode]/Length %d>>\n"
        b"stream\n" % len(packed)
    )
    body += packed + b"\nendstream\nendobj\n"
    table = len(body)
    rows = b"".join((
        b"\0" + bytes(4) + b"\0", b"\1" + (9).to_bytes(4) + b"\0", b"\2" + (4).to_bytes(4) + b"\0",
        b"\2" + (4).to_bytes(4) + b"\1", b"\1" + objects.to_bytes(4) + b"\0",
        b"\1" + table.to_bytes(4) + b"\0",
    ))  # fmt: skip
    body += b"5 0 obj\n<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>\nstream\n" % len(rows)
    body += rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % table
    assert len(body) < 100_000
    before = monotonic()
    assert refusal(body) == "file_unreadable"
    assert monotonic() - before < 60


def test_one_pdf_gives_the_same_bytes_each_time() -> None:
    data = made(with_names)
    assert clean(data).file.read() == clean(data).file.read()
