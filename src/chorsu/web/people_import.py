"""People of an institution from a spreadsheet: choosing it; looked at where every import is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from chorsu.institutions import queries
from chorsu.institutions.models import Role
from chorsu.training.queries.imports import imports_of_institution
from chorsu.training.rules.framework import positions
from chorsu.training.rules.rosters import NEEDED_OF_PEOPLE, PEOPLE
from chorsu.web.access import administrator
from chorsu.web.cohorts.forms import UploadForm
from chorsu.web.cohorts.guards import for_people
from chorsu.web.cohorts.importing import column_names, empty_table, keep_upload
from chorsu.web.locales import listed, page_language


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, institution_id: str) -> HttpResponse:
    """Choose a list of people; below stand those that were taken in, which can be undone."""
    administrator(request, institution_id)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = keep_upload(request, form, NEEDED_OF_PEOPLE, institution_id=institution_id)
        if made is not None:
            return redirect("import", made)
    here = page_language().tag
    place = queries.institution(institution_id)
    given = [str(role.label) for role in Role if role != Role.ADMINISTRATOR]
    context = {
        "place": place,
        "place_name": place.name(here),
        "form": form,
        "columns": column_names(PEOPLE, NEEDED_OF_PEOPLE),
        "roles": listed(given, here),
        "categories": listed([one.name(here) for one in positions().values()], here),
        "imports": imports_of_institution(institution_id),
    }
    return render(request, "people/import.html", context, status=400 if form.errors else 200)


@for_people
@require_safe
def template(request: HttpRequest, institution_id: str) -> HttpResponse:
    """An empty list with the right head, in the page's language."""
    administrator(request, institution_id)
    return empty_table(PEOPLE, "people")
