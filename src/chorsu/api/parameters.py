"""What may be asked of the API: strict, so that a mistyped parameter is told and not ignored."""

from __future__ import annotations

from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja import Schema
from ninja.errors import ValidationError
from pydantic import Field

from chorsu.institutions.queries import is_member
from chorsu.kernel.languages import LANGUAGES
from chorsu.records.viewer import Viewer
from chorsu.search.places import PATTERN

Tag = Literal["zh-Hans", "kk", "ky", "uz", "tg", "tk", "ru", "en"]
Level = Literal["national", "regional", "district", "municipal", "village"]
Status = Literal["idea", "pilot", "running", "scaled", "ended"]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Code = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,39}$")]
Year = Annotated[int, Field(ge=1900, le=2200)]
Limit = Annotated[int, Field(ge=1, le=100)]
# A surrogate or a control character is no text.
Text = Annotated[str, Field(max_length=1000)]

_BY_PRIMARY = {language.tag.split("-")[0]: language.tag for language in LANGUAGES}


class Reader(Schema):
    """How the answer is to be worded."""

    language: Tag | None = Field(
        None, description="Language of titles and names; without it, Accept-Language decides"
    )


class PracticeList(Reader):
    """Which practices, and which stretch of the list."""

    theme: Code | None = None
    goal: int | None = Field(None, ge=1, le=17, description="Sustainable Development Goal")
    country: Country | None = None
    institution: Code | None = None
    level: Level | None = None
    status: Status | None = None
    text: Tag | None = Field(None, description="Only practices with a text in this language")
    year: Year | None = Field(None, description="Only practices that ran in this year")
    cursor: str = Field("", max_length=200, description="`next_cursor` of the stretch before")
    limit: Limit = 20


class CourseList(Reader):
    """Which courses, and which stretch of the list."""

    theme: Code | None = None
    country: Country | None = None
    institution: Code | None = None
    competence: Code | None = None
    position: Code | None = Field(None, description="Only courses meant for this category")
    text: Tag | None = Field(None, description="Only courses with a text in this language")
    hours_from: int | None = Field(None, ge=0, le=10_000, description="Academic hours, at least")
    hours_to: int | None = Field(None, ge=0, le=10_000, description="Academic hours, at most")
    cursor: str = Field("", max_length=200, description="`next_cursor` of the stretch before")
    limit: Limit = 20


class Search(Reader):
    """A question and what narrows it; a list parameter may be repeated."""

    q: Text = Field("", description="In any of the eight languages; empty: all, newest first")
    theme: list[Code] = Field([], max_length=20)
    country: list[Country] = Field([], max_length=20)
    institution: list[Code] = Field([], max_length=20)
    level: list[Level] = Field([], max_length=5)
    text: list[Tag] = Field([], max_length=8, description="Languages in which there is a text")
    year: list[Year] = Field(
        [], max_length=20, description="Only practices that ran in one of these years"
    )
    also: list[Literal["course", "foreign"]] = Field(
        [],
        max_length=2,
        description="Besides practices: courses, and, where there is a question, records harvested "
        "from repositories outside the network, which nobody of it has signed",
    )
    cursor: Annotated[str, Field(pattern=PATTERN)] = Field(
        "", description="`next_cursor` of the page before: what came or went since moves nothing"
    )
    limit: Limit = 20


class Suggest(Reader):
    """What was typed so far."""

    q: Text = Field("", description="The beginnings of words, in any language and script")
    limit: Annotated[int, Field(ge=1, le=20)] = 8


class Similar(Reader):
    """How many practices like one."""

    limit: Annotated[int, Field(ge=1, le=20)] = 5


def refuse_others(request: HttpRequest, known: type[Schema]) -> None:
    """Raise ValidationError for a parameter that is not one, or is given twice but is no list."""
    fields = known.model_fields
    errors: list[dict[str, object]] = []
    for name in request.GET:
        if name not in fields:
            errors.append({"loc": ("query", name[:60]), "msg": "There is no such parameter."})
        elif len(request.GET.getlist(name)) > 1 and fields[name].default != []:
            errors.append({"loc": ("query", name), "msg": "May be given once."})
    if errors:
        raise ValidationError(errors)


def viewer_of(request: HttpRequest, language: str | None) -> Viewer:
    """Who asks, and the languages to answer in, best first; the node's closes the list."""
    header = request.headers.get("Accept-Language", "")[:500]
    wanted = [code.split("-")[0] for code, _ in parse_accept_lang_header(header)]
    languages = [_BY_PRIMARY[code] for code in wanted if code in _BY_PRIMARY]
    node = settings.NODE.text("node.language")
    asked = [language] if language else []
    return Viewer(is_member(request.user), tuple(dict.fromkeys([*asked, *languages, node])))
