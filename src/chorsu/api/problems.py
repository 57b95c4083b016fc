"""Errors of the API as RFC 9457 problem details, `application/problem+json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import Field

from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn
from chorsu.records.cursors import InvalidCursor
from chorsu.search.errors import SearchTooSlow, TooManySearches
from chorsu.training.errors.courses import CourseWithdrawn, NoSuchCourse

MEDIA_TYPE = "application/problem+json"


class FieldProblem(Schema):
    """What is wrong with one parameter."""

    parameter: str
    message: str


class Problem(Schema):
    """What went wrong (RFC 9457); `type` is `about:blank`: the status says it all."""

    type: str = "about:blank"
    title: str = Field(description="The status in words")
    status: int = Field(ge=400, le=599)
    detail: str
    errors: list[FieldProblem] = []


def problem(status: int, detail: str, errors: list[FieldProblem] | None = None) -> HttpResponse:
    """The answer that says what went wrong."""
    body = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors or []
    )
    response = HttpResponse(body.model_dump_json(), content_type=MEDIA_TYPE, status=status)
    response["Cache-Control"] = "no-cache"
    return response


def not_allowed(allow: str) -> HttpResponse:
    """405, with the methods that are."""
    response = problem(405, "This address is for reading.")
    response["Allow"] = allow
    return response


def handle_problems(api: NinjaAPI) -> None:
    """Have every error of the API answered as a problem."""

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            FieldProblem(parameter=_parameter(one["loc"]), message=str(one["msg"]))
            for one in error.errors
        ]
        return problem(422, "A parameter is not valid.", errors)

    @api.exception_handler(InvalidCursor)
    def cursor(request: HttpRequest, error: InvalidCursor) -> HttpResponse:
        return problem(404, "No list gave out this cursor.")

    @api.exception_handler(NoSuchPractice)
    @api.exception_handler(NoSuchCourse)
    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(404, "There is nothing here, or it is not public.")

    @api.exception_handler(PracticeWithdrawn)
    @api.exception_handler(CourseWithdrawn)
    def withdrawn(request: HttpRequest, error: PracticeWithdrawn | CourseWithdrawn) -> HttpResponse:
        return problem(410, f"Withdrawn on {error.at:%Y-%m-%d}. {error.reason}".strip())

    @api.exception_handler(SearchTooSlow)
    def slow(request: HttpRequest, error: SearchTooSlow) -> HttpResponse:
        response = problem(503, "The search took too long. Try fewer or other words.")
        response["Retry-After"] = "5"
        return response

    @api.exception_handler(TooManySearches)
    def too_many(request: HttpRequest, error: TooManySearches) -> HttpResponse:
        response = problem(429, "Too many requests within a minute. Wait and then try again.")
        response["Retry-After"] = str(error.seconds)
        return response

    @api.exception_handler(HttpError)
    def other(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, str(error))


def _parameter(place: Sequence[str | int]) -> str:
    """The name in a place such as (query, year, 0)."""
    return [str(part) for part in place if isinstance(part, str)][-1]


def media_types(schema: dict[str, object]) -> dict[str, object]:
    """The OpenAPI schema with errors under their own media type."""
    text = json.dumps(schema)
    whole = json.loads(text)
    for operations in whole["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if int(status) >= 400 and "application/json" in content:
                    content[MEDIA_TYPE] = content.pop("application/json")
    return dict(whole)
