"""What is said of the resources of a cartridge that were not taken, or not as they were."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from chorsu.training.formats.cartridges import Note
from chorsu.web.question_bank.troubles import in_sentence, trouble_sentence

NOTE_SENTENCES: Mapping[str, str | Promise] = {
    "no_questions": _("None of its questions could be read."),
    "resource_type": _("A course has nothing of this kind: %(name)s"),
    "no_address": _("It gives no address."),
    "address": _("This address cannot be used: %(text)s"),
    "file": _("This is not a picture or film that a course can keep: %(name)s"),
    "not_in_outline": _("Nothing in the outline leads to it."),
    "missing": _("The outline names it, but it is not in the file."),
    "empty": _("It says nothing."),
    "personal": _("This holds the name of a person of this node."),
    "left_modules": ngettext_lazy(
        "A course has at most %(number)s module.",
        "A course has at most %(number)s modules.",
        "count",
    ),
    "left_units": ngettext_lazy(
        "A course has at most %(number)s unit.", "A course has at most %(number)s units.", "count"
    ),
    "left_files": ngettext_lazy(
        "A course keeps at most %(number)s file.",
        "A course keeps at most %(number)s files.",
        "count",
    ),
    "left_characters": ngettext_lazy(
        "The text of a unit has at most %(number)s character.",
        "The text of a unit has at most %(number)s characters.",
        "count",
    ),
    "left_notes": ngettext_lazy(
        "Only the first %(number)s remark is listed.",
        "Only the first %(number)s remarks are listed.",
        "count",
    ),
    "link_inside": _("The link inside the package became plain words: %(text)s"),
    "markup": _("Left out, or put as a link: %(element)s"),
    "markup_at": _("Left out, or put as a link: %(element)s %(text)s"),
    "table": _("A table with joined cells became paragraphs."),
    "folder": _("A folder in a module; its units stand in the module itself."),
    "discussion": _("There are no discussions here; its text became a reading."),
    "launch": _("What the link sent along is not kept: %(text)s"),
    "draws": ngettext_lazy(
        "It draws from all questions of the course, of which %(number)s was its own.",
        "It draws from all questions of the course, of which %(number)s were its own.",
        "count",
    ),
    "shortened": ngettext_lazy(
        "Shortened to %(number)s character.", "Shortened to %(number)s characters.", "count"
    ),
}


def note_sentence(note: Note) -> SafeString:
    """Why something was not taken, or what became of it, in words."""
    if note.code in NOTE_SENTENCES:
        return in_sentence(NOTE_SENTENCES[note.code], note.params)
    return trouble_sentence(note)
