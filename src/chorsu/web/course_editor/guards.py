"""What stands before every page of the course editor: a sign-in, and refusals told as pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from chorsu.institutions.errors import NotAllowed
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn
from chorsu.training.errors.courses import (
    CourseWithdrawn,
    NoSuchCourse,
    NoSuchCourseDraft,
    NotOwnCourse,
)
from chorsu.web.courses import withdrawn_page

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_authors(view: View[P]) -> View[P]:
    """Ask for a sign-in; for the rest as `for_readers`."""
    return login_required(for_readers(view))


def for_readers(view: View[P]) -> View[P]:
    """Turn what the packages below refuse into the page that explains it."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (NotAllowed, NotOwnCourse):
            raise PermissionDenied from None
        except (NoSuchCourse, NoSuchCourseDraft, NoSuchPractice, PracticeWithdrawn):
            raise Http404 from None
        except CourseWithdrawn as withdrawn:
            return withdrawn_page(request, withdrawn)

    return guarded
