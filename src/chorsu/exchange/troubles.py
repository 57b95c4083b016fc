"""Stable codes of what can go wrong between nodes, each with words for people.

A code is stored with a peer or an entry; pages show the sentence and what to do, in the reader's
language. Codes of `wire.errors` that a peer can cause are listed one by one or fall under
`UNEXPECTED`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong and what to do about it."""

    message: Promise
    advice: Promise


_WAIT = _("Nothing to do: this node tries again by itself.")
_ASK_THEM = _("Ask the administrator of that node to look at its log.")
_CALL = _(
    "Speak with the administrator of that node by telephone. Nothing more is taken from it until "
    "an administrator here decides to trust it again."
)
_UPGRADE = _("Update this node's software; the record is kept and will be read then.")

UNEXPECTED = Trouble(_("The node answered with something that can't be used."), _ASK_THEM)

PEER_TROUBLES: Mapping[str, Trouble] = MappingProxyType(
    {
        "unreachable": Trouble(
            _("The node can't be reached."),
            _("If this lasts, check the address and the connection, and ask its administrator."),
        ),
        "timeout": Trouble(_("The node answers too slowly or not at all."), _WAIT),
        "private-address": Trouble(
            _("The node's address leads into a private network."),
            _("If that is meant, set exchange.private_peers to true."),
        ),
        "redirected": Trouble(
            _("The node has moved: its address sends elsewhere."),
            _("Ask its administrator for the new address and add it."),
        ),
        "peer-error": Trouble(_("The node reports an error of its own."), _ASK_THEM),
        "peer-lacks": Trouble(_("The node does not have what it should have."), _ASK_THEM),
        "peer-erased": Trouble(_("The node has erased this content."), _WAIT),
        "erased-here": Trouble(
            _("The content was erased and is not taken in again."), _("Nothing to do.")
        ),
        "peer-forbids": Trouble(
            _("The node does not let this node read it."),
            _("Ask its administrator to confirm this node as a peer."),
        ),
        "answer-too-large": Trouble(_("The node's answer is larger than allowed."), _ASK_THEM),
        "wrong-key": Trouble(
            _("The node signs with another key than the one confirmed."),
            _(
                "Compare the fingerprint with its administrator. If the key was changed on "
                "purpose, forget the node here and add it again."
            ),
        ),
        "bad-signature": Trouble(
            _("The node's signature is not valid; something on the way may have changed it."),
            _ASK_THEM,
        ),
        "wrong-origin": Trouble(_("The address shows the log of another node."), _ASK_THEM),
        "rolled-back": Trouble(_("The node shows a shorter log than it had signed before."), _CALL),
        "fork": Trouble(_("The node has signed two different logs."), _CALL),
        "rewritten": Trouble(_("The node has rewritten its past entries."), _CALL),
        "root-mismatch": Trouble(
            _("The entries do not match what the node has signed; they were damaged on the way."),
            _WAIT,
        ),
        "known-damaged": Trouble(
            _("What this node kept of the log is damaged."),
            _("Restore this node's database from a backup, or forget the node and add it again."),
        ),
        "internal": Trouble(
            _("This node failed while reading what the other had sent."),
            _("Look into this node's log, and report the fault to those who make the software."),
        ),
    }
)

ENTRY_TROUBLES: Mapping[str, Trouble] = MappingProxyType(
    {
        "unknown-kind": Trouble(_("A kind of record that this node does not know yet."), _UPGRADE),
        "newer-format": Trouble(_("A newer format than this node reads."), _UPGRADE),
        "not-the-host": Trouble(
            _("It speaks for an institution that another node hosts."), _ASK_THEM
        ),
        "content-lost": Trouble(_("Its content was lost from this node's disk."), _WAIT),
        "not-the-origin": Trouble(
            _("The record belongs to another node; only that one may change it."), _ASK_THEM
        ),
        "payload-entry-mismatch": Trouble(
            _("The record's content says something else than its entry."), _ASK_THEM
        ),
        "payload-malformed": Trouble(_("The record's content is not in proper form."), _ASK_THEM),
        "entry-malformed": Trouble(_("The entry is not in proper form."), _ASK_THEM),
        "entry-too-large": Trouble(_("The entry is larger than allowed."), _ASK_THEM),
        "blob-size": Trouble(_("The content has another length than promised."), _ASK_THEM),
        "blob-hash": Trouble(_("The content is not the one that was signed."), _ASK_THEM),
        "record-too-large": Trouble(_("The record is larger than allowed."), _ASK_THEM),
        "from-the-future": Trouble(
            _("The entry's time lies in the future."),
            _("Check the clocks of both nodes."),
        ),
    }
)

_COPY_AGAIN = _("Copy the file again, or ask for it once more.")

BUNDLE_TROUBLES: Mapping[str, Trouble] = MappingProxyType(
    {
        "carried-malformed": Trouble(_("The file is not a part of a bundle."), _COPY_AGAIN),
        "carried-format": Trouble(
            _("The bundle is of a newer format than this node reads."),
            _("Update this node's software and import the file again."),
        ),
        "bundle-cut": Trouble(
            _("The file ends too early or is damaged: there is nothing in it that can be used."),
            _COPY_AGAIN,
        ),
        "bundle-damaged": Trouble(_("A piece of the file is damaged."), _COPY_AGAIN),
        "bundle-not-ours": Trouble(
            _("The bundle is encrypted to another node."),
            _("Take it to that node, or ask for a bundle made for this one."),
        ),
        "bundle-of-stranger": Trouble(
            _("The bundle comes from a node that is not a confirmed peer here."),
            _("Add and confirm that node as a peer, then import the file again."),
        ),
        "bundle-gap": Trouble(
            _("The bundle begins later in the log than this node has read."),
            _("Ask for a bundle from the entry up to which this node has read the log."),
        ),
        "bundle-size": Trouble(
            _("The parts are to be smaller than the log alone."),
            _("Choose larger parts, or begin at a later entry."),
        ),
        "bundle-since": Trouble(
            _("The log does not have so many entries."), _("Begin at an earlier entry.")
        ),
        "peer-busy": Trouble(
            _("Another worker is reading that log."), _("Import the file again in some minutes.")
        ),
        "disk-full": Trouble(
            _("There is no room left on the disk."), _("Make room and begin again.")
        ),
    }
)

TROUBLES: Mapping[str, Trouble] = MappingProxyType(
    {**PEER_TROUBLES, **ENTRY_TROUBLES, **BUNDLE_TROUBLES}
)


def explain(code: str) -> Trouble:
    """The words for a code; one without words of its own is unexpected."""
    return TROUBLES.get(code, UNEXPECTED)
