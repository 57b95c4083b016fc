"""`chorsu erase`: take back published content for good, from the node's own command line."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chorsu.exchange.erasures import GROUNDS, PeerAnswer, own_erasures
from chorsu.flows import erasing
from chorsu.flows.erasing import Consequence, InvalidReason, NotErasable, Reason
from chorsu.kernel.clock import format_time, utc_now

LISTED = 100


class Command(BaseCommand):
    help = "Erase published content by its SHA-256 and have peers asked to; without one, list."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("blob", nargs="?", default="", metavar="BLOB")
        parser.add_argument("--ground", choices=GROUNDS, default="")
        parser.add_argument("--reason", default="", metavar="WORDS", help="everybody reads them")
        parser.add_argument("--language", default="", metavar="TAG", help="of the words")
        parser.add_argument("--hide-name", action="store_true", help="show a file's name no more")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["blob"]:
            self._list()
            return
        try:
            record = erasing.find_record(options["blob"])
            told = erasing.consequence(record, options["blob"])
            self._show(told)
            if not options["yes"] and input("Erase for good? yes/no: ").strip() != "yes":
                raise CommandError("nothing was erased")
            reason = Reason(
                options["ground"],
                options["reason"],
                options["language"] or settings.NODE.text("node.language"),
                named=not options["hide_name"],
            )
            erasing.erase(
                record_id=record, blob=options["blob"], reason=reason, by=None, now=utc_now()
            )
        except (NotErasable, InvalidReason) as refused:
            raise CommandError(str(refused)) from refused
        try:
            erasing.finish(now=utc_now())
        except OSError as error:
            raise CommandError(f"erased; a worker removes the bytes, for now: {error}") from error
        self.stdout.write("erased; peers read the request when they next look")

    def _show(self, told: Consequence) -> None:
        target = told.target
        name = target.name or f"revision {target.revision}"
        self.stdout.write(f"{target.what} of {target.kind} {target.record_id}: {name}")
        self.stdout.write(f"  {told.title}")
        for blob in target.blobs:
            self.stdout.write(f"  {blob}")
        self.stdout.write(f"  asked will be: {', '.join(told.peers) or 'nobody'}")

    def _list(self) -> None:
        for one, answers in own_erasures(LISTED):
            self.stdout.write(f"{format_time(one.at)}  {one.what:6}  {one.ground:13}  {one.blob}")
            for answer in answers:
                self.stdout.write(f"  {answer.peer:32} {_said(answer)}")


def _said(answer: PeerAnswer) -> str:
    if answer.answer:
        return f"{answer.answer} {answer.code}".strip()
    if answer.asked_at is not None:
        return "asked"
    return "does not know such requests" if answer.knows is False else "not asked yet"
