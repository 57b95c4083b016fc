"""Addresses of cohorts and of one's own training."""

from django.urls import path, re_path

from chorsu.web.cohorts import (
    bodies,
    calendars,
    dashboard,
    figures,
    importing,
    learning,
    lists,
    platforms,
    protocol,
    retention,
    roster,
    sessions,
    talking,
    tools,
)

COHORT = "cohorts/<uuid:cohort_id>"
SESSION = "cohorts/sessions/<uuid:session_id>"
IMPORT = "cohorts/imports/<uuid:import_id>"

urlpatterns = [
    path("cohorts/", lists.index, name="cohorts"),
    path("cohorts/new/", lists.new, name="cohort-new"),
    path(f"{COHORT}/", lists.show, name="cohort"),
    path(f"{COHORT}/edit/", lists.edit, name="cohort-edit"),
    path(f"{COHORT}/teachers/", lists.teachers, name="cohort-teachers"),
    path(f"{COHORT}/move/", lists.move, name="cohort-move"),
    path(f"{COHORT}/revision/", lists.revision, name="cohort-revision"),
    path(f"{COHORT}/questions/", lists.questions, name="cohort-questions"),
    path(f"{COHORT}/calendar/", lists.renew_calendar, name="cohort-calendar-renew"),
    path(f"{COHORT}/learners/", roster.show, name="cohort-roster"),
    path(f"{COHORT}/learners/act/", roster.act, name="cohort-roster-act"),
    path("cohorts/learners/<uuid:enrolment_id>/", roster.learner, name="learner"),
    path(f"{COHORT}/results/", roster.results, name="cohort-results"),
    path(f"{COHORT}/messages/", talking.show, name="cohort-messages"),
    path(f"{COHORT}/figures/", figures.show, name="cohort-figures"),
    re_path(
        r"^cohorts/(?P<cohort_id>[0-9a-f-]{36})/figures/(?P<what>progress|competences|remembered)\.csv$",
        figures.export,
        name="cohort-figures-csv",
    ),
    path(f"{COHORT}/tools/<slug:unit>/", tools.open_tool, name="cohort-tool"),
    path(f"{COHORT}/platforms/", platforms.show, name="cohort-platforms"),
    path(f"{COHORT}/protocol/", protocol.show, name="cohort-protocol"),
    path(f"{COHORT}/protocol.pdf", protocol.printed, name="cohort-protocol-pdf"),
    path(f"{COHORT}/protocol.csv", protocol.export, name="cohort-protocol-csv"),
    path(f"{COHORT}/sessions/new/", sessions.add, name="session-new"),
    path(f"{SESSION}/", sessions.show, name="session"),
    path(f"{SESSION}/edit/", sessions.edit, name="session-edit"),
    path(f"{SESSION}/list/", sessions.take_list, name="session-list"),
    path(f"{SESSION}/screen/", sessions.screen, name="session-screen"),
    path(f"{COHORT}/import/", importing.upload, name="cohort-import"),
    path(f"{COHORT}/import/nominations.csv", importing.template, name="import-template"),
    path(f"{IMPORT}/", importing.preview, name="import"),
    path(f"{IMPORT}/undo/", importing.undo, name="import-undo"),
    path("training/mine/", learning.mine, name="my-training"),
    path("training/mine/data.json", learning.my_data, name="my-training-data"),
    path("training/mine/calendar/", learning.renew_calendar, name="my-calendar-renew"),
    path("training/mine/<uuid:enrolment_id>/leave/", learning.leave, name="leave-cohort"),
    path("training/here/<uuid:session_id>/", learning.attend, name="attend"),
    path("training/calendar/<str:token>.ics", calendars.feed, name="training-calendar"),
    path("training/figures/", dashboard.show, name="training-dashboard"),
    re_path(
        r"^training/figures/(?P<what>hours|cohorts|progress|competences|expiring)\.csv$",
        dashboard.export,
        name="training-dashboard-csv",
    ),
    path("training/employers/", bodies.employers, name="employers"),
    path("training/employers/<int:employer_id>/", bodies.officer, name="employer-officer"),
    path("training/retention/", retention.show, name="retention"),
    path("training/recognition/", bodies.recognition, name="recognition"),
    path(
        "training/recognition/<int:recognition_id>/remove/",
        bodies.recognition_remove,
        name="recognition-remove",
    ),
    path("training/people/<int:person_id>/", bodies.person, name="training-person"),
    path("training/people/<int:person_id>/data.json", bodies.person_data, name="training-data"),
    path(
        "training/elsewhere/<uuid:achievement_id>/remove/",
        bodies.achievement_remove,
        name="achievement-remove",
    ),
]
