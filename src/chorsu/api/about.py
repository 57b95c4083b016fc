"""The page that describes the API to people."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chorsu.api.addresses import api


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an address."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Address:
    """One address of the API."""

    path: str
    summary: str
    parameters: list[Parameter]


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What can be asked, made from the schema itself."""
    schema = api.get_openapi_schema()
    addresses = [
        Address(
            path,
            operation["get"]["description"],
            [
                Parameter(one["name"], one.get("description", ""))
                for one in operation["get"]["parameters"]
            ],
        )
        for path, operation in schema["paths"].items()
    ]
    return render(request, "api/about.html", {"addresses": addresses})
