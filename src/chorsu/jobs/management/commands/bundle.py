"""`chorsu bundle`: the feed and its blobs as files, for where no network reaches."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chorsu.exchange.queries import NotThere
from chorsu.exchange.troubles import explain
from chorsu.flows import carrying
from chorsu.flows.loading import NotPacked
from chorsu.flows.opening import NotUnpacked
from chorsu.flows.packing import Progress
from chorsu.flows.unpacking import Unpacked
from chorsu.kernel.clock import utc_now
from chorsu.records.viewer import Viewer


class Command(BaseCommand):
    help = "Make a bundle for a peer, or take in the parts of one."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        making = what.add_parser("export", help="write what this node published to files")
        making.add_argument("--for", dest="peer", required=True, metavar="PEER")
        making.add_argument("--since", type=int, default=0, metavar="N", help="from entry N on")
        making.add_argument("--max-size", default="4G", metavar="SIZE", help="of one part; 4G")
        making.add_argument(
            "--mirror", action="store_true", help="its own log, as kept here, to restore from"
        )
        making.add_argument("file", type=Path, metavar="FILE")
        reading = what.add_parser("import", help="take in parts, in any order, twice, half copied")
        reading.add_argument("files", type=Path, nargs="+", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "export":
            self._export(options)
            return
        taken = [self._import(path) for path in options["files"]]
        self._tell_missing([one for one in taken if one])
        if None in taken:
            raise CommandError("Not every file could be taken in.")

    def _export(self, options: dict[str, Any]) -> None:
        peer, since, max_size = options["peer"], options["since"], options["max_size"]
        if since < 0:
            raise CommandError("--since counts entries: 0 or more.")
        try:
            packed = carrying.export(
                peer_name=peer,
                since=since,
                max_bytes=carrying.parse_size(max_size),
                path=options["file"],
                by=None,
                now=utc_now(),
                progress=self._progress("written"),
                mirror=options["mirror"],
            )
        except carrying.BadSize as refused:
            raise CommandError(f"--max-size {refused}: {refused.__doc__}") from refused
        except NotThere as refused:
            raise CommandError(f"{peer} is not a node known here: chorsu peers list") from refused
        except NotPacked as refused:
            words = explain(refused.code)
            raise CommandError(f"{words.message} {words.advice} ({refused.detail})") from refused
        except OSError as error:
            raise CommandError(str(error)) from error
        for made in packed.files:
            self.stdout.write(f"{made}  {made.stat().st_size} bytes")
        kind = f"encrypted to {peer}" if packed.sealed else "public records, not encrypted"
        self.stdout.write(f"entries {packed.since} to {packed.size}, {kind}")
        if packed.beside:
            self.stdout.write(
                f"{peer} has changed its key: {packed.beside.name} is not encrypted, and is to be "
                "taken in first there if the others are said to be for another node"
            )
        for label, hashes in (("too large", packed.left_out), ("damaged here", packed.lost)):
            for sha256 in hashes:
                self.stderr.write(f"left out, {label}: {sha256}")

    def _import(self, path: Path) -> Unpacked | None:
        try:
            taken = carrying.take_in(
                path=path, by=None, now=utc_now(), progress=self._progress("read")
            )
        except NotUnpacked as refused:
            words = explain(refused.code)
            about = f" ({refused.about})" if refused.about else ""
            self.stderr.write(f"{path}: {words.message}{about} {words.advice}")
            return None
        except OSError as error:
            self.stderr.write(f"{path}: {error}")
            return None
        manifest = taken.manifest
        self.stdout.write(
            f"{path}: part {manifest.part} of {len(manifest.parts)} of {manifest.origin}, "
            f"entries {manifest.since} to {manifest.size}"
        )
        self.stdout.write(
            f"  new entries {taken.entries}, records {taken.accepted}, files {taken.files}, "
            f"refused {taken.refused}"
        )
        if taken.requests or taken.answers:
            self.stdout.write(
                f"  erasures asked for {taken.requests}, answers to erasures {taken.answers}"
            )
        if taken.witnesses:
            self.stdout.write(f"  peers that have seen this log {taken.witnesses}")
        if taken.stopped:
            self.stderr.write(
                "  this node publishes nothing: chorsu doctor says why, and how to go on"
            )
        if taken.cut:
            self.stderr.write(f"  {path} ends too early or is damaged: what came whole is taken in")
        if taken.trouble:
            words = explain(taken.trouble)
            self.stderr.write(f"  {words.message} {words.advice} ({taken.trouble_detail})")
        for name in taken.damaged:
            self.stderr.write(f"  damaged: {name}")
        return taken

    def _tell_missing(self, taken: list[Unpacked]) -> None:
        """What is missing after the last part of each origin."""
        viewer = Viewer(member=True, languages=(settings.NODE.text("node.language"),))
        for one in {one.manifest.origin: one for one in taken}.values():
            origin = one.manifest.origin
            if not one.missing_records and not one.missing_files:
                self.stdout.write(f"{origin}: nothing is missing")
                continue
            self.stdout.write(
                f"{origin}: missing records {one.missing_records}, files {one.missing_files}"
            )
            for line in carrying.named(one.missing, viewer):
                lack = line.lack
                what = line.file_name or lack.sha256 if lack.is_file else lack.kind
                self.stdout.write(f"  {what}: {line.title or lack.record_id}")
            for name in one.missing_parts:
                self.stdout.write(f"  should be in: {name}")

    def _progress(self, word: str) -> Progress:
        shown = -1

        def show(done: int, total: int) -> None:
            nonlocal shown
            percent = done * 100 // total if total else 100
            step = 1 if sys.stderr.isatty() else 10
            if percent == shown or percent % step:
                return
            shown = percent
            end = "\r" if step == 1 and percent < 100 else "\n"
            self.stderr.write(f"  {word}: {percent} %", ending=end)
            self.stderr.flush()

        return show
