"""Addresses of the work area for courses."""

from django.urls import path

from chorsu.web.course_editor import (
    beginning,
    cartridges,
    content,
    deciding,
    editing,
    history,
    preview,
    review,
    translating,
    versions,
)

DRAFT = "work/courses/<uuid:draft_id>"
COURSE = "courses/<uuid:course_id>"

urlpatterns = [
    path("work/courses/new/", beginning.new, name="course-draft-new"),
    path("work/courses/import/", cartridges.index, name="cartridges"),
    path("work/courses/import/<uuid:import_id>/", cartridges.look, name="cartridge"),
    path("practices/<uuid:practice_id>/teach/", beginning.teach, name="practice-teach"),
    path(f"{DRAFT}/", editing.edit, name="course-draft-edit"),
    path(f"{DRAFT}/units/<slug:key>/", editing.unit, name="course-draft-unit"),
    path(
        f"{DRAFT}/units/<slug:key>/choose/<int:tool_id>/",
        content.choose,
        name="course-draft-choose",
    ),
    path("work/courses/chosen/<uuid:content_id>/", content.show, name="tool-content"),
    path(f"{DRAFT}/preview/<slug:key>/tool/", content.open_tool, name="course-draft-tool"),
    path(f"{DRAFT}/preview/", preview.course, name="course-draft-preview"),
    path(f"{DRAFT}/preview/<slug:key>/", preview.unit, name="course-draft-preview-unit"),
    path(f"{DRAFT}/files/<str:sha256>", preview.file, name="course-draft-file"),
    path(f"{DRAFT}/review/", review.show, name="course-draft-review"),
    path(f"{DRAFT}/comment/", review.comment, name="course-draft-comment"),
    path(f"{DRAFT}/comments/<int:comment_id>/done/", review.resolve, name="course-draft-resolve"),
    path(f"{DRAFT}/submit/", review.submit, name="course-draft-submit"),
    path(f"{DRAFT}/return/", review.give_back, name="course-draft-return"),
    path(f"{DRAFT}/publish/", deciding.publish, name="course-draft-publish"),
    path(f"{DRAFT}/discard/", deciding.discard, name="course-draft-discard"),
    path(f"{DRAFT}/versions/", versions.index, name="course-draft-versions"),
    path(f"{DRAFT}/versions/<int:version>/", versions.show, name="course-draft-version"),
    path(f"{DRAFT}/versions/<int:version>/restore/", versions.restore, name="course-draft-restore"),
    path(f"{COURSE}/revise/", beginning.revise, name="course-revise"),
    path(f"{COURSE}/fork/", beginning.fork, name="course-fork"),
    path(f"{COURSE}/withdraw/", deciding.withdraw, name="course-withdraw"),
    path(f"{COURSE}/history/", history.index, name="course-history"),
    path(f"{COURSE}/history/<int:revision>/", history.show, name="course-revision"),
    path(f"{COURSE}/translate/", translating.index, name="course-translations"),
    path(
        f"{COURSE}/translate/<str:tag>/discard/",
        translating.discard,
        name="course-translate-discard",
    ),
    path(
        f"{COURSE}/translate/<str:tag>/<slug:part>/", translating.translate, name="course-translate"
    ),
]
