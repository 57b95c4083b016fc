"""PDFs: who wrote one stands in its Info, in XMP, on remarks, and in older states of the file.

Keys by ISO 32000-2. A PDF is always written anew, so that older states, which an incremental save
leaves in the file, are gone; one that is signed is only looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pikepdf
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from lxml import etree

from chorsu.records.cleaning.answers import Answer, Refused, answer

MAX_OBJECTS = 1_000_000
# Properties that say what the document is, not whose; all others go.
_INFO = frozenset(
    ("/Title", "/Subject", "/Keywords", "/Creator", "/Producer", "/CreationDate", "/ModDate")
) | {"/Trapped", "/GTS_PDFXVersion"}
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_MM = "{http://ns.adobe.com/xap/1.0/mm/}"
_PDF = "{http://ns.adobe.com/pdf/1.3/}"
_KEPT_XMP = frozenset(
    (
        *(_DC + name for name in ("title", "description", "subject", "language", "format")),
        *(_XMP + name for name in ("CreateDate", "ModifyDate", "MetadataDate", "CreatorTool")),
        *(_MM + name for name in ("DocumentID", "InstanceID", "VersionID")),
        *(_PDF + name for name in ("Producer", "Keywords", "PDFVersion", "Trapped")),
    )
)
# What makes a PDF/A or PDF/UA one; without it an archive would not take it.
_KEPT_SPACES = (
    "{http://www.aiim.org/pdfa/ns/id/}",
    "{http://www.aiim.org/pdfua/ns/id/}",
    "{http://www.aiim.org/pdfa/ns/extension/}",
)
_SPOKEN = ("/Title", "/Subject", "/Keywords")


def clean(source: Path, target: Path) -> Answer:
    """Write `source` anew without names; a signed one only tells them. Raises `Refused`."""
    try:
        with pikepdf.open(source, suppress_warnings=True) as pdf:
            return _cleaned(pdf, target)
    except pikepdf.PasswordError:
        raise Refused("file_locked") from None
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, OSError):
        raise Refused("file_unreadable") from None


def _cleaned(pdf: pikepdf.Pdf, target: Path) -> Answer:
    if pdf.is_encrypted:
        raise Refused("file_locked")
    if len(pdf.objects) > MAX_OBJECTS or not len(pdf.pages):
        raise Refused("file_unreadable")
    things = list(_dictionaries(pdf))
    if any("/EF" in one or one.get("/Subtype") == "/FileAttachment" for one in things):
        raise Refused("file_inside")
    signatures = [one for one in things if "/ByteRange" in one and "/Contents" in one]
    if signatures:
        told = _info_texts(pdf, all_of_it=True) + [name for _, name in _remarks(things)]
        told += [text for one in signatures for text in _signer(one)]
        told += [text for one in things for text in _xmp_texts(one)]
        return answer(signed=True, told=told)
    for one, _ in _remarks(things):
        del one["/T"]
    for one in things:
        _bare(one, is_catalog="/Pages" in one)
    _bare_info(pdf)
    told = _info_texts(pdf, all_of_it=False) + _xmp_texts(pdf.Root)
    pdf.save(target, deterministic_id=True, linearize=pdf.is_linearized)
    return answer(told=told)


def _bare_info(pdf: pikepdf.Pdf) -> None:
    if "/Info" in pdf.trailer:
        for key in [str(key) for key in pdf.docinfo if key not in _INFO]:
            del pdf.docinfo[key]
        if not len(pdf.docinfo):
            del pdf.trailer["/Info"]
    # Made of the first file's path and properties; a new one is made of the new bytes.
    if "/ID" in pdf.trailer:
        del pdf.trailer["/ID"]


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every dictionary and stream of the file; annotations written right into a page too."""
    for one in pdf.objects:
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one
            annotations = one.get("/Annots")
            if isinstance(annotations, pikepdf.Array):
                for inner in annotations:
                    if isinstance(inner, pikepdf.Dictionary) and not inner.is_indirect:
                        yield inner


