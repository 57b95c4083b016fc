"""Addresses of pages; the language stands before them."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from chorsu.web import (
    account,
    atom,
    audit,
    bundles,
    courses,
    erasing,
    harvested,
    home,
    institutions,
    institutions_edit,
    joining,
    keys,
    peers,
    people,
    practice_files,
    practices,
    restoring,
    saved_feed,
    saved_searches,
    search,
    verifying,
)
from chorsu.web import (
    help as help_pages,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", account.account, name="account"),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/languages/", account.languages, name="account-languages"),
    path("", include("chorsu.web.across.urls")),
    path("audit/", audit.audit, name="audit"),
    re_path(r"^audit/export\.(?P<form>csv|json)$", audit.export, name="audit-export"),
    path(
        "institutions/<slug:institution_id>/branch/",
        institutions_edit.add_branch,
        name="branch-add",
    ),
    path(
        "institutions/<slug:institution_id>/edit/", institutions_edit.edit, name="institution-edit"
    ),
    path("invitation/<str:token>/", joining.invitation, name="invitation"),
    path("node/", peers.node, name="node"),
    path("node/key/", keys.own_key, name="node-key"),
    path("node/peers/", peers.peers, name="peers"),
    path("node/peer-from-file/", peers.add_from_file, name="peer-from-file"),
    path("node/peers/<str:name>/", peers.peer, name="peer"),
    path("node/peers/<str:name>/decide/", peers.decide, name="peer-decide"),
    path("node/bundles/", bundles.bundles, name="bundles"),
    path("node/bundles/take-in/", bundles.take_in, name="bundle-take-in"),
    path("node/bundles/<int:number>/parts/<int:part>/", bundles.download, name="bundle-part"),
    path("node/bundles/<int:number>/remove/", bundles.remove, name="bundle-remove"),
    path("node/restore/", restoring.restore, name="restore"),
    path("node/erasures/", erasing.erasures, name="erasures"),
    path("node/erasures/<int:number>/decide/", erasing.decide, name="erasure-decide"),
    path("node/repositories/", harvested.repositories, name="repositories"),
    path(
        "node/repositories/<int:repository_id>/decide/",
        harvested.decide,
        name="repository-decide",
    ),
    path("people/", people.people, name="people"),
    path("people/<slug:institution_id>/", people.people, name="people"),
    path("people/<slug:institution_id>/<int:person_id>/", people.person, name="person"),
    path(
        "people/<slug:institution_id>/<int:person_id>/active/",
        people.set_active,
        name="person-active",
    ),
    path(
        "people/<slug:institution_id>/invitations/<int:invitation_id>/revoke/",
        people.revoke,
        name="invitation-revoke",
    ),
    # Reading
    path("", home.home, name="home"),
    path("harvested/<uuid:record_id>/", harvested.show, name="harvested"),
    path("help/", help_pages.index, name="help"),
    path("help/<slug:topic>/", help_pages.topic, name="help-topic"),
    path("institutions/", institutions.index, name="institutions"),
    path("institutions/<slug:institution_id>/", institutions.show, name="institution"),
    path("practices/", practices.index, name="practices"),
    path("practices/<uuid:practice_id>/", practices.show, name="practice"),
    path("practices/<uuid:practice_id>/history/", practices.history, name="practice-history"),
    path(
        "practices/<uuid:practice_id>/history/<int:number>/",
        practices.revision,
        name="practice-revision",
    ),
    path("practices/<uuid:practice_id>/erase/", erasing.practice, name="practice-erase"),
    path("practices/<uuid:practice_id>/erase/<str:blob>/", erasing.erase, name="erase"),
    path(
        "practices/<uuid:practice_id>/files/<str:sha256>/",
        practice_files.file,
        name="practice-file",
    ),
    path("practices/<uuid:practice_id>/save/", verifying.save, name="practice-save"),
    path("verify/", verifying.verify, name="verify"),
    # Learning
    path("courses/", courses.index, name="courses"),
    path("courses/<uuid:course_id>/", courses.show, name="course"),
    path("courses/<uuid:course_id>/units/<slug:unit_key>/", courses.unit, name="course-unit"),
    path("", include("chorsu.web.learning.urls")),
    # Search
    path("institutions/<slug:institution_id>/feed.atom", atom.institution, name="institution-atom"),
    path("search/", search.search, name="search"),
    path("account/searches/", saved_searches.searches, name="saved-searches"),
    path("account/searches/<int:saved_id>/", saved_searches.change, name="saved-search-change"),
    path("search/saved/stop/<str:token>/", saved_searches.stop, name="saved-search-stop"),
    path("search/saved/feed/<str:token>.atom", saved_feed.feed, name="saved-search-feed"),
    # Training
    path("", include("chorsu.web.cohorts.urls")),
    # Writing
    path("", include("chorsu.web.course_editor.urls")),
    path("", include("chorsu.web.writing.urls")),
    path("", include("chorsu.web.question_bank.urls")),
]
