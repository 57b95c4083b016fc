"""Addresses of pages about signing in across nodes."""

from django.urls import path

from chorsu.web.across import arriving, connections, consent, visitors

urlpatterns = [
    path("people/guests/", visitors.visitors, name="guests"),
    path("people/guests/<int:person_id>/", visitors.decide, name="guest-decide"),
    path("people/guests/<int:person_id>/remove/", visitors.remove, name="guest-remove"),
    path("sign-in/allow", consent.AllowView.as_view(), name="sign-in-allow"),
    path("sign-in/academy/", arriving.choose, name="sign-in-academy"),
    path("sign-in/academy/<str:home>/", arriving.depart, name="sign-in-depart"),
    path("account/academies/", connections.connected, name="connections"),
    path("account/academies/<int:connection_id>/", connections.decide, name="connection-decide"),
    path(
        "account/academies/<int:connection_id>/forget/",
        connections.forget,
        name="connection-forget",
    ),
    path(
        "account/academies/<int:connection_id>/confirmation/",
        connections.confirmation,
        name="connection-confirmation",
    ),
]
