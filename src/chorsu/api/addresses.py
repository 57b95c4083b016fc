"""The API's addresses: each reads what was asked, makes one call down and words the answer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import override
from django.views.decorators.http import conditional_page
from ninja import NinjaAPI, Path, Query
from ninja.decorators import decorate_view
from ninja.openapi.schema import OpenAPISchema
from pydantic import Field

from chorsu.api import answers, courses, parameters
from chorsu.api.found import SearchPage, found_lines
from chorsu.api.problems import Problem, handle_problems, media_types
from chorsu.flows.finding import alike, find, offered
from chorsu.flows.pacing import pace_search, pace_typing
from chorsu.institutions.queries import find_institution, institutions
from chorsu.kernel.languages import by_tag
from chorsu.practices import queries as practices
from chorsu.practices.shapes import Filters as PracticeFilters
from chorsu.search.errors import SearchTooSlow
from chorsu.search.places import Place
from chorsu.search.rules import Filters
from chorsu.training.queries import courses as taught
from chorsu.training.shapes.courses import CourseFilters

RecordId = Annotated[UUID, Path()]
InstitutionId = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,39}$"), Path()]


class Api(NinjaAPI):
    """The API; its schema gives errors their own media type."""

    def get_openapi_schema(self, **options: object) -> OpenAPISchema:
        """OpenAPI 3.1."""
        schema = super().get_openapi_schema(**options)  # type: ignore[arg-type]
        schema.update(media_types(dict(schema)))
        return schema


api = Api(
    title="Chorsu",
    version="1",
    description="Public practices and courses, the institutions, and search. Read only.",
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api-1",
)
handle_problems(api)

_INVALID = {405: Problem, 422: Problem}


@api.get(
    "/practices",
    response={200: answers.PracticePage, 404: Problem, **_INVALID},
    operation_id="list_practices",
)
@decorate_view(conditional_page)
def list_practices(
    request: HttpRequest, asked: Query[parameters.PracticeList]
) -> answers.PracticePage:
    """Practices, newest first."""
    parameters.refuse_others(request, parameters.PracticeList)
    viewer = parameters.viewer_of(request, asked.language)
    filters = PracticeFilters(
        theme=asked.theme or "",
        goal=asked.goal,
        country=asked.country or "",
        institution=asked.institution or "",
        level=asked.level or "",
        language=asked.text or "",
        year=asked.year,
        status=asked.status or "",
    )
    page = practices.practices(viewer, filters, after=asked.cursor, limit=asked.limit)
    return answers.PracticePage(
        items=answers.practice_lines(page.items),
        next_cursor=page.next_cursor or None,
    )


@api.get(
    "/practices/{practice_id}",
    response={200: answers.Practice, 404: Problem, 410: Problem, **_INVALID},
    operation_id="get_practice",
)
@decorate_view(conditional_page)
def get_practice(
    request: HttpRequest, practice_id: RecordId, asked: Query[parameters.Reader]
) -> answers.Practice:
    """One practice with all its texts, facts and files."""
    parameters.refuse_others(request, parameters.Reader)
    viewer = parameters.viewer_of(request, asked.language)
    view = practices.practice(str(practice_id), viewer)
    return answers.practice_whole(view, practices.texts(str(practice_id), viewer))


@api.get(
    "/courses",
    response={200: courses.CoursePage, 404: Problem, **_INVALID},
    operation_id="list_courses",
)
@decorate_view(conditional_page)
def list_courses(request: HttpRequest, asked: Query[parameters.CourseList]) -> courses.CoursePage:
    """Courses, newest first."""
    parameters.refuse_others(request, parameters.CourseList)
    viewer = parameters.viewer_of(request, asked.language)
    filters = CourseFilters(
        theme=asked.theme or "",
        country=asked.country or "",
        institution=asked.institution or "",
        competence=asked.competence or "",
        position=asked.position or "",
        language=asked.text or "",
        hours_from=asked.hours_from,
        hours_to=asked.hours_to,
    )
    page = taught.courses(viewer, filters, after=asked.cursor, limit=asked.limit)
    return courses.CoursePage(
        items=courses.course_lines(page.items), next_cursor=page.next_cursor or None
    )


@api.get(
    "/courses/{course_id}",
    response={200: courses.Course, 404: Problem, 410: Problem, **_INVALID},
    operation_id="get_course",
)
@decorate_view(conditional_page)
def get_course(
    request: HttpRequest, course_id: RecordId, asked: Query[parameters.Reader]
) -> courses.Course:
    """One course with all its texts, facts and files."""
    parameters.refuse_others(request, parameters.Reader)
    viewer = parameters.viewer_of(request, asked.language)
    view = taught.course(str(course_id), viewer)
    return courses.course_whole(view, taught.texts(str(course_id), viewer))


@api.get(
    "/institutions",
    response={200: answers.Institutions, **_INVALID},
    operation_id="list_institutions",
)
@decorate_view(conditional_page)
def list_institutions(
    request: HttpRequest, asked: Query[parameters.Reader]
) -> answers.Institutions:
    """The institutions of the network, branches after their parent."""
    parameters.refuse_others(request, parameters.Reader)
    language = parameters.viewer_of(request, asked.language).languages[0]
    return answers.Institutions(
        items=[answers.institution_whole(view, language) for view in institutions()]
    )


@api.get(
    "/institutions/{institution_id}",
    response={200: answers.Institution, 404: Problem, **_INVALID},
    operation_id="get_institution",
)
@decorate_view(conditional_page)
def get_institution(
    request: HttpRequest, institution_id: InstitutionId, asked: Query[parameters.Reader]
) -> answers.Institution:
    """One institution."""
    parameters.refuse_others(request, parameters.Reader)
    view = find_institution(institution_id)
    if view is None:
        raise Http404
    language = parameters.viewer_of(request, asked.language).languages[0]
    return answers.institution_whole(view, language)


@api.get(
    "/search",
    response={200: SearchPage, 429: Problem, 503: Problem, **_INVALID},
    operation_id="search_practices",
)
@decorate_view(conditional_page)
def search_practices(request: HttpRequest, asked: Query[parameters.Search]) -> SearchPage:
    """Practices that answer a question in any of the eight languages, best first; with `also`
    courses and foreign records among them, as the page of search has.
    """
    pace_search(request)
    parameters.refuse_others(request, parameters.Search)
    filters = Filters(
        themes=tuple(asked.theme),
        countries=tuple(asked.country),
        institutions=tuple(asked.institution),
        levels=tuple(asked.level),
        languages=tuple(asked.text),
        years=tuple(asked.year),
    )
    after = Place.read(asked.cursor)
    offset = after.seen if after else 0
    viewer = parameters.viewer_of(request, asked.language)
    found = find(
        asked.q, viewer, filters, offset=offset, limit=asked.limit, after=after,
        courses="course" in asked.also, foreign="foreign" in asked.also,
    )  # fmt: skip
    more = found.place and found.place.seen < found.total - found.newer
    return SearchPage(
        total=found.total,
        items=found_lines(found),
        facets={name: dict(counts) for name, counts in found.facets.items()},
        next_cursor=str(found.place) if more else None,
        instead=found.instead.text if found.instead else None,
    )


@api.get(
    "/practices/{practice_id}/similar",
    response={200: answers.Similar, 404: Problem, 410: Problem, 503: Problem, **_INVALID},
    operation_id="list_similar_practices",
)
@decorate_view(conditional_page)
def list_similar_practices(
    request: HttpRequest, practice_id: RecordId, asked: Query[parameters.Similar]
) -> answers.Similar:
    """Practices that say something near to this one, in whatever language, nearest first."""
    parameters.refuse_others(request, parameters.Similar)
    viewer = parameters.viewer_of(request, asked.language)
    view = practices.practice(str(practice_id), viewer)
    near = alike(view.id, viewer, limit=asked.limit)
    if near is None:
        raise SearchTooSlow
    return answers.Similar(items=answers.practice_lines(near))


@api.get(
    "/suggest",
    response={200: answers.Suggestions, 429: Problem, 503: Problem, **_INVALID},
    operation_id="suggest",
)
def suggest(request: HttpRequest, asked: Query[parameters.Suggest]) -> answers.Suggestions:
    """What begins as was typed: titles, places, terms, institutions and themes."""
    parameters.refuse_others(request, parameters.Suggest)
    pace_typing(request)
    viewer = parameters.viewer_of(request, asked.language)
    with override(by_tag(viewer.languages[0]).django_code):
        return answers.Suggestions(
            items=[answers.suggestion(one) for one in offered(asked.q, viewer, limit=asked.limit)]
        )
