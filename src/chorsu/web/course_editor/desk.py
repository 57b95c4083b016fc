"""The two pages on which a draft of a course is written: the course, and one unit of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from chorsu.institutions.queries import institution
from chorsu.tools.queries import tools_to_choose_in
from chorsu.training.rules.fields import Unit, units_of
from chorsu.training.rules.outline import placed, weight_of
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.access import signed_in
from chorsu.web.course_editor.bank import in_bank
from chorsu.web.course_editor.choices import options_for
from chorsu.web.course_editor.course_form import CourseForm
from chorsu.web.course_editor.layouts import COURSE_LAYOUT, unit_layout
from chorsu.web.course_editor.moved import moved_on
from chorsu.web.course_editor.outline import step_of, stepped
from chorsu.web.course_editor.parts import course_parts, outline_lines, unit_parts
from chorsu.web.course_editor.practices import practice_choices
from chorsu.web.course_editor.remarks import threads_of
from chorsu.web.course_editor.scopes import RECORD, CourseScope, Mark, Scope, UnitScope, said
from chorsu.web.course_editor.titles import unit_titles
from chorsu.web.course_editor.unit_form import UnitForm
from chorsu.web.course_labels import UNIT_KINDS
from chorsu.web.drafting.forms import RecordForm
from chorsu.web.drafting.merging import Copy, Layout
from chorsu.web.drafting.people import may_discard, may_publish
from chorsu.web.forked import forked_from
from chorsu.web.labels import label
from chorsu.web.locales import page_language
from chorsu.web.viewer import viewer_of

AUTOSAVE = "autosave"


class Desk(Protocol):
    """One of the pages, with the save of the draft that it shows."""

    @property
    def draft(self) -> CourseDraftView:
        """The draft as it is saved."""

    @property
    def scope(self) -> Scope:
        """What the page holds of it."""

    @property
    def layout(self) -> Layout:
        """What of that is taken whole when two saves are put together."""

    @property
    def record(self) -> Mapping[str, str]:
        """What the page says about the draft outside its facts."""

    @property
    def address(self) -> str:
        """Where the page is, and where its form goes."""

    def on(self, draft: CourseDraftView) -> Desk:
        """The same page with another save of the draft."""

    def form(self, data: QueryDict | None = None) -> RecordForm:
        """Its form with what was posted; without, as it is saved."""

    def asked(self, form: RecordForm, action: str) -> tuple[Desk, Copy]:
        """What was typed, and what the pressed button does to it, in the shape of the rules."""

    def page(
        self, request: HttpRequest, form: RecordForm, *, status: int = 200, mark: Mark | None = None
    ) -> HttpResponse:
        """The page; with `mark`, what the form holds was read at that one and is not saved."""


def mark_of(desk: Desk) -> Mark:
    """What a page read now carries."""
    return Mark(desk.draft.version, said(desk.scope.take(desk.draft, desk.record)))


@dataclass(frozen=True, slots=True)
class CourseDesk:
    """A course's page."""

    draft: CourseDraftView
    scope: CourseScope = field(default_factory=CourseScope)

    @property
    def layout(self) -> Layout:
        """Fields of words, facts, the outline with what is said of modules, the glossary."""
        return COURSE_LAYOUT

    @property
    def record(self) -> Mapping[str, str]:
        """Audience, licence and note."""
        return {name: getattr(self.draft, name) for name in RECORD}

    @property
    def address(self) -> str:
        """The page's own."""
        return reverse("course-draft-edit", args=[self.draft.id])

    def on(self, draft: CourseDraftView) -> CourseDesk:
        """The same page with another save of the draft."""
        return CourseDesk(draft)

    def form(self, data: QueryDict | None = None) -> CourseForm:
        """Its form with what was posted; without, as it is saved."""
        form = CourseForm(
            language=self.draft.language,
            modules=self.draft.facts["modules"],
            titles=unit_titles(self.draft),
            attached=self.draft.files,
            options=options_for(self.draft, courses=True),
            data=data,
        )
        if data is None:
            form.fill(self.scope.take(self.draft, self.record))
        return form

    def asked(self, form: RecordForm, action: str) -> tuple[CourseDesk, Copy]:
        """What was typed; a step is taken, and what was named below the outline is made.

        Only a person makes something: a name is seldom whole when the page saves itself.
        """
        assert isinstance(form, CourseForm)  # noqa: S101 - its own form
        if step := step_of(action):
            form.branches = stepped(form.branches, step)
        if action == AUTOSAVE:
            return self, form.copy()
        made, titles = form.make_units(), form.make_module()
        part = form.copy()
        titles |= {f"units.{unit['key']}.title": text for unit, text in made}
        desk = CourseDesk(self.draft, CourseScope(tuple(unit for unit, _text in made)))
        return desk, replace(part, words={**part.words, **titles})

    def page(
        self, request: HttpRequest, form: RecordForm, *, status: int = 200, mark: Mark | None = None
    ) -> HttpResponse:
        """The page; with `mark`, what the form holds was read at that one and is not saved."""
        assert isinstance(form, CourseForm)  # noqa: S101 - its own form
        context = {
            **_frame(request, self, form, mark),
            "parts": course_parts(form, self.draft),
            "modules": outline_lines(form, self.draft),
            "new_module": form["new-module-title"],
            "moved_on": moved_on(self.draft),
            "forked": forked_from(self.draft.facts, viewer_of(request)),
            "threads": threads_of(self.draft),
        }
        return render(request, "course_editor/edit.html", context, status=status)


