"""Every address of a node. Pages carry their language first; machines' addresses carry none."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

urlpatterns = [
    path("", include("chorsu.web.urls_machines")),
    path("api/v1/", include("chorsu.api.urls")),
    *i18n_patterns(path("", include("chorsu.web.urls_pages")), prefix_default_language=True),
]
