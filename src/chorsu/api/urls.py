"""Addresses of the HTTP API."""

from django.urls import URLPattern, URLResolver, path

from chorsu.api.about import about
from chorsu.api.addresses import api
from chorsu.api.gate import gate

_patterns, _app, _namespace = api.urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("", about, name="api"),
    path("", (gate(_patterns), _app, _namespace)),
]
