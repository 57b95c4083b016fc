"""`chorsu peers`: the peers of the node, from its own command line."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chorsu.exchange.actions import KeyDiffers
from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.queries import NotThere, peer, peers
from chorsu.flows import peering
from chorsu.kernel.clock import utc_now
from chorsu.wire.errors import WireError
from chorsu.wire.node import NodeDocument
from chorsu.wire.note import MAX_NOTE_BYTES

REFUSALS = (WireError, PeerTrouble, KeyDiffers, NotThere, peering.OwnAddress, OSError)


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ArgumentTypeError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


class Command(BaseCommand):
    help = (
        "List peers, add one by its address or its file, confirm one whose key was compared, "
        "refuse one, decide how it is reached and when its files come."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("list", help="every peer and how it is")
        adding = what.add_parser("add", help="ask the nodes at these addresses who they are")
        adding.add_argument("addresses", nargs="*", metavar="ADDRESS")
        adding.add_argument(
            "--from-file",
            action="append",
            default=[],
            type=Path,
            metavar="FILE",
            help="what export-document wrote there; may be repeated",
        )
        adding.add_argument("--confirm", action="store_true", help="trust the keys they show")
        for name, words in (("confirm", "trust these peers"), ("refuse", "trust them no more")):
            one = what.add_parser(name, help=words)
            one.add_argument("names", nargs="+", metavar="NAME")
        writing = what.add_parser("export-document", help="write who this node is to a file")
        writing.add_argument("file", type=Path, metavar="FILE")
        reaching = what.add_parser("reach", help="by the network, or by carried bundles alone")
        reaching.add_argument("name", metavar="NAME")
        reaching.add_argument("--by", choices=["network", "bundles"], required=True)
        policy = what.add_parser("policy", help="when its files come, and how fast")
        policy.add_argument("name", metavar="NAME")
        policy.add_argument("--files", choices=["ahead", "wanted"], required=True)
        policy.add_argument("--ahead-max-mb", type=_number(1, 4096), metavar="N")
        policy.add_argument("--max-kb-per-second", type=_number(0, 10_000_000), metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['what'].replace('-', '_')}")(options)
        except REFUSALS as refused:
            raise CommandError(str(refused)) from refused

    def _list(self, options: dict[str, Any]) -> None:
        for one in peers():
            state = one.trouble or ("in sync" if one.in_sync else "behind")
            if one.carried and not one.trouble:
                state = "by bundles"
            self.stdout.write(
                f"{one.name:32} {one.state:10} {state:16} "
                f"{one.verified_size} of {one.offered_size}  {one.key.fingerprint}"
            )

    def _add(self, options: dict[str, Any]) -> None:
        if not options["addresses"] and not options["from_file"]:
            raise CommandError("Give an address, or --from-file FILE.")
        for address in options["addresses"]:
            self._added(peering.add(address=address, by=None, now=utc_now()), options)
        for path in options["from_file"]:
            with path.open("rb") as file:
                data = file.read(MAX_NOTE_BYTES + 1)
            self._added(peering.add_from_file(data=data, by=None, now=utc_now()), options)
        if not options["confirm"]:
            self.stdout.write(
                "Compare each fingerprint with the peer's administrator, then: chorsu peers confirm"
            )

    def _added(self, document: NodeDocument, options: dict[str, Any]) -> None:
        self.stdout.write(f"{document.name}  {document.verify_key.fingerprint}")
        if options["confirm"]:
            peering.confirm(name=document.name, vkey=document.vkey, by=None, now=utc_now())

    def _export_document(self, options: dict[str, Any]) -> None:
        options["file"].write_bytes(peering.own_file())
        fingerprint = peering.own_document().verify_key.fingerprint
        self.stdout.write(f"{options['file']}  {settings.NODE_NAME}  {fingerprint}")

    def _reach(self, options: dict[str, Any]) -> None:
        carried = options["by"] == "bundles"
        peering.reach(name=options["name"], carried=carried, by=None, now=utc_now())
        self.stdout.write(f"{options['name']}: by {options['by']}")

    def _confirm(self, options: dict[str, Any]) -> None:
        for name in options["names"]:
            vkey = peer(name).key.vkey
            peering.confirm(name=name, vkey=vkey, by=None, now=utc_now())
            self.stdout.write(f"{name} is confirmed here")

    def _policy(self, options: dict[str, Any]) -> None:
        peering.set_policy(
            name=options["name"],
            files=options["files"],
            ahead_max_mb=options["ahead_max_mb"],
            max_kb_per_second=options["max_kb_per_second"],
            by=None,
            now=utc_now(),
        )
        self.stdout.write(f"{options['name']}: files {options['files']}")

    def _refuse(self, options: dict[str, Any]) -> None:
        for name in options["names"]:
            peering.refuse(name=name, by=None, now=utc_now())
            self.stdout.write(f"{name} is refused")
