"""Addresses of the work area."""

from django.urls import path

from chorsu.web.writing import deciding, editing, preview, review, translating, versions, work

DRAFT = "work/drafts/<uuid:draft_id>"
PRACTICE = "practices/<uuid:practice_id>"

urlpatterns = [
    path("work/", work.index, name="work"),
    path("work/new/", work.new, name="draft-new"),
    path(f"{DRAFT}/", editing.edit, name="draft-edit"),
    path(f"{DRAFT}/preview/", preview.show, name="draft-preview"),
    path(f"{DRAFT}/files/<str:sha256>", preview.file, name="draft-file"),
    path(f"{DRAFT}/review/", review.show, name="draft-review"),
    path(f"{DRAFT}/comment/", review.comment, name="draft-comment"),
    path(f"{DRAFT}/comments/<int:comment_id>/done/", review.resolve, name="draft-resolve"),
    path(f"{DRAFT}/submit/", review.submit, name="draft-submit"),
    path(f"{DRAFT}/return/", review.give_back, name="draft-return"),
    path(f"{DRAFT}/publish/", deciding.publish, name="draft-publish"),
    path(f"{DRAFT}/discard/", deciding.discard, name="draft-discard"),
    path(f"{DRAFT}/versions/", versions.index, name="draft-versions"),
    path(f"{DRAFT}/versions/<int:version>/", versions.show, name="draft-version"),
    path(f"{DRAFT}/versions/<int:version>/restore/", versions.restore, name="draft-restore"),
    path(f"{PRACTICE}/revise/", deciding.revise, name="practice-revise"),
    path(f"{PRACTICE}/begin/", deciding.begin, name="practice-begin"),
    path(f"{PRACTICE}/withdraw/", deciding.withdraw, name="practice-withdraw"),
    path(f"{PRACTICE}/translate/", translating.index, name="translate"),
    path(f"{PRACTICE}/translate/<str:tag>/", translating.translate, name="practice-translate"),
    path(
        f"{PRACTICE}/translate/<str:tag>/discard/",
        translating.discard,
        name="practice-translate-discard",
    ),
]
