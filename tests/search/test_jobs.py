"""A worker is asked to embed, once, and only when something waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoCaptureOnCommitCallbacks

from chorsu.jobs.tasks import PASSAGES_A_JOB, embed_waiting, learn_waiting
from chorsu.search import actions, embedding, queries
from chorsu.search.models import Document
from chorsu.search.rules import DocumentToIndex

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_queue")]


def waiting_jobs(name: str = actions.EMBED_JOB) -> int:
    return ProcrastinateJob.objects.filter(task_name=name, status="todo").count()


def test_two_records_make_one_job(
    document: Callable[..., DocumentToIndex],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        actions.index(document(en=("Night buses", "")))
        actions.index(document(en=("Night trams", "")))
    assert waiting_jobs() == 1


def test_nothing_to_embed_makes_no_job(
    document: Callable[..., DocumentToIndex],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    actions.index(document(en=("Night buses", "")))
    embedding.embed_waiting(10)
    with django_capture_on_commit_callbacks(execute=True):
        actions.index(document(en=("Night buses", "")))
    assert waiting_jobs() == 0


def test_a_job_goes_on_while_a_backlog_is_left(
    document: Callable[..., DocumentToIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chorsu.jobs.tasks.PASSAGES_A_JOB", 1)
    for name in ("One", "Two"):
        actions.index(document(en=(name, "")))
    embed_waiting()
    assert (queries.waiting_passages(), waiting_jobs()) == (1, 1)
    assert PASSAGES_A_JOB > embedding.BATCH


def test_what_is_taken_in_is_learned_by_a_job_that_goes_on_while_a_backlog_is_left(
    document: Callable[..., DocumentToIndex],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chorsu.jobs.tasks.RECORDS_A_JOB", 1)
    with django_capture_on_commit_callbacks(execute=True):
        for name in ("One", "Two"):
            actions.index(document(en=(name, "")))
    assert waiting_jobs(actions.LEARN_JOB) == 1
    ProcrastinateJob.objects.all().delete()
    learn_waiting()
    assert Document.objects.filter(learned=True).count() == 1
    assert waiting_jobs(actions.LEARN_JOB) == 1
