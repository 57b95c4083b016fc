"""The form of a unit's page: what a learner reads, and what its kind needs besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from chorsu.records.shapes import FileView
from chorsu.training.rules.fields import OUTSIDE_KINDS, ROW_WORDS, Unit
from chorsu.web.course_editor.choices import Options
from chorsu.web.course_editor.controls import (
    choice_control,
    line_control,
    number_control,
    radio_control,
    tick_control,
    ticks_control,
    words_control,
)
from chorsu.web.course_editor.labels import HANDED_IN, QUESTION_KINDS, REVIEWS, name_of
from chorsu.web.drafting.controls import Choices, Typed, language_choices
from chorsu.web.drafting.files import add_file_controls
from chorsu.web.drafting.forms import RecordForm
from chorsu.web.drafting.merging import Copy
from chorsu.web.drafting.rows import Row, posted_rows, with_blank
from chorsu.web.lab_names import lab_choices

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "draws": ("competence", "count"),
    "variants": ("sha256",),
    "captions": ("language", "sha256"),
    "rubrics": ("criterion", "points", "levels"),
    "questions": ("text", "kind", "choices"),
}
# Kind of unit -> its groups of rows.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "quiz": ("draws",),
    "video": ("variants", "captions"),
    "assignment": ("rubrics",),
    "survey": ("questions",),
}
_QUIZ = ("minutes", "attempts")
_WEIGHED = ("quiz", "assignment", *OUTSIDE_KINDS)


class UnitForm(RecordForm):
    """A unit's part of a draft. The names of its words stand for `units.<key>.<name>`.

    `weight`: what a lab or a tool counts that states none; saved as it is, it still states none.
    """

    def __init__(
        self,
        *,
        unit: Unit,
        weight: int,
        language: str,
        attached: Sequence[FileView],
        options: Options,
        data: QueryDict | None = None,
    ) -> None:
        super().__init__(language=language, columns=COLUMNS, name_of=name_of, data=data)
        self.unit, self.key, self.kind = unit, unit["key"], unit["kind"]
        self.weight, self.states_weight = weight, "weight" in unit
        self.attached = attached
        self.options = options
        self.groups = GROUPS.get(self.kind, ())
        self._add_controls(unit)
        if data is not None:
            for group in self.groups:
                self.add_rows(group, posted_rows(group, COLUMNS[group], self.flat()))

    @property
    def practice(self) -> str:
        """The id of the practice that is chosen; empty: none."""
        return self.text("practice") if self.is_bound else str(self.initial.get("practice") or "")

    def fill(self, part: Copy) -> None:
        """Show a part as it was typed."""
        facts, words = cast("Unit", part.facts), part.words
        for name in ROW_WORDS["units"]:
            self.initial[name] = words.get(f"units.{self.key}.{name}", "")
        for name in ("minutes", "practice", "tool", "lab"):
            self.initial[name] = part.facts[name]
        if self.kind in OUTSIDE_KINDS:
            self.initial["weight"] = part.facts.get("weight", self.weight)
        rows = _FILL[self.kind](self, facts, words) if self.kind in _FILL else {}
        for group in self.groups:
            found = [
                Row(group, number, key or str(number), cells)
                for number, (key, cells) in enumerate(rows.get(group, []))
            ]
            self.add_rows(group, with_blank(group, COLUMNS[group], found))

    def copy(self) -> Copy:
        """What was posted, in the shape of the rules, unjudged."""
        words = {f"units.{self.key}.{name}": self.text(name) for name in ROW_WORDS["units"]}
        facts: dict[str, object] = {
            "kind": self.kind,
            "minutes": self._number("minutes"),
            "practice": self.text("practice"),
            "quiz": self._quiz() if self.kind == "quiz" else None,
            "video": self._video() if self.kind == "video" else None,
            "assignment": self._assignment() if self.kind == "assignment" else None,
            "survey": [
                {"key": row.key, "kind": row.cells["kind"]} for row in self.counted("questions")
            ]
            if self.kind == "survey"
            else None,
            "tool": self.text("tool").strip(),
            "lab": self.text("lab").strip(),
        }
        weight = self._number("weight")
        if self.kind in OUTSIDE_KINDS and (self.states_weight or weight != str(self.weight)):
            facts["weight"] = weight
        if self.kind == "tool" and facts["tool"] == self.unit["tool"]:
            # They belong to the address that the tool gave along with them.
            facts |= {name: self.unit[name] for name in ("custom", "points") if name in self.unit}
        for group in ("rubrics", "questions"):
            for row in self.counted(group):
                words |= {f"{group}.{row.key}.{name}": row.cells[name] for name in ROW_WORDS[group]}
        return Copy(words, facts, {})

    def cell(self, group: str, column: str) -> forms.Field:
        """The control of a cell."""
        path = f"{group}.{column}"
        if column == "competence":
            return choice_control(path, self.options.drawn)
        if column in ("count", "points"):
            return number_control(path)
        if column == "language":
            return choice_control(path, language_choices())
        if column == "sha256":
            kind = "text/vtt" if group == "captions" else "video/"
            return choice_control(path, self._files_of(kind))
        if path == "questions.kind":
            kinds = [(code, str(name)) for code, name in QUESTION_KINDS.items()]
            return choice_control(path, kinds)
        tall = 2 if column in ("levels", "choices") else 0
        return words_control(f"{group}.key.{column}", self.language, tall=tall)

    def control_of(self, path: str) -> str:
        """The name of the control of a path as the rules name it in a whole course."""
        parts = path.split(".")
        if parts[0] == "units" and len(parts) == 3:
            return parts[2]
        if parts[0] == "modules" and len(parts) > 4:
            return self._control_inside(parts[4:])
        return super().control_of(path)

    def _control_inside(self, parts: list[str]) -> str:
        path = ".".join(parts)
        if parts[-1] == "weight":
            return "weight"
        inner = parts[1:] if parts[0] in ("quiz", "video", "assignment") else parts
        group = {"survey": "questions", "rubric": "rubrics"}.get(inner[0], inner[0])
        if group == "variants" and len(inner) == 2:
            inner.append("sha256")
        if group in self.groups and len(inner) == 3:
            return super().control_of(".".join([group, *inner[1:]]))
        return path

    def _add_controls(self, unit: Unit) -> None:
        for name in ROW_WORDS["units"]:
            tall = 14 if (name, self.kind) == ("body", "reading") else 0
            self.fields[name] = words_control(f"units.{self.key}.{name}", self.language, tall=tall)
        self.fields["minutes"] = number_control("units.minutes")
        self.fields["practice"] = Typed(required=False, widget=forms.HiddenInput())
        if self.kind == "quiz":
            for name in _QUIZ:
                self.fields[f"quiz.{name}"] = number_control(f"quiz.{name}")
            self.fields["quiz.shuffle"] = tick_control("quiz.shuffle")
            reviews = [(code, str(name)) for code, name in REVIEWS.items()]
            self.fields["quiz.review"] = radio_control("quiz.review", reviews)
        if self.kind == "assignment":
            handed = [(code, str(name)) for code, name in HANDED_IN.items()]
            self.fields["assignment.forms"] = ticks_control(
                "assignment.forms", handed, required=True
            )
            self.fields["assignment.second_marker"] = tick_control("assignment.second_marker")
        if self.kind in _WEIGHED:
            self.fields["weight"] = number_control("weight")
        if self.kind == "tool":
            self.fields["tool"] = line_control("tool", inputmode="url")
        if self.kind == "lab":
            self.fields["lab"] = choice_control("lab", lab_choices(unit["lab"]))
        kinds = _("Pictures, films (MP4), captions (WebVTT), PDF, office documents.")
        add_file_controls(self, [], kinds)

    def _quiz(self) -> dict[str, object]:
        return {
            "draws": [
                {"competence": row.cells["competence"], "count": row.cells["count"] or "0"}
                for row in self.counted("draws")
            ],
            **{name: self._number(f"quiz.{name}") for name in _QUIZ},
            "shuffle": self._is_ticked("quiz.shuffle"),
            "review": self.text("quiz.review"),
            "weight": self._number("weight"),
        }

    def _video(self) -> dict[str, object]:
        sizes = {file.sha256: file.size for file in self.attached}
        chosen = {row.cells["sha256"] for row in self.counted("variants")} & sizes.keys()
        return {
            # The smallest first: a learner on a poor line gets it.
            "variants": sorted(chosen, key=lambda sha256: (sizes[sha256], sha256)),
            "captions": [dict(row.cells) for row in self.counted("captions")],
        }

    def _assignment(self) -> dict[str, object]:
        return {
            "forms": self.ticked("assignment.forms"),
            "rubric": [
                {"key": row.key, "points": row.cells["points"] or "0"}
                for row in self.counted("rubrics")
            ],
            "second_marker": self._is_ticked("assignment.second_marker"),
            "weight": self._number("weight"),
        }

    def counted(self, group: str) -> list[Row]:
        """As in every form; the kind of a question is always chosen, also of a blank row."""
        if group == "questions":
            return [row for row in self.rows(group) if row.cells["text"].strip()]
        return super().counted(group)

    def _files_of(self, kind: str) -> Choices:
        files = [file for file in self.attached if file.media_type.startswith(kind)]
        return [("", _("Choose")), *((file.sha256, file.name) for file in files)]

    def _is_ticked(self, name: str) -> bool:
        return self.text(name) in ("on", "True")

    def _number(self, name: str) -> str:
        return self.text(name).strip() or "0"


_Rows = dict[str, list[tuple[str, dict[str, str]]]]


def _fill_quiz(form: UnitForm, unit: Unit, _words: Mapping[str, str]) -> _Rows:
    quiz = unit["quiz"]
    if quiz is None:
        return {}
    form.initial.update({f"quiz.{name}": quiz[name] for name in (*_QUIZ, "shuffle", "review")})  # type: ignore[literal-required]
    form.initial["weight"] = quiz["weight"]
    draws = [{"competence": row["competence"], "count": str(row["count"])} for row in quiz["draws"]]
    return {"draws": [("", cells) for cells in draws]}


def _fill_video(_form: UnitForm, unit: Unit, _words: Mapping[str, str]) -> _Rows:
    video = unit["video"]
    if video is None:
        return {}
    return {
        "variants": [("", {"sha256": sha256}) for sha256 in video["variants"]],
        "captions": [
            ("", {"language": one["language"], "sha256": one["sha256"]})
            for one in video["captions"]
        ],
    }


def _fill_assignment(form: UnitForm, unit: Unit, words: Mapping[str, str]) -> _Rows:
    work = unit["assignment"]
    if work is None:
        return {}
    form.initial["assignment.forms"] = work["forms"]
    form.initial["assignment.second_marker"] = work["second_marker"]
    form.initial["weight"] = work["weight"]
    return {
        "rubrics": [
            (row["key"], {"points": str(row["points"]), **_words_of("rubrics", row["key"], words)})
            for row in work["rubric"]
        ]
    }


def _fill_survey(_form: UnitForm, unit: Unit, words: Mapping[str, str]) -> _Rows:
    return {
        "questions": [
            (row["key"], {"kind": row["kind"], **_words_of("questions", row["key"], words)})
            for row in unit["survey"] or []
        ]
    }


def _words_of(group: str, key: str, words: Mapping[str, str]) -> dict[str, str]:
    return {name: words.get(f"{group}.{key}.{name}", "") for name in ROW_WORDS[group]}


_FILL: Mapping[str, Callable[[UnitForm, Unit, Mapping[str, str]], _Rows]] = {
    "quiz": _fill_quiz,
    "video": _fill_video,
    "assignment": _fill_assignment,
    "survey": _fill_survey,
}
