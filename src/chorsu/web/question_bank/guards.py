"""What stands before every page of a bank: a signed-in writer of the course."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from chorsu.institutions.errors import NotAllowed
from chorsu.training.errors.bank import NoSuchBank, NoSuchQuestion
from chorsu.training.queries.bank import editable
from chorsu.training.shapes.bank import BankPlace
from chorsu.web.access import signed_in

P = ParamSpec("P")


def for_writers(
    view: Callable[Concatenate[HttpRequest, BankPlace, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give the view the place of the bank, for somebody who may edit it."""

    @wraps(view)
    def guarded(
        request: HttpRequest, course_id: UUID | str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        try:
            return view(request, editable(str(course_id), signed_in(request)), *args, **kwargs)
        except NotAllowed:
            raise PermissionDenied from None
        except (NoSuchBank, NoSuchQuestion):
            raise Http404 from None

    return login_required(guarded)
