"""`chorsu worker`: does the node's background work; start as many as there is work for."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from chorsu.flows.witnessing import ask_before_start
from chorsu.jobs.tasks import COMMON, EMBEDDING, PROMPT
from chorsu.kernel.clock import utc_now
from chorsu.search.actions import follow_settings


class Command(BaseCommand):
    help = "Pull from peers, accept what came, index it, send pings and mails."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        ask_before_start(now=utc_now())
        follow_settings()
        connections.close_all()

        async def work() -> None:
            async with app.open_async():
                # A hand that is always free for short work, and one that does nothing but embed:
                # a process has one encoder, and more hands would only wait for it.
                beside = [
                    asyncio.create_task(
                        app.run_worker_async(
                            name=queue,
                            queues=[queue],
                            concurrency=1,
                            install_signal_handlers=False,
                            shutdown_graceful_timeout=10,
                            delete_jobs="successful",
                        )
                    )
                    for queue in (PROMPT, EMBEDDING)
                ]
                try:
                    await app.run_worker_async(
                        queues=[COMMON, PROMPT],
                        concurrency=options["concurrency"],
                        shutdown_graceful_timeout=10,
                        delete_jobs="successful",
                    )
                finally:
                    for hand in beside:
                        hand.cancel()
                    for hand in beside:
                        with suppress(asyncio.CancelledError):
                            await hand

        pages = app.connector
        if not isinstance(pages, DjangoConnector):
            raise TypeError(f"jobs are deferred through {type(pages).__name__}")
        self.stdout.write("Worker ready.")
        # A worker listens on a connection of its own; pages defer through Django's.
        with app.replace_connector(pages.get_worker_connector()):
            asyncio.run(work())
