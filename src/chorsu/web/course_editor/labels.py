"""What the fields of a course are called in its editor, and what an author is told about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chorsu.web.course_labels import FORMS
from chorsu.web.drafting.controls import Label, Text
from chorsu.web.labels import FIELDS


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: `blocks` in order, each a field or a group with a template of its own."""

    id: str
    title: Text
    lead: Text
    blocks: tuple[str, ...] = ()


COURSE_SECTIONS: tuple[Section, ...] = (
    Section(
        "what",
        _("The course"),
        _("An official decides by these lines whether the course is the right one."),
        ("title", "summary", "aims", "for_whom", "positions", "themes"),
    ),
    Section(
        "outline",
        _("Outline"),
        _("Modules and their units, in the order in which they are learned."),
        ("modules",),
    ),
    Section(
        "competences-part",
        _("Competences"),
        _("What a learner can do afterwards, and how well."),
        ("competences",),
    ),
    Section(
        "hours",
        _("Hours"),
        _("Academic hours of 45 minutes, as they will stand in the certificate."),
        ("hours.in_person", "hours.live", "hours.self_study"),
    ),
    Section("before", _("What comes before"), "", ("prerequisites", "courses")),
    Section(
        "assessment-part",
        _("Assessment"),
        "",
        (
            "assessment",
            "assessment.pass_percent",
            "assessment.attendance_percent",
            "assessment.required_units",
        ),
    ),
    Section("certificate", _("Certificate"), "", ("recognition", "valid_months")),
    Section(
        "glossary",
        _("Glossary"),
        _("Words that a learner may not know. In the texts each is explained on tap."),
        ("terms",),
    ),
    Section("files-part", _("Files"), _("Figures, films, captions and documents."), ("files",)),
    Section("publishing-part", _("Publishing"), "", ("audience", "licence", "note")),
)

UNIT_SECTIONS: tuple[Section, ...] = (
    Section("learn", _("The unit"), "", ("title", "minutes", "body", "practice")),
    Section(
        "quiz",
        pgettext_lazy("unit", "Quiz"),
        _("Questions come from the course's bank; here stands how many, and by which rules."),
        ("draws", "quiz.minutes", "quiz.attempts", "weight", "quiz.shuffle", "quiz.review"),
    ),
    Section("video", pgettext_lazy("unit", "Video"), "", ("variants", "captions")),
    Section(
        "assignment",
        pgettext_lazy("unit", "Assignment"),
        "",
        ("assignment.forms", "rubrics", "weight", "assignment.second_marker"),
    ),
    Section("survey", pgettext_lazy("unit", "Survey"), "", ("questions",)),
    Section("tool", pgettext_lazy("unit", "External tool"), "", ("tool", "weight")),
    Section("lab", pgettext_lazy("unit", "Lab"), "", ("lab", "weight")),
    Section("points", _("To be remembered"), "", ("key_points",)),
    Section("files-part", _("Files"), _("Figures, films, captions and documents."), ("file",)),
)

