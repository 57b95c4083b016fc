"""What may be written about people and institutions: pure checks, with messages for a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext_lazy as _

from chorsu.kernel.languages import TAGS, by_tag
from chorsu.kernel.text import normalise

INVITATION_LASTS = timedelta(days=14)
NAME_MAX = 200
SHORT_MAX = 60
PERSON_NAME_MAX = 150
EMAIL_MAX = 254
LEARNING_SYSTEM = "lti:"
"""Begins the home of a guest who came by the link of a learning system; no node has such a name."""

_ID = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_check_url = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class InstitutionFields:
    """What may be edited of an institution; names and short names are keyed by language tag."""

    country: str
    website: str
    names: Mapping[str, str]
    shorts: Mapping[str, str]


def clean_fields(fields: InstitutionFields) -> InstitutionFields:
    """The fields as they are stored: normalised, empty names left out.

    Raises ValidationError with a dictionary whose keys are `country`, `website`, `name-<tag>` or
    `short-<tag>`.
    """
    errors: dict[str, ValidationError] = {}
    country = fields.country.strip().upper()
    if not _COUNTRY.fullmatch(country):
        errors["country"] = ValidationError(_("Give the two-letter code of a country, such as KZ."))
    website = fields.website.strip()
    try:
        if website:
            _check_url(website)
    except ValidationError:
        errors["website"] = ValidationError(_("Give an address that starts with https://."))
    names = _clean_names(fields.names, "name", NAME_MAX, errors)
    shorts = _clean_names(fields.shorts, "short", SHORT_MAX, errors)
    for tag in shorts.keys() - names.keys():
        errors[f"name-{tag}"] = ValidationError(_("A short name takes a full name too."))
    if not names and not errors:
        errors[f"name-{TAGS[0]}"] = ValidationError(_("Give the name in one language at least."))
    if errors:
        raise ValidationError(errors)
    return InstitutionFields(country, website, names, shorts)


def _clean_names(
    given: Mapping[str, str], kind: str, longest: int, errors: dict[str, ValidationError]
) -> dict[str, str]:
    kept: dict[str, str] = {}
    for tag, raw in given.items():
        text = " ".join(normalise(raw).split())
        if len(text) > longest:
            errors[f"{kind}-{tag}"] = ValidationError(
                _("Too long: %(given)d characters; %(longest)d fit."),
                params={"given": len(text), "longest": longest},
            )
        elif text:
            kept[by_tag(tag).tag] = text
    return kept


def clean_institution_id(raw: str) -> str:
    """An id of lower-case Latin letters, digits and hyphens; ValidationError under `id`."""
    text = raw.strip()
    if not _ID.fullmatch(text):
        raise ValidationError(
            {"id": _("Use lower-case Latin letters, digits and hyphens, 40 at most.")}
        )
    return text


def clean_email(raw: str) -> str:
    """The address trimmed, its letter case kept; ValidationError under `email`."""
    text = raw.strip()
    try:
        validate_email(text)
    except ValidationError:
        text = ""
    if not text or len(text) > EMAIL_MAX:
        raise ValidationError({"email": _("Give a full address, such as name@academy.example.")})
    return text


def clean_person_name(raw: str) -> str:
    """A person's name on one line; ValidationError under `name`."""
    text = " ".join(normalise(raw).split())
    if not 1 <= len(text) <= PERSON_NAME_MAX:
        raise ValidationError({"name": _("Give a name of up to 150 characters.")})
    return text


def clean_languages(raw: Iterable[str]) -> list[str]:
    """Tags in the given order, each once; ValidationError under `languages` for an unknown one."""
    kept: list[str] = []
    for tag in raw:
        if tag not in TAGS:
            raise ValidationError({"languages": _("One of these is not a working language.")})
        if tag not in kept:
            kept.append(tag)
    return kept
