"""What the codes of questions are called on pages, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from chorsu.web.labels import Labels

TYPES: Labels = {
    "single": gettext_lazy("One right answer"),
    "multiple": gettext_lazy("Several right answers"),
    "matching": gettext_lazy("Matching"),
    "ordering": gettext_lazy("Ordering"),
    "numeric": gettext_lazy("Number"),
    "short_text": gettext_lazy("Short text"),
    "cloze": gettext_lazy("Text with gaps"),
    "essay": gettext_lazy("Essay"),
    "file": gettext_lazy("File to hand in"),
}
STATES: Labels = {
    "complete": pgettext_lazy("language of a question", "Complete"),
    "partial": pgettext_lazy("language of a question", "Incomplete"),
    "stale": pgettext_lazy("language of a question", "Out of date"),
    "": pgettext_lazy("language of a question", "Missing"),
}
DIFFICULTIES: Labels = {
    "0": gettext_lazy("Not said"),
    "1": gettext_lazy("Very easy"),
    "2": gettext_lazy("Easy"),
    "3": pgettext_lazy("difficulty", "Medium"),
    "4": gettext_lazy("Hard"),
    "5": gettext_lazy("Very hard"),
}
SCORINGS: Labels = {
    "each": gettext_lazy("Points for each part that is right"),
    "all": gettext_lazy("Points only if everything is right"),
}
UNIT_RULES: Labels = {
    "none": gettext_lazy("A number without a unit"),
    "optional": gettext_lazy("A unit may be written"),
    "required": gettext_lazy("A unit must be written"),
}
GAP_KINDS: Labels = {
    "choice": gettext_lazy("Choice"),
    "number": gettext_lazy("Number"),
    "text": gettext_lazy("Short text"),
}
WORDS: Labels = {
    "title": gettext_lazy("Name in lists"),
    "stem": gettext_lazy("Question"),
    "feedback": gettext_lazy("Said to everybody afterwards"),
    "feedback_right": gettext_lazy("Said if it is right"),
    "feedback_partly": gettext_lazy("Said if it is partly right"),
    "feedback_wrong": gettext_lazy("Said if it is wrong"),
}
ROW_WORDS: Labels = {
    "options.text": gettext_lazy("Option"),
    "options.feedback": gettext_lazy("Said to who chooses it"),
    "targets.text": gettext_lazy("Belongs with"),
    "numbers.feedback": gettext_lazy("Said to who answers it"),
    "texts.spellings": gettext_lazy("Spellings, one a line"),
    "texts.feedback": gettext_lazy("Said to who answers it"),
    "units.names": gettext_lazy("Names of the unit, one a line"),
    "rubric.criterion": gettext_lazy("Criterion"),
    "rubric.levels": gettext_lazy("Levels, one a line"),
}
GROUPS: Labels = {
    "options": gettext_lazy("Answers to choose from"),
    "order": gettext_lazy("Steps in their right order"),
    "match": gettext_lazy("Pairs"),
    "numbers": gettext_lazy("Right numbers"),
    "texts": gettext_lazy("Right texts"),
    "units": pgettext_lazy("measure", "Units"),
    "rubric": gettext_lazy("Rubric for markers"),
}


def error_sentence(code: str, params: Mapping[str, str | int]) -> str:
    """What is wrong with a field, in words."""
    sentences = {
        "required": _("This is needed."),
        "too_long": _("This is too long: %(max)s characters fit."),
        "too_many": _("There are too many rows: %(max)s fit."),
        "too_few": _("There are too few rows: at least %(min)s are needed."),
        "no_right_answer": _("No answer earns all the points."),
        "gaps": _("The text must name each gap once, as [[1]]."),
        "not_a_decimal": _("This is not a number such as 12.18."),
        "two_ways": _("This can be read as %(whole)s or as %(part)s. Write it without a comma."),
        "not_a_number": _("This is not a whole number."),
        "out_of_range": _("This must be from %(low)s to %(high)s."),
        "unknown": _("This is not one of the choices."),
        "duplicate": _("This occurs twice."),
        "picture_words": _(
            "Say between the square brackets what the picture shows, for those who cannot see it."
        ),
        "no_such_picture": _("There is no picture of this name here: %(value)s"),
        "personal_email": _("This holds the e-mail address of a person of this node."),
        "personal_name": _("This holds the name of a person of this node."),
    }
    return sentences.get(code, _("This cannot be right.")) % params
