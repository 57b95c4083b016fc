"""The labs of this node by name, in the page's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chorsu.labs.registry import labs
from chorsu.web.drafting.controls import Choices
from chorsu.web.locales import page_language


def lab_name(code: str) -> str:
    """What a lab is called; one that this node does not have, by its code."""
    found = labs().get(code)
    return found.name(page_language().tag) if found else code


def lab_choices(chosen: str) -> Choices:
    """The labs to choose from, with the one chosen even if this node does not have it."""
    codes = [*labs(), *([chosen] if chosen and chosen not in labs() else [])]
    return [("", _("Choose")), *((code, lab_name(code)) for code in codes)]
