"""What a published form says, as rows: one's own that is made again, a peer's that came."""

from __future__ import annotations

from datetime import datetime

from chorsu.practices.actions.storing import spread_facts
from chorsu.practices.models import Practice, PracticeFile, PracticeRevision, PracticeText
from chorsu.practices.wire import PublishedPractice, PublishedText


def original_words(row: Practice | None) -> dict[str, str] | None:
    """The words of the original as they stand here, or None."""
    if row is None:
        return None
    text = row.texts.filter(language=row.original_language, supplied_by=row.origin).first()
    return dict(text.words) if text is not None else None


def fill(
    row: Practice, form: PublishedPractice, *, index: int | None, at: datetime, blob: str
) -> None:
    """Make a row say what the form and its entry say; to be saved by the caller."""
    row.become(form, index=index, at=at, blob=blob)
    spread_facts(row, form.facts)


def replace_texts(row: Practice, form: PublishedPractice, index: int | None) -> None:
    """The origin's own texts are those of the form, and no others."""
    here = {text.language: text for text in row.texts.filter(supplied_by=row.origin)}
    for language, published in form.texts.items():
        text = here.pop(language, None) or PracticeText(practice=row, supplied_by=row.origin)
        fill_text(text, published, index)
        text.save()
    PracticeText.objects.filter(pk__in=[text.pk for text in here.values()]).delete()


def fill_text(text: PracticeText, published: PublishedText, index: int | None) -> None:
    """Make a text say what was published in entry `index`; to be saved by the caller."""
    text.become(published)
    text.feed_index = index


def keep_history(row: Practice, form: PublishedPractice) -> None:
    """Keep this revision with its words, earlier ones that are not known yet without."""
    known = set(row.revisions.values_list("revision", flat=True))
    newest, *earlier = revision_rows(row, form)
    PracticeRevision.objects.bulk_create(one for one in earlier if one.revision not in known)
    PracticeRevision.objects.update_or_create(
        practice=row,
        revision=form.revision,
        defaults={
            "published_at": newest.published_at,
            "note": newest.note,
            "facts": newest.facts,
            "words": newest.words,
            "audience": newest.audience,
        },
    )


def revision_rows(row: Practice, form: PublishedPractice) -> list[PracticeRevision]:
    """The history that a form tells: this revision with its words, then earlier ones without."""
    line = form.history[-1] if form.history else None
    newest = PracticeRevision(
        practice=row,
        revision=form.revision,
        published_at=line.published_at if line else form.updated_at,
        note=line.note if line else "",
        facts=form.facts,
        words=form.original.words,
        audience=form.audience,
    )
    earlier = [
        PracticeRevision(
            practice=row,
            revision=line.revision,
            published_at=line.published_at,
            note=line.note,
            audience=form.audience,
        )
        for line in form.history
        if line.revision != form.revision
    ]
    return [newest, *earlier]


def replace_files(row: Practice, form: PublishedPractice) -> None:
    PracticeFile.objects.filter(practice_id=row.pk).delete()
    PracticeFile.objects.bulk_create(file_rows(row, form))


def file_rows(row: Practice, form: PublishedPractice) -> list[PracticeFile]:
    """The files that a form names, in its order; to be saved by the caller."""
    return [
        PracticeFile(
            practice_id=row.pk,
            sha256=file.sha256,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            language=file.language,
            position=position,
            published=True,
        )
        for position, file in enumerate(form.files)
    ]
