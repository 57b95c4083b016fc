"""Stable codes of what can go wrong between nodes, each with words for people.

A code is stored with a peer or an entry; pages show the sentence and what to do, in the reader's
language. Every code of `wire.errors` has a sentence of its own here.
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
_OTHER_KEY = Trouble(
    _("The node signs with another key than the one confirmed."),
    _(
        "Compare the fingerprint with its administrator. If the key was changed on "
        "purpose, forget the node here and add it again."
    ),
)
_ASK_THEM = _("Ask the administrator of that node to look at its log.")
_CALL = _(
    "Speak with the administrator of that node by telephone. Nothing more is taken from it until "
    "an administrator here decides to trust it again."
)
_COMPARE_KEYS = _(
    "Somebody may have its old key, or an old copy of the node is running. Compare the fingerprint "
    "shown here with its administrator by telephone. If it is the present one, trust the node "
    "again; if not, forget the node and add it anew."
)
_UPGRADE = _("Update this node's software; the record is kept and will be read then.")

_NEWER = _("Update this node's software.")
_CLOCKS = _("Check the clocks of both nodes.")

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
            _(
                "If that is meant, name its host in exchange.private_hosts, or set "
                "exchange.private_peers to true."
            ),
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
        "wrong-key": _OTHER_KEY,
        "chain-broken": Trouble(
            _("The changes of the node's key do not follow one another."), _COMPARE_KEYS
        ),
        "old-key": Trouble(
            _("The node shows something signed with a key that it had replaced."), _COMPARE_KEYS
        ),
        "two-successors": Trouble(
            _("The node's key was replaced twice, by two different keys."), _COMPARE_KEYS
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

STOPPED: Promise = _("Publishing is stopped")
_SEEN_MORE = _(
    "A peer has seen entries of this node's log that are not here. This node was set back to an "
    "old copy, or another one runs under its name and key. So that nobody is shown two histories, "
    "nothing more is published."
)
_SIGNED_MORE = _(
    "This node has signed more entries of its log than its database holds: the database was set "
    "back to an old copy. So that nobody is shown two histories, nothing more is published."
)
_KEY_REPLACED = _(
    "The key of this node was replaced by a newer one: a peer has shown this, signed by the very "
    "key that lies here. The node was put back with an old copy of its keys, or somebody else has "
    "them. So that nobody is shown two histories, nothing more is published."
)
_PUT_KEY_BACK = _(
    "An administrator puts the newest copy of the folder data/keys in place; publishing then goes "
    "on by itself. If nobody here changed the key, somebody else did: speak with the "
    "administrators of the peers by telephone, and change the key here, saying that it may be in "
    "other hands."
)
_KEY_UNUSABLE = _(
    "The key of this node cannot be read: its file is damaged or not there. Nothing is signed "
    "without it, so nothing is published."
)
_PUT_KEY_THERE = _(
    "An administrator puts the newest copy of the folder data/keys in place; publishing then goes "
    "on by itself. The command chorsu doctor names the file."
)
_RESTORE = _(
    "An administrator restores the newest backup of the database, has the entries after it brought "
    "back from the peers, and makes sure that only one node runs. Drafts can be written and are "
    "kept."
)

STOPS: Mapping[str, Trouble] = MappingProxyType(
    {
        "seen-by-peer": Trouble(_SEEN_MORE, _RESTORE),
        "signed-more": Trouble(_SIGNED_MORE, _RESTORE),
        "key-replaced": Trouble(_KEY_REPLACED, _PUT_KEY_BACK),
        "key-unusable": Trouble(_KEY_UNUSABLE, _PUT_KEY_THERE),
    }
)
"""Why nothing is published (`witnesses.why_stopped`, and `keys.UnusableKey`)."""

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
            _CLOCKS,
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
            _(
                "Take it to that node, or ask for a bundle made for this one. If a file ending in "
                ".keys.zip came with it, take that in first: it tells whether this node's key was "
                "replaced."
            ),
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
        "bundle-no-copy": Trouble(
            _("This node has no whole copy of that node's log."),
            _("Read its log to the end first, over the network or by a bundle of it."),
        ),
        "bundle-own-log": Trouble(
            _("The bundle holds a peer's copy of this node's own log."),
            _(
                "Restore from it, on the page Restore from the peers or by the command "
                "chorsu restore --from FILE."
            ),
        ),
        "peer-busy": Trouble(
            _("Another worker is reading that log."), _("Import the file again in some minutes.")
        ),
        "disk-full": Trouble(
            _("There is no room left on the disk."), _("Make room and begin again.")
        ),
    }
)

_COPY_SAVED = _("Do not rely on it. Ask whoever gave it to you for another copy.")

_FORM_MESSAGES = {
    "batch-malformed": _("Its answer with many records at once is not in proper form."),
    "bundle-malformed": _("Its list of entries is cut short or not in proper form."),
    "chain-malformed": _("Its list of the changes of its key is not in proper form."),
    "checkpoint-malformed": _("What it signed does not say how long its log is."),
    "cosignature-malformed": _("The signature of a witness is not in proper form."),
    "identity-malformed": _("What it says about a sign-in is not in proper form."),
    "identity-token": _("What it says about who signed in does not hold."),
    "erasure-malformed": _("Its list of erasures is not in proper form."),
    "erasure-format": _("Its list of erasures is of a newer format than this node reads."),
    "json-malformed": _("It sent something that is not valid JSON."),
    "json-not-canonical": _("It sent JSON in another spelling than the one agreed on."),
    "json-too-deep": _("It sent JSON that is nested deeper than allowed."),
    "json-too-large": _("It sent a document that is larger than allowed."),
    "key-malformed": _("Its key is not in proper form."),
    "leaf-count": _("It sent more or fewer entries than it had signed."),
    "name-malformed": _("Its name is not in proper form."),
    "node-format": _("It describes itself in a newer format than this node reads."),
    "node-malformed": _("Its description of itself is not in proper form."),
    "note-malformed": _("What it signed is not in proper form."),
    "note-too-large": _("What it signed is larger than allowed."),
    "proof-invalid": _("A proof from its log does not hold."),
    "proof-malformed": _("A proof from its log is not in proper form."),
    "succession-malformed": _("What it signed about a change of its key is not in proper form."),
    "tile-path": _("The address of a piece of the log is not in proper form."),
    "request-unsigned": _("The request is not signed."),
    "request-unknown-key": _("The request is signed with a key that nobody here knows."),
    "request-signature": _("The signature of the request is not valid."),
    "request-digest": _("The content of the request is not what was signed."),
    "request-expired": _("The request was signed too long ago or in the future."),
    "saved-malformed": _("The file is not a saved record."),
    "saved-format": _("The saved record is of a newer format than this node reads."),
    "saved-mismatch": _("The saved record says something else than its entry."),
    "saved-lacks-file": _("The file is not one of those that the saved record names."),
    "credential-malformed": _("A certificate is not in proper form."),
    "credential-format": _("A certificate is of a newer format than this node reads."),
    "code-malformed": _("The code of a certificate is not in proper form."),
    "status-malformed": _("A list of revoked certificates is not in proper form."),
    "credentials-malformed": _("Its record of certificates is not in proper form."),
    "credentials-format": _(
        "Its record of certificates is of a newer format than this node reads."
    ),
    "certificate-malformed": _("The file is not a certificate with its proofs."),
    "certificate-format": _("The certificate's file is of a newer format than this node reads."),
    "certificate-mismatch": _("What the certificate's file brings as proof is of another one."),
}
_FORM_ADVICE = {
    "erasure-format": _NEWER,
    "node-format": _NEWER,
    "request-expired": _CLOCKS,
    "saved-malformed": _COPY_SAVED,
    "saved-format": _NEWER,
    "saved-mismatch": _COPY_SAVED,
    "saved-lacks-file": _COPY_SAVED,
    "credential-format": _NEWER,
    "credentials-format": _NEWER,
    "certificate-format": _NEWER,
}

FORM_TROUBLES: Mapping[str, Trouble] = MappingProxyType(
    {
        **{
            code: Trouble(message, _FORM_ADVICE.get(code, _ASK_THEM))
            for code, message in _FORM_MESSAGES.items()
        },
        # What is kept as a compact range is kept by this node itself.
        "range-malformed": PEER_TROUBLES["known-damaged"],
        "payload-newer-format": ENTRY_TROUBLES["newer-format"],
    }
)
"""What was sent is not of the form that docs/FEDERATION.md gives it."""

_ASK_AGAIN = _("Restore again once more peers can be reached; it goes on from here.")

RESTORE_TROUBLES: Mapping[str, Trouble] = MappingProxyType(
    {
        "log-forked": Trouble(
            _("This node's key signed two logs that contradict each other; nothing was changed."),
            _(
                "Two nodes ran under this name and key, or entries were published from an old "
                "copy. Stop every other node of this name, restore a backup from before that, and "
                "restore from the peers again."
            ),
        ),
        "no-copy": Trouble(
            _("No peer that could be asked has a copy of this node's log."),
            _("Confirm the peers, see that each has confirmed this node, and restore again."),
        ),
        "no-copy-there": Trouble(
            _("It has no copy of this node's log, or its software does not give copies yet."),
            _("Ask its administrator to confirm this node, and to update its software."),
        ),
        "key-replaced": Trouble(
            _("The key of this node was replaced by another one: what lies here is an old copy."),
            _("Put the newest copy of the folder data/keys in place, then restore again."),
        ),
        "carried-copy": Trouble(
            _("No network reaches it: its copy of this node's log comes as a bundle."),
            _(
                "Ask its administrator for one, made on the page Bundles to carry or by "
                "chorsu bundle export --mirror, and restore from that, on the page Restore from "
                "the peers or by chorsu restore --from FILE."
            ),
        ),
        "not-a-copy": Trouble(
            _("The bundle does not hold a copy of this node's log."),
            _(
                "Ask for one that is made on the page Bundles to carry, of this node's own log, or "
                "by chorsu bundle export --mirror."
            ),
        ),
        "copy-incomplete": Trouble(
            _("No peer gives all the entries that this node had signed."), _ASK_AGAIN
        ),
        "entries-unseen": Trouble(
            _("More entries of this node's log were signed than any peer that was asked has."),
            _(
                "Restore a newer backup, or restore again once every peer can be reached. If none "
                "has them, an administrator gives them up by the command "
                "chorsu restore --give-up-unseen."
            ),
        ),
        "log-moved": Trouble(_("Somebody else changed the log meanwhile."), _ASK_AGAIN),
        "restore-busy": Trouble(
            _("The log is being restored already."), _("Wait until that has ended.")
        ),
    }
)

TROUBLES: Mapping[str, Trouble] = MappingProxyType(
    {
        **FORM_TROUBLES,
        **PEER_TROUBLES,
        **ENTRY_TROUBLES,
        **BUNDLE_TROUBLES,
        **RESTORE_TROUBLES,
    }
)


def explain(code: str) -> Trouble:
    """The words for a code; one without words of its own is unexpected."""
    return TROUBLES.get(code, UNEXPECTED)
