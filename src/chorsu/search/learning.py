"""Learning what is offered while typing, and which words there are, from records in the index.

A worker does it after the index has a record, never the transaction that takes one in: words are
shared by records, and two who take records in would wait for each other over them.
"""

from __future__ import annotations

from typing import cast

from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.models import Func, TextField, Value

from chorsu.search import suggestions
from chorsu.search.models import Document, Passage, ShownWord, Suggestion
from chorsu.search.statements import rows, statements

OFFERED = ("title", "place", "term")
"""Fields whose beginning is offered to be completed."""
WORDS_AT_ONCE = 5000
_BEGINNINGS: ArrayField[list[str], list[str]] = ArrayField(TextField())


def learn_waiting(*, limit: int) -> int:
    """Learn from up to `limit` records as they stand now; return how many.

    One transaction a record: a kill loses none. Several workers take different ones.
    """
    done = 0
    while done < limit and _learn_one():
        done += 1
    return done


@transaction.atomic
def _learn_one() -> bool:
    waiting = Document.objects.select_for_update(skip_locked=True).filter(learned=False)
    document = waiting.order_by("id").first()
    if document is None:
        return False
    passages = list(Passage.objects.filter(document=document).only("language", "field", "text"))
    Suggestion.objects.filter(document=document).delete()
    Suggestion.objects.bulk_create(_offered(one) for one in passages if one.field in OFFERED)
    found: dict[str, str] = {}
    for passage in passages:
        for folded, shown in suggestions.vocabulary(passage.text).items():
            found.setdefault(folded, shown)
    # In one order, so that two workers never wait for each other; known words take no lock.
    known = set(ShownWord.objects.filter(folded__in=list(found)).values_list("folded", flat=True))
    fresh = [ShownWord(folded=one, shown=found[one]) for one in sorted(found.keys() - known)]
    ShownWord.objects.bulk_create(fresh, ignore_conflicts=True)
    Document.objects.filter(pk=document.pk).update(learned=True)
    return True


def _offered(passage: Passage) -> Suggestion:
    lexemes = Value(list(suggestions.beginnings(passage.text)), _BEGINNINGS)
    return Suggestion(
        document_id=passage.document_id,
        field=passage.field,
        language=passage.language,
        text=passage.text,
        beginnings=Func(lexemes, function="array_to_tsvector"),
    )


def forget_gone_words() -> int:
    """Drop the words that no record has any more; return how many.

    Until then they are shown to nobody: the index is asked for each word that is offered.
    """
    gone = 0
    last = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            values = {"last": last, "limit": WORDS_AT_ONCE}
            ((found,),) = rows(_SQL["stretch"], values)
            if found is None:
                return gone
            highest = cast("int", found)
            cursor.execute(_SQL["forget"], {"last": last, "highest": highest})
            gone += cursor.rowcount
            last = highest


_SQL = statements("learning.sql")
