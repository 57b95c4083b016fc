"""The facts of a course: cleaned strictly, field by field, down to each unit of its outline."""

from __future__ import annotations

from collections.abc import Mapping

from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import has_unwanted
from chorsu.records import themes
from chorsu.records.facts import is_url
from chorsu.records.fields import CODE, SHA256, TRANSLATED_BY_MAX, TRANSLATIONS, InvalidRecord
from chorsu.training.rules.fields import (
    ASSIGNMENT_FORMS,
    LEVELS,
    MAX_COUNT,
    MAX_CUSTOM,
    MAX_CUSTOM_NAME,
    MAX_CUSTOM_VALUE,
    MAX_HOURS,
    MAX_MINUTES,
    MAX_MODULES,
    MAX_MONTHS,
    MAX_ROWS,
    MAX_UNITS,
    OUTSIDE_KINDS,
    QUESTION_KINDS,
    REVIEWS,
    UNIT_KINDS,
    Assessment,
    Assignment,
    Caption,
    Competence,
    Draw,
    Facts,
    Hours,
    Module,
    Quiz,
    RubricRow,
    Source,
    SurveyQuestion,
    TakenText,
    Unit,
    Video,
)
from chorsu.training.rules.framework import framework, positions
from chorsu.training.rules.parts import PartsReader, Row

_FIELDS = frozenset(Facts.__annotations__)


def clean_facts(raw: Mapping[str, object], *, known_codes: bool = True) -> Facts:
    """All facts, cleaned; what `raw` lacks is empty. Numbers may come as digits in text.

    A unit has the member of its kind, begun if it is not there, and no other. With
    `known_codes=False`, codes that this software does not list are kept if well-formed: another
    node may be newer. Raises `InvalidRecord`. Idempotent.
    """
    reader = _Reader(raw, MAX_ROWS, known_codes=known_codes)
    reader.refuse_others(_FIELDS)
    modules = reader.modules()
    facts = Facts(
        themes=reader.codes("themes", lambda code: themes.theme(code) is not None, CODE),
        competences=reader.competences(),
        positions=reader.codes("positions", lambda code: code in positions(), CODE),
        hours=reader.hours(),
        prerequisites=reader.prerequisites(),
        assessment=reader.assessment({unit["key"] for part in modules for unit in part["units"]}),
        valid_months=reader.number(raw, "valid_months", "valid_months", MAX_MONTHS),
        forked_from=reader.source(),
        modules=modules,
        terms=reader.keys("terms"),
    )
    if reader.errors:
        raise InvalidRecord(reader.errors)
    return facts


def _is_parameter(name: object, value: object) -> bool:
    if not isinstance(name, str) or not isinstance(value, str):
        return False
    fits = 0 < len(name) <= MAX_CUSTOM_NAME and len(value) <= MAX_CUSTOM_VALUE
    return fits and not has_unwanted(name + value)


