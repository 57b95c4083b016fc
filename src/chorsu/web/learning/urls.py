"""Addresses of the learner's side."""

from django.urls import URLPattern, URLResolver, path

from chorsu.web.learning import answer_files, cards, labs, marking, marks, offline, pages, quiz

_UNIT = "learning/<uuid:enrolment_id>/units/<slug:unit_key>/"
_ATTEMPT = "learning/<uuid:enrolment_id>/attempts/<uuid:attempt_id>/"

_WORK = "cohorts/<uuid:cohort_id>/work/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("learning/", pages.mine, name="learning"),
    path("learning/offline/", offline.offline, name="learning-offline"),
    path("learning/token/", offline.token, name="learning-token"),
    path("learning/cards/", cards.today, name="learning-cards"),
    path("learning/cards/mails/", cards.reminding, name="learning-reminding"),
    path("learning/cards/stop/<str:token>/", cards.stop, name="learning-cards-stop"),
    path("learning/<uuid:enrolment_id>/cards/", cards.review, name="learning-card"),
    path("learning/<uuid:enrolment_id>/", pages.course, name="learning-course"),
    path("learning/<uuid:enrolment_id>/keep/", offline.keep_course, name="learning-keep-course"),
    path("learning/<uuid:enrolment_id>/files/<str:sha256>/", pages.file, name="learning-file"),
    path(f"{_UNIT}keep/", offline.keep_unit, name="learning-keep-unit"),
    path(_UNIT, pages.unit, name="learning-unit"),
    path(f"{_UNIT}done/", marks.done, name="learning-done"),
    path(f"{_UNIT}bookmark/", marks.bookmark, name="learning-bookmark"),
    path(f"{_UNIT}note/", marks.note, name="learning-note"),
    path(f"{_UNIT}position/", marks.position, name="learning-position"),
    path(f"{_UNIT}survey/", marks.survey, name="learning-survey"),
    path(f"{_UNIT}lab/", labs.run, name="learning-lab"),
    path(f"{_UNIT}tool/", labs.open_tool, name="learning-tool"),
    path(f"{_UNIT}work/", marks.work, name="learning-work"),
    path(f"{_UNIT}begin/", quiz.begin, name="quiz-begin"),
    path(_ATTEMPT, quiz.answering, name="attempt"),
    path(f"{_ATTEMPT}answer/", quiz.answer, name="attempt-answer"),
    path(f"{_ATTEMPT}files/", answer_files.take, name="attempt-files"),
    path(f"{_ATTEMPT}files/<uuid:file_id>/", answer_files.file, name="attempt-file"),
    path(f"{_ATTEMPT}finish/", quiz.finish, name="attempt-finish"),
    path(_WORK, marking.waiting, name="cohort-work"),
    path(f"{_WORK}<uuid:submission_id>/", marking.mark, name="work-mark"),
    path(f"{_WORK}<uuid:submission_id>/file/", marking.file, name="work-file"),
    path(f"{_WORK}answers/<uuid:attempt_id>/", marking.mark_long_answer, name="answer-mark"),
    path(
        f"{_WORK}answers/<uuid:attempt_id>/<uuid:file_id>/", marking.answer_file, name="answer-file"
    ),
    path(f"{_WORK}time/<uuid:enrolment_id>/", marking.extra_time, name="extra-time"),
]