def _remarks(things: list[pikepdf.Object]) -> Iterator[tuple[pikepdf.Object, str]]:
    """Annotations whose /T is a name: of form fields (/FT, Widget) it is the field's."""
    for one in things:
        subtype = one.get("/Subtype")
        is_annotation = isinstance(subtype, pikepdf.Name) and "/Rect" in one
        if is_annotation and subtype != "/Widget" and "/FT" not in one and "/T" in one:
            yield one, str(one["/T"])


def _bare(one: pikepdf.Object, *, is_catalog: bool) -> None:
    """Take off what programs keep for themselves, and what XMP says of people."""
    if "/PieceInfo" in one:
        del one["/PieceInfo"]
    information = one.get("/I")
    if one.get("/Type") == "/Thread" and isinstance(information, pikepdf.Dictionary):
        del one["/I"]
    xmp = one.get("/Metadata")
    if not isinstance(xmp, pikepdf.Stream):
        return
    if is_catalog:
        xmp.write(_kept_xmp(xmp.read_bytes()))
    else:
        del one["/Metadata"]


def _kept_xmp(packet: bytes) -> bytes:
    """The packet with only the properties of `_KEPT_XMP`; an unreadable one is emptied."""
    try:
        root = _parsed(packet)
    except etree.XMLSyntaxError:
        return b""
    for description in root.iter(_RDF + "Description"):
        parent = description.getparent()
        if parent is None or parent.tag != _RDF + "RDF":
            continue
        for child in list(description):
            if not _is_kept(child.tag):
                description.remove(child)
        for name in [name for name in description.attrib if not _is_kept(name)]:
            if not str(name).startswith(_RDF):
                del description.attrib[name]
    whole = etree.tostring(root, encoding="UTF-8")
    return b"".join(
        (
            b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n',
            whole,
            b'\n<?xpacket end="r"?>',
        )
    )


def _is_kept(name: object) -> bool:
    return isinstance(name, str) and (name in _KEPT_XMP or name.startswith(_KEPT_SPACES))


def _xmp_texts(one: pikepdf.Object) -> list[str]:
    xmp = one.get("/Metadata")
    if not isinstance(xmp, pikepdf.Stream):
        return []
    try:
        root = _parsed(xmp.read_bytes())
    except etree.XMLSyntaxError:
        return []
    texts = [str(text) for text in root.itertext() if text.strip()]
    return texts + [str(value) for one in root.iter() for value in one.attrib.values()]


def _parsed(packet: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_pis=True)
    return etree.fromstring(packet.strip(b"\0 \r\n\t"), parser)


def _info_texts(pdf: pikepdf.Pdf, *, all_of_it: bool) -> list[str]:
    if "/Info" not in pdf.trailer:
        return []
    return [
        str(value)
        for key, value in pdf.docinfo.items()
        if (all_of_it or key in _SPOKEN) and isinstance(value, pikepdf.String)
    ]


def _signer(signature: pikepdf.Object) -> list[str]:
    """Whom a signature names, itself and by the certificates in it."""
    told = [str(signature[key]) for key in ("/Name", "/ContactInfo") if key in signature]
    try:
        found = pkcs7.load_der_pkcs7_certificates(_trimmed(bytes(signature["/Contents"])))
    except ValueError:
        return told
    for certificate in found:
        for oid in (NameOID.COMMON_NAME, NameOID.EMAIL_ADDRESS):
            told += [str(one.value) for one in certificate.subject.get_attributes_for_oid(oid)]
    return told


def _trimmed(der: bytes) -> bytes:
    """Without the zeros that fill the room kept for a signature."""
    if len(der) < 2 or der[1] < 0x80:
        return der
    count = der[1] & 0x7F
    return der[: 2 + count + int.from_bytes(der[2 : 2 + count])]
