"""Addresses without a language: the exchange, blobs, feeds for readers, the way in at `/`."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
