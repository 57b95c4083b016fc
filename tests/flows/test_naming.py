"""Every column that may hold the hash of a blob keeps the blob, or says why it need not."""

from __future__ import annotations

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import BinaryField, CharField, JSONField

from chorsu.exchange.models import Blob
from chorsu.flows import sweeping

HASHES = set(sweeping.places())
"""Columns that keep a blob here, as the code has them."""
TOLD = {
    "exchange.Erasure.files": "whose files they were; own ones are in OwnFile",
    "training.CourseRevision.files": "each has its CourseFile as long as a revision has it",
    "training.Course.facts": "films and captions are among the files of the course",
    "training.CourseRevision.facts": "as Course.facts",
    "training.CourseDraft.facts": "published only with CourseFile",
    "training.CourseDraftVersion.facts": "as CourseDraft.facts",
    "training.SharedBankRevision.items": "names questions, and BankItem their pictures",
    "practices.Draft.words": "descriptions by the hash of a file that PracticeFile has",
    "practices.DraftVersion.words": "as Draft.words",
    "practices.Draft.refused": "as Draft.words",
    "practices.DraftVersion.refused": "as Draft.words",
    "practices.TranslationDraft.words": "as Draft.words",
    "practices.PracticeText.words": "as Draft.words",
    "practices.PracticeRevision.words": "as Draft.words",
    "training.CourseText.words": "descriptions by the hash of a file that CourseFile has",
    "training.RevisionText.words": "as CourseText.words",
    "training.CourseRevision.texts": "as CourseText.words",
    "training.CourseDraft.words": "as CourseText.words",
    "training.CourseDraftVersion.words": "as CourseText.words",
    "training.CourseDraftText.words": "as CourseText.words",
    "training.CourseTranslation.words": "as CourseText.words",
    "institutions.AuditEvent.detail": "what was done, to whatever is left of it",
}
"""Columns with hashes of blobs that need none of them: why."""
OTHER = {
    "exchange.Feed": ("notes and an edge", "checkpoint range replaced_by stopped_by"),
    "exchange.Tile": ("hashes of leaves", "hashes root"),
    "exchange.FeedEntry": ("leaves, and the blob beside them", "leaf leaf_hash"),
    "exchange.PeerTile": ("as Tile", "hashes root"),
    "exchange.PeerEntry": ("as FeedEntry", "leaf"),
    "exchange.Peer": (
        "notes and names", "checkpoint institutions successions verified_range witnessed_note",
    ),
    "exchange.PeerSighting": ("a note", "note"),
    "exchange.SeenNonce": ("nonces", "nonce"),
    "exchange.BundleWork": ("names of files, and counts", "files report"),
    "exchange.Restoration": ("names of peers", "peers"),
    "institutions.Person": ("identifiers, words", "home_subject languages told"),
    "institutions.Invitation": ("a token", "roles token_hash"),
    "institutions.Connection": ("an identifier", "claims confirmation subject"),
    "institutions.Forgetting": ("an identifier", "subject"),
    "search.Passage": ("of a text", "hash"),
    "search.Encoder": ("settings", "audiences choice space"),
    "search.SavedSearch": ("filters", "digest filters"),
    "search.Document": ("codes", "languages themes"),
    "search.Word": ("hashes of words", "slips"),
    "practices.Practice": ("facts have no file", "facts goals themes"),
    "practices.PracticeRevision": ("as Practice", "facts"),
    "practices.Draft": ("as Practice", "facts"),
    "practices.DraftVersion": ("as Practice", "facts"),
    "training.NominationFile": ("its bytes are in the row", "content sha256"),
    "training.AnswerFile": ("as that", "content sha256"),
    "training.Submission": ("as that", "file"),
    "training.CartridgeImport": ("as that", "content"),
    "training.BroughtCertificate": ("as that", "commitment file"),
    "training.Course": ("codes", "themes"),
    "training.Cohort": ("languages", "languages"),
    "training.Import": ("cells and people", "before new_people rows"),
    "training.Attempt": ("questions", "by_competence items sections versions"),
    "training.Answer": ("answers", "response"),
    "training.AnswerMark": ("points", "points"),
    "training.Mark": ("points", "points"),
    "training.BankItem": ("words name pictures as its facts do", "texts"),
    "training.QuestionImport": ("troubles name no file", "troubles"),
    "training.StatusList": ("bits", "bits"),
    "training.Commitment": ("of a credential", "commitment"),
    "training.Certificate": ("of a credential", "commitment texts"),
    "training.IssueWork": ("codes", "refused"),
    "training.SurveyAnswer": ("answers", "answers"),
    "training.ReportedResult": ("of a certificate", "commitment note titles"),
    "training.OutsideResult": ("numbers", "choices"),
    "tools.Tool": ("addresses", "redirect_urls"),
    "tools.Spent": ("a mark", "value"),
    "tools.Content": ("addresses", "item"),
    "tools.Platform": ("names", "cohorts deployments"),
    "tools.Arrival": ("marks", "browser claims nonce ticket"),
    "harvested.HarvestedRecord": ("words", "values"),
}  # fmt: skip
"""Tables whose other columns can hold no hash of a blob: what they hold, and which they are."""


def may_name_blobs() -> set[str]:
    """Every column of every table of this software that could: keys, hashes, JSON, lists, bytes."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("chorsu.") and model is not Blob
        for field in model._meta.concrete_fields
        if field.related_model is Blob
        or isinstance(field, (JSONField, ArrayField, BinaryField))
        or (isinstance(field, CharField) and field.max_length == 64)
        or any(word in field.name for word in ("sha256", "blob", "hash"))
    }


def test_every_column_that_may_name_a_blob_keeps_it_or_says_why_not() -> None:
    found = may_name_blobs()
    assert found >= HASHES | TOLD.keys()
    other = {f"{table}.{one}" for table, (_, names) in OTHER.items() for one in names.split()}
    assert found - HASHES - TOLD.keys() == other
    keys = {name for name in found if name.endswith((".blob", ".sha256"))}
    assert keys - HASHES == {"training.NominationFile.sha256", "training.AnswerFile.sha256"}
