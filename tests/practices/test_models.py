"""How words lie in the database."""

from __future__ import annotations

import uuid
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chorsu.practices.models import PracticeText

pytestmark = pytest.mark.django_db

WORDS = {
    "title": 'Öwrenmek "我们" қажет',
    "summary": "乡村学校\n\\u0041 a backslash, \x7f, \U00020000 and 😀",
}


def test_words_of_any_script_are_written_with_their_letters_and_read_back(now: datetime) -> None:
    texts = [
        PracticeText(
            practice_id=uuid.uuid4(), language="kk", provenance="original", revision=1,
            supplied_by="hub", title="", summary="", words=WORDS,
        )
        for _ in range(2)
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as captured:
        PracticeText.objects.bulk_create(texts)

    written = "".join(query["sql"] for query in captured)
    assert "қажет" in written
    assert "\\u0" not in written.replace("\\u0041", "")
    assert [text.words for text in PracticeText.objects.all()] == [WORDS, WORDS]
