"""Every address of a node. Pages carry their language first; machines' addresses carry none."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

urlpatterns = [
    path("", include("chorsu.web.urls_machines")),
    path("api/v1/", include("chorsu.api.urls")),
    *i18n_patterns(path("", include("chorsu.web.urls_pages")), prefix_default_language=True),
]

handler400 = "chorsu.web.errors.bad_request"
handler403 = "chorsu.web.errors.forbidden"
handler404 = "chorsu.web.errors.not_found"
handler429 = "chorsu.web.errors.too_many_requests"
handler500 = "chorsu.web.errors.server_error"