@dataclass(frozen=True, slots=True)
class UnitDesk:
    """A unit's page."""

    draft: CourseDraftView
    unit: Unit
    find: str = ""

    @property
    def bank(self) -> Mapping[str, int] | None:
        """What a quiz may draw; None for other kinds."""
        return in_bank(self.draft) if self.unit["kind"] == "quiz" else None

    @property
    def scope(self) -> UnitScope:
        """What is inside the unit."""
        return UnitScope(self.unit["key"])

    @property
    def layout(self) -> Layout:
        """Fields of words, and the member of its kind with the words of its rows."""
        return unit_layout(self.unit["key"])

    @property
    def record(self) -> Mapping[str, str]:
        """Nothing: that is the course's page's."""
        return {}

    @property
    def address(self) -> str:
        """The page's own."""
        return reverse("course-draft-unit", args=[self.draft.id, self.unit["key"]])

    def on(self, draft: CourseDraftView) -> UnitDesk:
        """The same page with another save of the draft; as it was if the unit is gone."""
        return replace(self, draft=draft, unit=self.scope.unit(draft) or self.unit)

    def form(self, data: QueryDict | None = None) -> UnitForm:
        """Its form with what was posted; without, as it is saved."""
        form = UnitForm(
            unit=self.unit,
            weight=weight_of(placed(self.draft.facts), self.unit["key"]),
            language=self.draft.language,
            attached=self.draft.files,
            options=options_for(self.draft, bank=self.bank),
            data=data,
        )
        if data is None:
            form.fill(self.scope.take(self.draft, self.record))
        return form

    def asked(self, form: RecordForm, action: str) -> tuple[UnitDesk, Copy]:
        """What was typed."""
        assert isinstance(form, UnitForm)  # noqa: S101 - its own form
        return self, form.copy()

    def page(
        self, request: HttpRequest, form: RecordForm, *, status: int = 200, mark: Mark | None = None
    ) -> HttpResponse:
        """The page; with `mark`, what the form holds was read at that one and is not saved."""
        assert isinstance(form, UnitForm)  # noqa: S101 - its own form
        order = [unit["key"] for unit in units_of(self.draft.facts)]
        place = order.index(self.unit["key"])
        titles = unit_titles(self.draft)
        beside = {
            "before": order[place - 1] if place else "",
            "after": order[place + 1] if place + 1 < len(order) else "",
        }
        context = {
            **_frame(request, self, form, mark),
            "unit": self.unit,
            "threads": threads_of(self.draft, self.unit["key"]),
            "title": titles[self.unit["key"]],
            "kind": label(UNIT_KINDS, self.unit["kind"]),
            "place": place + 1,
            "count": len(order),
            "parts": unit_parts(form),
            "pictures": [file for file in self.draft.files if file.is_image],
            "beside": {way: (key, titles[key]) for way, key in beside.items() if key},
            "find": self.find,
            "tools": tools_to_choose_in() if self.unit["kind"] == "tool" else [],
            "bank": (self.bank or {}).get(""),
            "practices": practice_choices(form.practice, self.find, viewer_of(request))
            if form.kind == "reading"
            else None,
        }
        return render(request, "course_editor/unit.html", context, status=status)


def _frame(
    request: HttpRequest, desk: Desk, form: RecordForm, mark: Mark | None
) -> dict[str, object]:
    draft = desk.draft
    person = signed_in(request)
    return {
        "draft": draft,
        "form": form,
        "language": draft.language,
        "mark": mark or mark_of(desk),
        "is_saved": mark is None,
        "institution": institution(draft.institution_id).name(page_language().tag),
        "may_publish": may_publish(person, draft.institution_id),
        "may_discard": may_discard(draft, person),
    }
