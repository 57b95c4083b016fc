"""What training keeps on a person, as a file to take away."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse

from chorsu.institutions.models import Person
from chorsu.kernel.clock import format_time, utc_now
from chorsu.tools.queries.content import contents_of
from chorsu.tools.queries.platforms import lines_of
from chorsu.training.queries.personal import everything_on
from chorsu.web.personal_data import json_file


def data_file(person: Person, name: str) -> HttpResponse:
    """One JSON file with all that training keeps on the person."""
    told = {"node": settings.NODE_NAME, "at": format_time(utc_now()), **everything_on(person)}
    told["learning_systems"] = lines_of(person.pk)
    told["chosen_in_tools"] = contents_of(person.pk)
    return json_file(told, name)
