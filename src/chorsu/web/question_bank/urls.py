"""Addresses of a bank of questions."""

from django.urls import path, re_path

from chorsu.web.question_bank import analysing, editing, importing, listing, shared, sharing

BANK = "work/courses/<uuid:course_id>/questions"

urlpatterns = [
    path(f"{BANK}/", listing.index, name="questions"),
    path(f"{BANK}/new/<slug:item_type>/", editing.new, name="question-new"),
    path(f"{BANK}/sharing/", sharing.show, name="questions-sharing"),
    path("courses/<uuid:course_id>/questions/", shared.index, name="course-questions"),
    path(f"{BANK}/import/", importing.index, name="questions-import"),
    path(f"{BANK}/import/<uuid:import_id>/", importing.look, name="questions-import-look"),
    path(f"{BANK}/analysis/", analysing.show, name="questions-analysis"),
    path(f"{BANK}/analysis/answers.csv", analysing.table, name="questions-analysis-csv"),
    re_path(
        r"^work/courses/(?P<course_id>[0-9a-f-]{36})/questions/qti-(?P<version>3\.0|2\.2)\.zip$",
        listing.export,
        name="questions-export",
    ),
    path(f"{BANK}/<uuid:item>/", editing.edit, name="question-edit"),
    path(f"{BANK}/<uuid:item>/retire/", editing.retire, name="question-retire"),
]