LABELS: Mapping[str, Label] = MappingProxyType(
    {
        "title": Label(FIELDS["title"], _("At most 200 characters.")),
        "summary": Label(FIELDS["summary"], _("What is learned and for what, in a few sentences.")),
        "aims": Label(_("Aims"), _("What a learner can do after the course that they could not.")),
        "for_whom": Label(_("For whom"), _("Which officials, with what duties and experience.")),
        "positions": Label(
            _("Position categories"), _("Officials in these positions may be nominated.")
        ),
        "themes": Label(FIELDS["themes"], _("Choose one to three.")),
        "modules": Label(_("Modules")),
        "modules.title": Label(_("Title of the module")),
        "modules.about": Label(_("About the module")),
        "competences": Label(_("Competences")),
        "competences.code": Label(_("Competence")),
        "competences.level": Label(_("Level")),
        "hours": Label(_("Hours")),
        "hours.in_person": Label(FORMS["in_person"]),
        "hours.live": Label(FORMS["live"]),
        "hours.self_study": Label(FORMS["self_study"]),
        "prerequisites": Label(
            _("What one should know before"), _("In words, for the learner who decides.")
        ),
        "courses": Label(
            _("Courses to be passed before"), _("Nominations are checked against them.")
        ),
        "courses.course": Label(_("Course")),
        "assessment": Label(_("How learners are assessed")),
        "assessment.pass_percent": Label(
            _("Result needed (%)"), _("Of all units that count. 0: no result is asked for.")
        ),
        "assessment.attendance_percent": Label(
            _("Attendance needed (%)"), _("0: attendance does not count.")
        ),
        "assessment.required_units": Label(
            _("Units that must be done"), _("Whoever leaves one of these out does not pass.")
        ),
        "recognition": Label(
            _("Recognition"), _("What the certificate counts for, and by which rule.")
        ),
        "valid_months": Label(_("Valid for (months)"), _("0: it does not expire.")),
        "terms": Label(_("Glossary")),
        "terms.name": Label(pgettext_lazy("glossary", "Term")),
        "terms.meaning": Label(_("Meaning")),
        "files": Label(FIELDS["files"]),
        "files.description": Label(_("Description")),
        "audience": Label(
            FIELDS["audience"],
            _("Courses for the network are shown to signed-in members and confirmed nodes only."),
        ),
        "licence": Label(FIELDS["licence"], _("What others may do with the text and the files.")),
        "note": Label(
            _("What changed in this revision"), _("One line for the history, seen by all readers.")
        ),
        "units": Label(_("Units")),
        "units.title": Label(_("Title of the unit")),
        "units.body": Label(pgettext_lazy("unit", "Text")),
        "units.key_points": Label(
            _("Key points"),
            _("One a line. Learners are asked them again later, when they would begin to forget."),
        ),
        "units.kind": Label(_("Kind of unit")),
        "units.minutes": Label(_("Minutes"), _("What a learner needs for it.")),
        "units.practice": Label(
            _("Practice"), _("Shown to learners live from its record, as it stands that day.")
        ),
        "quiz": Label(pgettext_lazy("unit", "Quiz")),
        "quiz.minutes": Label(_("Time limit in minutes"), _("0: no limit.")),
        "quiz.attempts": Label(_("Attempts"), _("0: any number.")),
        "quiz.shuffle": Label(_("Each learner sees questions and options in another order")),
        "quiz.review": Label(_("What a learner sees afterwards")),
        "weight": Label(
            _("Weight in the result"),
            _("Twice the weight counts twice as much. 0: for practice only."),
        ),
        "draws": Label(
            _("Questions from the bank"),
            _("So many questions are drawn at random for each learner."),
        ),
        "draws.competence": Label(_("Competence")),
        "draws.count": Label(_("Number of questions")),
        "video": Label(pgettext_lazy("unit", "Video")),
        "variants": Label(
            _("Video files"),
            _("The same film in one or more sizes. A learner on a poor line gets the smallest."),
        ),
        "variants.sha256": Label(_("File")),
        "captions": Label(
            _("Captions"), _("WebVTT files (.vtt), one a language. Upload them below first.")
        ),
        "captions.language": Label(_("Language")),
        "captions.sha256": Label(_("File")),
        "assignment": Label(pgettext_lazy("unit", "Assignment")),
        "assignment.forms": Label(_("What is handed in")),
        "assignment.second_marker": Label(_("Two people mark each work; their mean counts")),
        "rubrics": Label(
            _("Criteria"), _("Learners see them before they begin, markers give points by them.")
        ),
        "rubrics.criterion": Label(_("Criterion")),
        "rubrics.points": Label(_("Most points")),
        "rubrics.levels": Label(_("What is asked for how many points")),
        "questions": Label(_("Questions"), _("Answers are counted without names.")),
        "questions.text": Label(_("Question")),
        "questions.kind": Label(_("Answer")),
        "questions.choices": Label(_("Choices, one a line")),
        "tool": Label(_("Address of the tool"), _("An address that begins with https://.")),
        "custom": Label(_("Parameters of the tool")),
        "points": Label(_("Most points")),
        "lab": Label(_("Lab")),
    }
)

REVIEWS: Mapping[str, Text] = MappingProxyType(
    {
        "answers": _("The result and the right answers"),
        "score": _("The result only"),
        "none": _("Nothing until the teacher tells"),
    }
)
HANDED_IN: Mapping[str, Text] = MappingProxyType(
    {"text": _("A text typed on the page"), "file": _("A file")}
)
QUESTION_KINDS: Mapping[str, Text] = MappingProxyType(
    {
        "scale": _("From 1 to 5"),
        "choice": _("One of several choices"),
        "text": _("In one's own words"),
    }
)


def name_of(path: str) -> Text:
    """What the field of a path such as `title`, `units.<key>.body` or `modules.0.units.2.minutes`
    is called; the path itself for one that pages do not know.
    """
    parts = [part for part in path.split(".") if not part.isdecimal()]
    if parts[:2] == ["modules", "units"]:
        return _in_unit(parts[2:])
    named = (path, f"{parts[0]}.{parts[-1]}", parts[0])
    return next((LABELS[one].name for one in named if one in LABELS), path)


def _in_unit(parts: list[str]) -> Text:
    last = parts[-1] if parts else "units"
    named = (".".join(parts), ".".join(parts[-2:]), f"units.{last}", last)
    return next((LABELS[one].name for one in named if one in LABELS), LABELS["units"].name)
