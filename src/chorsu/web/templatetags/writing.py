"""Template tags of the work area."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chorsu.web.writing.labels import name_of

register = template.Library()


@register.filter
def field_name(path: str) -> str:
    """What a field of a practice is called: `title`, `indicators.k1.name`."""
    return str(name_of(path))


@register.simple_tag
def autosave() -> SafeString:
    """Attributes of a form that saves itself (`autosave.js`), with what it says meanwhile."""
    return format_html(
        'data-autosave data-unsaved="{}" data-saving="{}" data-offline="{}" data-refused="{}" '
        'data-signed-out="{}"',
        _("Not saved yet"),
        _("Saving"),
        _("Not saved: the node cannot be reached. It will be tried again."),
        _("Not saved: please correct the marked fields."),
        _("Not saved: you are signed out. Sign in on another page, then save here."),
    )
