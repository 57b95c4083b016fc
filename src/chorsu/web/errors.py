"""Pages that say what went wrong, in the reader's language, and what to do about it."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _

from chorsu.kernel.languages import by_django_code


def error_page(
    request: HttpRequest, status: int, title: str, text: str, **more: object
) -> HttpResponse:
    """A page with the status, what happened and what to do; `more` goes to the template."""
    context = {"status": status, "title": title, "text": text, **more}
    return render(request, "errors/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request is not well formed; 413 if it only is larger than the node takes."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _too_large(request, exception)
    title = _("This request cannot be understood")
    text = _("The address or the form is damaged. Go back and try again.")
    if not hasattr(request, "user"):
        # Refused at the door (a Host that is none of the node's): no page can be made yet.
        return HttpResponse(f"{title}\n{text}\n", "text/plain; charset=utf-8", 400)
    return error_page(request, 400, title, text)


def _too_large(request: HttpRequest, exception: SuspiciousOperation) -> HttpResponse:
    """413: a form with more in it than the node takes at once; a script is told as `state`."""
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)
        text = _("The text is too large to be sent at once: at most %(number)s MB.")
    elif isinstance(exception, TooManyFieldsSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        text = _("The form has too many fields to be sent at once: at most %(number)s.")
    else:
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        text = _("There are too many files to be sent at once: at most %(number)s.")
    text %= {"number": most}
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"state": text}, status=413)
    after = _("Nothing was saved. Go back, shorten what you wrote and send it again.")
    return error_page(request, 413, _("Too much at once"), f"{text} {after}")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the reader may not do this."""
    if request.user.is_authenticated:
        text = _("Your roles do not allow this. An administrator of your institution can help.")
    else:
        text = _("This is for people of the network. Sign in and try again.")
    return error_page(request, 403, _("You may not open this page"), text, sign_in=True)


def not_printable(request: HttpRequest, title: str) -> HttpResponse:
    """503: a document needs letters that no font of this node has; `title` says which document."""
    text = _(
        "A letter of it is in none of the fonts of this node. An administrator can see with "
        "chorsu doctor which fonts are missing."
    )
    return error_page(request, 503, title, text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form came without its token, most often because the page stood open too long."""
    return error_page(
        request,
        403,
        _("This form has expired"),
        _("Nothing was changed. Go back, reload the page and send the form again."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing is at this address."""
    return error_page(
        request,
        404,
        _("There is nothing at this address"),
        _("The address may be mistyped, or the record is for members of the network only."),
        sign_in=True,
        search=True,
    )


def gone(request: HttpRequest, title: str, text: str, **more: object) -> HttpResponse:
    """410: it was here and was withdrawn."""
    return error_page(request, 410, title, text, search=True, **more)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429: too many tries in a short time."""
    return error_page(
        request, 429, _("Too many tries"), _("Wait a few minutes and then try again.")
    )


def too_many_searches(request: HttpRequest, seconds: int) -> HttpResponse:
    """429: this client searches more often than the node lets it; again in so many seconds."""
    answer = error_page(
        request,
        429,
        _("Too many searches"),
        _("Very many searches came from your address within a minute. Wait and then try again."),
    )
    answer["Retry-After"] = str(seconds)
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. Needs neither the database nor the session."""
    code = get_language_from_path(request.path) or settings.LANGUAGE_CODE
    with override(code):
        context = {"html_lang": by_django_code(code).html_lang, "home_url": f"/{code}/"}
        return HttpResponse(render_to_string("errors/500.html", context), status=500)
