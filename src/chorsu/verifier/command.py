"""`chorsu verify` and `chorsu-verify`: says offline what a saved record proves.

Exit codes: 0 proven by a key given; 1 not genuine or damaged; 2 nothing could be checked (wrong
use, a file that can't be read); 3 the file is whole, and no key given answers to its node. Of
certificates (`verifier.certificates`) also 4 and 5.
"""

from __future__ import annotations

import argparse
import gettext as catalogues
import hashlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO, TypeAlias

from chorsu.kernel.clock import format_time, utc_now
from chorsu.kernel.languages import LANGUAGES, TAGS, by_tag
from chorsu.verifier import certificates, words
from chorsu.verifier.lists import SOFTWARE, institution_in
from chorsu.verifier.words import Gettext, Line, Reader, Result, Value
from chorsu.wire.checkpoint import Cosignature
from chorsu.wire.entry import Entry
from chorsu.wire.envelope import Json
from chorsu.wire.errors import WireError
from chorsu.wire.saved import MAX_SAVED_BYTES, Verdict, check_file, verify_saved
from chorsu.wire.succession import KnownKey, parse_known_key

LOCALE = SOFTWARE / "web" / "locale"
MAX_KEYS_BYTES = 256 * 1024
EXIT_CODES: dict[Result, int] = {"proven": 0, "refused": 1, "unknown-key": 3}
UNCHECKED = 2
Certify: TypeAlias = Callable[
    [bytes, Sequence[KnownKey], datetime, Reader], certificates.Answer | None
]
"""What tells of a certificate; None for what is none."""


class Unreadable(Exception):  # noqa: N818 - says what is wrong
    """A file named on the command line can't be read, or is no list of keys."""


def main() -> None:
    """The stand-alone command."""
    sys.exit(run(sys.argv[1:]))


def run(
    arguments: Sequence[str],
    at_hand: Sequence[KnownKey] = (),
    certify: Certify = certificates.answer,
) -> int:
    """Check a file, print what it proves, return the exit code.

    `at_hand` are keys known besides those that the arguments name; `certify` is asked of
    certificates where no key is named.
    """
    asked = _parser().parse_args(arguments)
    language = asked.language or _language_of_environment()
    translate = gettext_for(language)
    try:
        known = [*at_hand, *_known_keys(asked.keys, asked.key)]
        data = _bytes_of(asked.file, MAX_SAVED_BYTES + 1)
        digests = [_digest(name) for name in asked.attached]
    except Unreadable as unreadable:
        print(f"{unreadable}", file=sys.stderr)
        return UNCHECKED
    if asked.key or asked.keys:
        certify = certificates.answer
    if (said := certify(data, known, utc_now(), reader_of(language))) is not None:
        return _certificate(said, for_programs=asked.json)
    try:
        verdict = verify_saved(data, known)
        for digest in digests:
            check_file(verdict, digest)
    except WireError as error:
        result: Result = "refused"
        report = _refused_json(error)
        text = [words.failure(error, translate), words.advice(result, translate), f"({error})"]
    else:
        result = words.result_of(verdict)
        report = _verdict_json(result, verdict)
        text = _text(verdict, result, language)
    if asked.json:
        _print([json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True)], sys.stdout)
    else:
        _print([words.headline(result, translate), *text], sys.stdout)
    return EXIT_CODES[result]


def _certificate(said: certificates.Answer, *, for_programs: bool) -> int:
    if for_programs:
        _print([json.dumps(said.report, ensure_ascii=False, indent=1, sort_keys=True)], sys.stdout)
        return said.code
    facts = ["", *map(_line, said.lines)] if said.lines else []
    _print([said.headline, *said.text, *said.warnings, *facts], sys.stdout)
    return said.code


def reader_of(tag: str) -> Reader:
    """Who reads a language by its tag; where its catalogue is not there, nothing is translated."""
    folder = by_tag(tag).gettext_folder
    catalogue = catalogues.translation("django", str(LOCALE), [folder], fallback=True)
    return Reader(tag, catalogue.gettext, catalogue.ngettext)


