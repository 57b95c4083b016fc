"""Parts of bundles that an administrator uploads: looked at before the form is parsed."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect

from chorsu.web.errors import error_page
from chorsu.web.uploads import BesideBundles, PartFile

FORM_BYTES = 64 * 1024
MAX_PARTS = 32
MB = 1024 * 1024


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class PartsForm(forms.Form):
    """Parts that somebody brought; the files themselves are read by `take_parts`."""

    parts = forms.FileField(
        label=gettext_lazy("Parts of a bundle"),
        help_text=gettext_lazy("Several may be chosen at once, in any order."),
        widget=_ManyFiles(attrs={"accept": ".zip,.age"}),
    )


def take_parts(
    request: HttpRequest, *, command: str, take: Callable[[list[PartFile]], HttpResponse]
) -> HttpResponse:
    """What `take` answers to the uploaded parts, of which there may be none; the caller has looked
    at who asks. `command` does the same with files that are too large for an upload.
    """
    most = settings.NODE.number("bundles.max_mb")
    length = request.headers.get("Content-Length") or ""
    if not length.isdecimal() or int(length) > most * MB + FORM_BYTES:
        text = _("At most %(number)s MB can be uploaded at once. Use the command %(command)s.")
        words = text % {"number": most, "command": command}
        return error_page(request, 413, _("Too much at once"), words)
    request.upload_handlers = [BesideBundles(request)]
    answer: HttpResponse = csrf_protect(_parse)(request, take)
    return answer


def _parse(request: HttpRequest, take: Callable[[list[PartFile]], HttpResponse]) -> HttpResponse:
    parts = [one for one in request.FILES.getlist("parts") if isinstance(one, PartFile)]
    if len(parts) > MAX_PARTS:
        drop(parts)
        text = _("There are too many files to be sent at once: at most %(number)s.")
        return error_page(request, 413, _("Too much at once"), text % {"number": MAX_PARTS})
    return take(parts)


def drop(parts: list[PartFile]) -> None:
    """Remove uploads that nobody takes over."""
    for part in parts:
        part.path.unlink(missing_ok=True)
