"""Template tags of the work area."""

from __future__ import annotations

from django import template

from chorsu.web.writing.labels import name_of

register = template.Library()


@register.filter
def field_name(path: str) -> str:
    """What a field of a practice is called: `title`, `indicators.k1.name`."""
    return str(name_of(path))