def gettext_for(tag: str) -> Gettext:
    """Translates into a language by its tag."""
    return reader_of(tag).gettext


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chorsu verify",
        allow_abbrev=False,
        description="Says offline who published a saved record or issued a certificate, when, and "
        "that it is unchanged.",
        epilog="Exit codes: 0 proven; 1 not genuine or damaged; 2 could not be checked; "
        "3 whole, but signed by a key that was not given. Of a certificate also: 4 the "
        "signature holds, but whether it was revoked is not in the file; "
        "5 revoked, expired or not yet valid.",
    )
    parser.add_argument("file", help="the saved record or certificate; - for standard input")
    parser.add_argument("--key", action="append", default=[], metavar="VKEY", help="a known key")
    parser.add_argument(
        "--keys",
        action="append",
        default=[],
        metavar="FILE",
        help="known keys, one a line, as `chorsu keys` prints them at a node",
    )
    parser.add_argument(
        "--with",
        dest="attached",
        action="append",
        default=[],
        metavar="FILE",
        help="a file of the record, to be compared with its hash",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--language", choices=TAGS, help="of the answer")
    return parser


def _language_of_environment() -> str:
    """The working language of LC_ALL, LC_MESSAGES or LANG, else English."""
    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    code = named.replace("-", "_").partition(".")[0].partition("_")[0].lower()
    return next((one.tag for one in LANGUAGES if one.tag.partition("-")[0] == code), "en")


def _known_keys(files: Sequence[str], vkeys: Sequence[str]) -> list[KnownKey]:
    """Keys of files and of the command line."""
    given = list(vkeys)
    for name in files:
        data = _bytes_of(name, MAX_KEYS_BYTES + 1)
        if len(data) > MAX_KEYS_BYTES:
            raise Unreadable(f"{name}: over {MAX_KEYS_BYTES} bytes")
        stripped = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
        given += [line for line in stripped if line and not line.startswith("#")]
    try:
        return [parse_known_key(line) for line in dict.fromkeys(given)]
    except WireError as error:
        raise Unreadable(str(error)) from error


def _bytes_of(name: str, most: int) -> bytes:
    """At most `most` bytes of a file, or of standard input."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(most)
        with Path(name).open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror}") from error


def _digest(name: str) -> str:
    try:
        with Path(name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror}") from error


def _text(verdict: Verdict, result: Result, language: str) -> list[str]:
    translate, institution = gettext_for(language), institution_in(verdict.institution, language)
    warnings = words.warnings(verdict, translate, institution)
    said = [words.advice(result, translate), *warnings]
    facts = map(_line, words.lines(verdict, translate, institution))
    return [*filter(None, said), "", *facts, "", words.as_of(translate)]


def _line(line: Line) -> str:
    return f"{line.label}: {' | '.join(map(_value, line.values))}"


def _value(value: Value) -> str:
    when = _time(value.time) if value.time else ""
    day = value.day.isoformat() if value.day else ""
    tag = f"[{value.language}] " if value.language else ""
    return tag + ", ".join(filter(None, (value.text, value.more, day, when)))


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def _print(text: Sequence[str], out: TextIO) -> None:
    """Lines, with what the terminal's encoding lacks escaped rather than lost in an error."""
    encoding = out.encoding or "utf-8"
    for line in text:
        out.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _refused_json(error: WireError) -> Json:
    return {"result": "refused", "code": error.code, "detail": error.detail}


def _verdict_json(result: Result, verdict: Verdict) -> Json:
    entry = verdict.entry
    known: dict[str, Json] = {"kind": entry.kind, "id": entry.id}
    if isinstance(entry, Entry):
        known = json.loads(entry.to_bytes())
    return {
        "result": result,
        "origin": verdict.origin,
        "institution": verdict.institution,
        "titles": verdict.titles,
        "entry": known,
        "index": verdict.index,
        "size": verdict.checkpoint.size,
        "root": verdict.checkpoint.root.hex(),
        "vkey": verdict.key.vkey,
        "fingerprint": verdict.key.fingerprint,
        "record_is_here": verdict.record is not None,
        "time_contradicted": verdict.time_contradicted,
        "witnesses": _seen(verdict.witnesses),
        "claimed_witnesses": _seen(verdict.claimed_witnesses),
        "strangers": verdict.strangers,
    }


def _seen(cosignatures: Sequence[Cosignature]) -> list[Json]:
    return [{"name": one.witness, "time": format_time(one.time)} for one in cosignatures]
