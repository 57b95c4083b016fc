"""Addresses without a language: the exchange, blobs, feeds for readers, the way in at `/`."""

from django.urls import URLPattern, URLResolver, path

from chorsu.web import arriving as platforms
from chorsu.web import (
    credentials,
    exchange,
    health,
    home,
    installing,
    lti,
    question_pictures,
)
from chorsu.web.across import arriving, machines
from chorsu.web.learning import offline
from chorsu.web.oai import provider as oai

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.way_in, name="way-in"),
    path(".well-known/chorsu", exchange.node_document, name="exchange-node"),
    path(".well-known/did.json", credentials.did_document, name="did-document"),
    path("credentials/status/<uuid:list_id>", credentials.status_list, name="credential-status"),
    path("exchange/blob/<str:sha256>", exchange.blob, name="blob"),
    path("exchange/blobs", exchange.many_blobs, name="exchange-blobs"),
    path("exchange/erasures", exchange.erasures, name="exchange-erasures"),
    path("exchange/checkpoint", exchange.checkpoint, name="exchange-checkpoint"),
    path("exchange/identity/forget", machines.forget, name="identity-forget"),
    path("exchange/identity/keys", machines.identity_keys, name="identity-keys"),
    path("exchange/identity/results", machines.results, name="identity-results"),
    path("exchange/identity/transcript", machines.transcript, name="identity-transcript"),
    path("exchange/identity/token", machines.token, name="identity-token"),
    path("exchange/keys", exchange.key_successions, name="exchange-keys"),
    path("exchange/keys/<str:name>", exchange.keys_of_peer, name="exchange-keys-of-peer"),
    path("exchange/mirror/blobs", exchange.mirror_blobs, name="exchange-mirror-blobs"),
    path("exchange/mirror/<path:path>", exchange.mirror, name="exchange-mirror"),
    path("exchange/node", exchange.node_file, name="exchange-node-file"),
    path("exchange/peering", exchange.receive_peering, name="exchange-peering"),
    path("exchange/ping", exchange.ping, name="exchange-ping"),
    path("exchange/witness/<str:origin>", exchange.witness, name="exchange-witness"),
    path("exchange/tile/<path:path>", exchange.tile, name="exchange-tile"),
    path("health", health.figures, name="health"),
    path("lti/keys", lti.keys, name="lti-keys"),
    path("lti/arrive", platforms.arrive, name="lti-arrive"),
    path("lti/content", lti.content, name="lti-content"),
    path("lti/choose", platforms.choose, name="lti-choose"),
    path("lti/launch", platforms.launch, name="lti-launch"),
    path("lti/login", platforms.login, name="lti-login"),
    path("lti/authorize", lti.authorize, name="lti-authorize"),
    path("lti/token", lti.token, name="lti-token"),
    path("lti/cohorts/<uuid:cohort_id>/lineitems", lti.line_items, name="lti-line-items"),
    path("lti/cohorts/<uuid:cohort_id>/lineitems/<slug:unit>", lti.line_item, name="lti-line-item"),
    path(
        "lti/cohorts/<uuid:cohort_id>/lineitems/<slug:unit>/scores", lti.scores, name="lti-scores"
    ),
    path(
        "lti/cohorts/<uuid:cohort_id>/lineitems/<slug:unit>/results",
        lti.results,
        name="lti-results",
    ),
    path("lti/cohorts/<uuid:cohort_id>/members", lti.members, name="lti-members"),
    path("oai", oai.provider, name="oai"),
    path("oai/chorsu.xsd", oai.chorsu_schema, name="oai-schema"),
    path("pictures/<str:sha256>/<str:mark>", question_pictures.show, name="question-picture"),
    path("sign-in/returned/<str:home>", arriving.returned, name="sign-in-returned"),
    path("icons/<slug:name>.png", installing.icon, name="app-icon"),
    path("sw.js", offline.worker, name="service-worker"),
    path("robots.txt", home.robots, name="robots"),
]
