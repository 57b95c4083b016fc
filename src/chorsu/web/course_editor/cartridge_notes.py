"""What is said of the resources of a cartridge that were not taken, or not as they were."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chorsu.training.formats.cartridges import Note


def note_sentence(note: Note) -> str:
    """Why something was not taken, or what became of it, in words."""
    sentences = {
        "unreadable": _("It cannot be read: %(detail)s"),
        "too_large": _("It is more than there may be: %(detail)s"),
        "unsupported": _("It uses something that is not supported: %(detail)s"),
        "scoring": _("How answers earn points could not be taken over: %(detail)s"),
        "invalid": _("Something is wrong in it: %(detail)s"),
        "no_questions": _("None of its questions could be read."),
        "file": _("This is not a picture or film that a course can keep: %(detail)s"),
        "not_in_outline": _("Nothing in the outline leads to it."),
        "missing": _("The outline names it, but it is not in the file."),
        "empty": _("It says nothing."),
        "personal": _("This holds the name of a person of this node."),
        "left_over": _("It is more than a course may have: %(detail)s"),
        "link_inside": _("The link inside the package became plain words: %(detail)s"),
        "markup": _("Left out, or put as a link: %(detail)s"),
        "table": _("A table with joined cells became paragraphs."),
        "folder": _("A folder in a module; its units stand in the module itself."),
        "discussion": _("There are no discussions here; its text became a reading."),
        "launch": _("What the link sent along is not kept: %(detail)s"),
        "draws": _("It draws from all questions of the course; its own were %(detail)s."),
        "shortened": _("Shortened to %(detail)s characters."),
    }
    return sentences[note.code] % {"detail": note.detail}