class _Reader(PartsReader):
    """Reads what is particular to courses."""

    def competence(self, row: Row, name: str, path: str) -> str:
        """The code of a competence; empty if it is not there or refused."""
        text = self.text(row, name, path, 40)
        known = not self.known_codes or text in framework().competences
        if text and not (known and CODE.fullmatch(text)):
            self.refuse(path, "unknown", value=text)
            return ""
        return text

    def competences(self) -> list[Competence]:
        """Each competence once, with its level."""
        found: dict[str, Competence] = {}
        for path, row in self.parts(self.raw, "competences", "competences", Competence):
            code = self.competence(row, "code", f"{path}.code")
            level = self.number(row, "level", f"{path}.level", LEVELS[-1], LEVELS[0])
            if code in found:
                self.refuse(f"{path}.code", "duplicate", value=code)
            elif code:
                found[code] = Competence(code=code, level=level)
        return list(found.values())

    def hours(self) -> Hours:
        """Academic hours by form."""
        row = self.part(self.raw, "hours", "hours", Hours)
        in_person, live, self_study = (
            self.number(row, form, f"hours.{form}", MAX_HOURS) for form in Hours.__annotations__
        )
        return Hours(in_person=in_person, live=live, self_study=self_study)

    def prerequisites(self) -> list[str]:
        """Ids of courses, each once."""
        found: list[str] = []
        for path, value in self.listed(self.raw, "prerequisites", "prerequisites"):
            course = self.record_id(value, path)
            if course in found:
                self.refuse(path, "duplicate", value=course)
            elif course:
                found.append(course)
        return found

    def assessment(self, units: set[str]) -> Assessment:
        """What it takes to pass; the units it asks for must be there."""
        row = self.part(self.raw, "assessment", "assessment", Assessment)
        required: list[str] = []
        path = "assessment.required_units"
        for place, key in self.listed(row, "required_units", path, MAX_UNITS):
            if not isinstance(key, str) or key not in units:
                self.refuse(place, "no_such_row", value=str(key)[:40])
            elif key in required:
                self.refuse(place, "duplicate", value=key)
            else:
                required.append(key)
        return Assessment(
            pass_percent=self.number(row, "pass_percent", "assessment.pass_percent", 100),
            attendance_percent=self.number(
                row, "attendance_percent", "assessment.attendance_percent", 100
            ),
            required_units=required,
        )

    def source(self) -> Source | None:
        """The course this one was forked from; None: it was not."""
        row = self.part(self.raw, "forked_from", "forked_from", Source)
        if not row:
            return None
        course = self.record_id(row.get("course"), "forked_from.course")
        if not course:
            self.refuse("forked_from.course", "missing")
        source = Source(
            course=course,
            revision=self.number(row, "revision", "forked_from.revision", 2**31 - 1, 1),
            origin=self.text(row, "origin", "forked_from.origin", 120),
        )
        if row.get("text") is not None:
            source["text"] = self.taken_text(self.part(row, "text", "forked_from.text", TakenText))
        return source

    def taken_text(self, row: Row) -> TakenText:
        """The translation that a fork was begun with."""
        language = self.text(row, "language", "forked_from.text.language", 8)
        if language not in TAGS:
            self.refuse("forked_from.text.language", "unknown", value=language)
        return TakenText(
            language=language,
            provenance=self.one_of(row, "provenance", "forked_from.text.provenance", TRANSLATIONS),
            translated_by=self.text(
                row, "translated_by", "forked_from.text.translated_by", TRANSLATED_BY_MAX
            ),
        )

    def modules(self) -> list[Module]:
        """The outline."""
        found: list[Module] = []
        left = MAX_UNITS
        for path, row in self.parts(self.raw, "modules", "modules", Module, MAX_MODULES):
            units = [
                self.unit(one, place)
                for place, one in self.parts(row, "units", f"{path}.units", Unit, MAX_UNITS)
            ]
            left -= len(units)
            found.append(Module(key=self.key(row, "modules", path), units=units))
        if left < 0:
            self.refuse("modules", "too_many", max=MAX_UNITS)
        return found

    def unit(self, row: Row, path: str) -> Unit:
        """A unit, with the member of its kind and no other."""
        key = self.key(row, "units", path)
        kind = self.one_of(row, "kind", f"{path}.kind", UNIT_KINDS)
        practice = self.record_id(row.get("practice"), f"{path}.practice")
        tool = self.checked(row, "tool", f"{path}.tool", 500, is_url, "not_a_url")
        lab = self.text(row, "lab", f"{path}.lab", 40)
        if lab and CODE.fullmatch(lab) is None:
            self.refuse(f"{path}.lab", "unknown", value=lab)
        member_of = {"practice": "reading"}
        for name in ("quiz", "video", "assignment", "survey", "tool", "lab", "practice"):
            if row.get(name) not in (None, "") and kind != member_of.get(name, name):
                self.refuse(f"{path}.{name}", "unknown", value=kind)
        found = Unit(
            key=key,
            kind=kind,
            minutes=self.number(row, "minutes", f"{path}.minutes", MAX_MINUTES),
            practice=practice,
            quiz=self.quiz(row, f"{path}.quiz") if kind == "quiz" else None,
            video=self.video(row, f"{path}.video") if kind == "video" else None,
            assignment=(
                self.assignment(row, f"{path}.assignment") if kind == "assignment" else None
            ),
            survey=self.survey(row, f"{path}.survey") if kind == "survey" else None,
            tool=tool,
            lab=lab,
        )
        if row.get("weight") not in (None, ""):
            if kind not in OUTSIDE_KINDS:
                self.refuse(f"{path}.weight", "unknown", value=kind)
            found["weight"] = self.number(row, "weight", f"{path}.weight", MAX_COUNT)
        if kind == "tool":
            self.of_tool(row, path, found)
        else:
            for name in ("custom", "points"):
                if row.get(name) not in (None, "", {}):
                    self.refuse(f"{path}.{name}", "unknown", value=kind)
        return found

    def of_tool(self, row: Row, path: str, found: Unit) -> None:
        """What a tool gave along with its address."""
        custom = row.get("custom")
        if custom is None:
            custom = {}
        if not isinstance(custom, Mapping):
            self.refuse(f"{path}.custom", "unknown", value=str(custom)[:40])
        elif len(custom) > MAX_CUSTOM:
            self.refuse(f"{path}.custom", "too_many", max=MAX_CUSTOM)
        elif custom:
            # To the letter: the tool finds its own place by them.
            for name, value in custom.items():
                if not _is_parameter(name, value):
                    self.refuse(f"{path}.custom", "unknown", value=str(name)[:40])
            found["custom"] = {str(name): str(value) for name, value in custom.items()}
        if row.get("points") not in (None, ""):
            found["points"] = self.number(row, "points", f"{path}.points", MAX_COUNT, 1)

    def quiz(self, unit: Row, path: str) -> Quiz:
        """How a quiz is put together."""
        row = self.part(unit, "quiz", path, Quiz)
        return Quiz(
            draws=[
                Draw(
                    competence=self.competence(one, "competence", f"{place}.competence"),
                    count=self.number(one, "count", f"{place}.count", MAX_COUNT, 1),
                )
                for place, one in self.parts(row, "draws", f"{path}.draws", Draw)
            ],
            minutes=self.number(row, "minutes", f"{path}.minutes", MAX_MINUTES),
            attempts=self.number(row, "attempts", f"{path}.attempts", MAX_COUNT),
            shuffle=self.flag(row, "shuffle", f"{path}.shuffle"),
            review=self.one_of(row, "review", f"{path}.review", REVIEWS),
            weight=self.number(row, "weight", f"{path}.weight", MAX_COUNT),
        )

    def video(self, unit: Row, path: str) -> Video:
        """A video with captions, one file a language."""
        row = self.part(unit, "video", path, Video)
        captions: dict[str, Caption] = {}
        for place, one in self.parts(row, "captions", f"{path}.captions", Caption):
            language = self.text(one, "language", f"{place}.language", 8)
            sha256 = self.text(one, "sha256", f"{place}.sha256", 64)
            if language not in TAGS:
                self.refuse(f"{place}.language", "not_a_language")
            elif SHA256.fullmatch(sha256) is None:
                self.refuse(f"{place}.sha256", "unknown", value=sha256[:40])
            elif language in captions:
                self.refuse(f"{place}.language", "duplicate", value=language)
            else:
                captions[language] = Caption(language=language, sha256=sha256)
        return Video(
            variants=self.hashes(row, "variants", f"{path}.variants"),
            captions=list(captions.values()),
        )

    def assignment(self, unit: Row, path: str) -> Assignment:
        """What is handed in, and by what it is marked."""
        row = self.part(unit, "assignment", path, Assignment)
        forms: list[str] = []
        for place, form in self.listed(row, "forms", f"{path}.forms"):
            if not isinstance(form, str) or form not in ASSIGNMENT_FORMS or form in forms:
                self.refuse(place, "unknown", value=str(form)[:40])
            else:
                forms.append(form)
        return Assignment(
            forms=forms,
            rubric=[
                RubricRow(
                    key=self.key(one, "rubrics", place),
                    points=self.number(one, "points", f"{place}.points", MAX_COUNT),
                )
                for place, one in self.parts(row, "rubric", f"{path}.rubric", RubricRow)
            ],
            second_marker=self.flag(row, "second_marker", f"{path}.second_marker"),
            weight=self.number(row, "weight", f"{path}.weight", MAX_COUNT),
        )

    def survey(self, unit: Row, path: str) -> list[SurveyQuestion]:
        """The questions of a survey."""
        return [
            SurveyQuestion(
                key=self.key(one, "questions", place),
                kind=self.one_of(one, "kind", f"{place}.kind", QUESTION_KINDS),
            )
            for place, one in self.parts(unit, "survey", path, SurveyQuestion)
        ]
