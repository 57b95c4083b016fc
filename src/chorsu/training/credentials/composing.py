"""From what was taught and who passed to the credential that says so."""

from __future__ import annotations

import calendar
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from chorsu.kernel.ids import new_id
from chorsu.kernel.languages import TAGS
from chorsu.training.credentials.errors import NotIssuable
from chorsu.training.rules.fields import Facts
from chorsu.wire.credential import Competence, Credential, Hours, Signed, Status, sign
from chorsu.wire.credential_code import MAX_CODE, code_chars
from chorsu.wire.credential_file import Texts
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey

MAX_PRINTED_CODE = 2_600
"""Characters of a code that a telephone still reads off a printed page: QR version 31, level L."""
LONG_TEXTS = ("summary", "aims")


@dataclass(frozen=True, slots=True)
class Taught:
    """A course as one cohort had it; `words` are by language tag, then by field."""

    course: str
    revision: int
    language: str
    facts: Facts
    words: Mapping[str, Mapping[str, str]]
    starts_on: date
    ends_on: date
    institution: str
    institution_name: str
    description: str
    competences: Mapping[str, str]  # names by code, in the course's language
    texts: Texts  # the longer ones, kept beside the credential
    texts_hash: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs, and where the status list is served."""

    key: SigningKey
    address: str


@dataclass(frozen=True, slots=True)
class Award:
    """What is one person's own in a certificate; `hours` are those that their ledger counts."""

    holder: str
    document: str
    hours: Hours
    result: Decimal | None
    list_id: str
    index: int
    valid_until: datetime | None
    renewable_by: str = ""
    replaces: str = ""


def texts_of(words: Mapping[str, Mapping[str, str]]) -> Texts:
    """The longer texts kept beside a credential, in every language the course has."""
    found = {
        name: {tag: texts[name] for tag, texts in words.items() if texts.get(name)}
        for name in LONG_TEXTS
    }
    return {name: texts for name, texts in found.items() if texts}


def compose(taught: Taught, award: Award, issuer: Issuer, now: datetime) -> Signed:
    """The signed credential; raises `NotIssuable`.

    Names stand in all languages of the course as long as the code of the whole can be printed;
    else in the original alone: the course's record has the others.
    """
    names = {
        tag: taught.words[tag]["title"] for tag in TAGS if taught.words.get(tag, {}).get("title")
    }
    if taught.language not in names:
        raise NotIssuable("no-title", taught.course)
    if not award.holder.strip():
        raise NotIssuable("no-name", award.document)
    signed = _sign(taught, award, issuer, names, now)
    if code_chars(signed) > MAX_PRINTED_CODE:
        signed = _sign(taught, award, issuer, {taught.language: names[taught.language]}, now)
    if code_chars(signed) > MAX_CODE:
        raise NotIssuable("form", "the code is too long")
    return signed


def valid_until(facts: Facts, now: datetime) -> datetime | None:
    """When a certificate issued now ends: so many months later; None: without end."""
    months = facts["valid_months"]
    return months_later(now, months) if months else None


def months_later(moment: datetime, months: int) -> datetime:
    """The same day and time so many months later; of a shorter month its last day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def document_number(institution: str, year: int, number: int) -> str:
    """`KZ-APA-2026-000123`."""
    return f"{institution.upper()}-{year}-{number:06d}"


def free_positions(count: int, taken: set[int], bits: int) -> list[int]:
    """Positions of a list that nobody has, at random: the next tells nothing of the last."""
    found: set[int] = set()
    while len(found) < count:
        position = secrets.randbelow(bits)
        if position not in taken:
            found.add(position)
    order = sorted(found)
    secrets.SystemRandom().shuffle(order)
    return order


def _sign(
    taught: Taught, award: Award, issuer: Issuer, names: Mapping[str, str], now: datetime
) -> Signed:
    facts = taught.facts
    try:
        credential = Credential(
            id=new_id(),
            node=issuer.key.name,
            institution=taught.institution,
            institution_name=taught.institution_name,
            holder=award.holder,
            subject=str(uuid.uuid4()),
            document=award.document,
            course=taught.course,
            revision=taught.revision,
            language=taught.language,
            names=names,
            description=taught.description,
            hours=award.hours,
            starts_on=taught.starts_on,
            ends_on=taught.ends_on,
            competences=tuple(
                Competence(one["code"], one["level"], taught.competences[one["code"]])
                for one in facts["competences"]
            ),
            result="" if award.result is None else _percent(award.result),
            required=facts["assessment"]["pass_percent"],
            valid_from=now,
            valid_until=award.valid_until,
            status=Status(issuer.address, award.list_id, award.index),
            renewable_by=award.renewable_by,
            replaces=award.replaces,
            texts=taught.texts_hash,
        )
        return sign(credential, issuer.key)
    except WireError as error:
        raise NotIssuable("form", str(error)) from error


def _percent(result: Decimal) -> str:
    """`87.5` of 87.50, `90` of 90.00."""
    text = f"{result:.2f}".rstrip("0").rstrip(".")
    return text or "0"
