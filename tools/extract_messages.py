"""Collects the interface's messages and brings every catalogue up to date (`make messages`).

Nothing is guessed: a message without a translation stays empty, and the test that counts empty
ones fails. Messages that are gone are dropped.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import allauth
import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parent.parent / "src" / "chorsu"
LOCALE = SOURCE / "web" / "locale"
LOCALE_PACKAGES = SOURCE / "web" / "locale_packages"
DJANGO = Path(django.__file__).parent
ALLAUTH = Path(allauth.__file__).parent
# What these say can reach a page of ours; where they lack a language, we supply it.
PACKAGES = (
    DJANGO / "forms",
    DJANGO / "core",
    DJANGO / "contrib" / "auth",
    ALLAUTH / "account",
    ALLAUTH / "mfa",
    ALLAUTH / "core",
)
FOLDERS = ("zh_Hans", "kk", "ky", "uz", "tg", "tk", "ru", "en")
# The languages not named here have one form for one and one for more.
PLURALS = {
    "zh_Hans": "nplurals=1; plural=0;",
    "ru": (
        "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
        "n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
    ),
}
METHODS = [("**/migrations/**", "ignore"), ("**.py", "python")]
KEYWORDS: dict[str, tuple[object, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


# What Django makes of a template's tags for xgettext: calls of these names with literal texts.
_LITERAL = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"(?:\b(n?p?gettext)|\b_)\(u?((?:{_LITERAL}|[\s,u])+)")


def _template_messages(
    text: str,
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each message of a template as (function, arguments)."""
    for name, arguments in _CALL.findall(templatize(text)):
        values = ast.literal_eval(f"({arguments.rstrip(', ')},)")
        yield name or "gettext", values


def _add(found: Catalog, name: str, function: str, values: tuple[str, ...]) -> None:
    context = values[0] if "pgettext" in function else None
    rest = values[1:] if context is not None else values
    plural = function.startswith("n")
    message = rest[:2] if plural else rest[0]
    flags = ("python-format",) if "%(" in str(message) or "%s" in str(message) else ()
    found.add(message, locations=[(name, 0)], context=context, flags=flags)


def extracted(root: Path = SOURCE, found: Catalog | None = None) -> Catalog:
    """Every message below a folder, with the files that use it."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    found = Catalog(project="Chorsu", charset="utf-8") if found is None else found
    for name, _line, message, comments, context in extract_from_dir(
        str(root),
        method_map=METHODS,
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
    ):
        found.add(
            message,
            locations=[(name, 0)],
            auto_comments=comments,
            context=context,
            flags=("python-format",) if "%(" in str(message) or "%s" in str(message) else (),
        )
    for path in sorted([*root.rglob("*.html"), *root.rglob("*.txt")]):
        if "locale" in path.parts or "static" in path.parts:
            continue
        for function, values in _template_messages(path.read_text(encoding="utf-8")):
            _add(found, str(path.relative_to(root)), function, values)
    return found


def missing_in_packages(folder: str) -> Catalog:
    """Messages of the packages that their own catalogues lack in this language."""
    found = Catalog(project="Chorsu", charset="utf-8")
    for package in PACKAGES:
        extracted(package, found)
    own = [
        read_mo(io.BytesIO(path.read_bytes()))
        for path in (
            DJANGO / "conf" / "locale" / folder / "LC_MESSAGES" / "django.mo",
            DJANGO / "contrib" / "auth" / "locale" / folder / "LC_MESSAGES" / "django.mo",
            ALLAUTH / "locale" / folder / "LC_MESSAGES" / "django.mo",
        )
        if path.is_file()
    ]
    missing = Catalog(project="Chorsu", charset="utf-8")
    for message in found:
        known = [_known(catalogue, message) for catalogue in own]
        if message.id and not any(known):
            missing.add(message.id, context=message.context, flags=message.flags)
    return missing


def _known(catalogue: Catalog, message: Message) -> bool:
    first = message.id if isinstance(message.id, str) else message.id[0]
    found = catalogue.get(first, message.context)
    return found is not None and bool(found.string)


def update(root: Path, folder: str, template: Catalog) -> tuple[int, int]:
    """Bring one catalogue up to date; return how many messages it has and how many are empty."""
    path = root / folder / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    old = Catalog()
    if path.is_file():
        with path.open("rb") as text:
            old = read_po(text, locale=None)
    fresh = Catalog(project="Chorsu", charset="utf-8")
    empty = 0
    for message in sorted((m for m in template if m.id), key=lambda m: str(m.id)):
        known = old.get(
            message.id if isinstance(message.id, str) else message.id[0], message.context
        )
        string = known.string if known is not None else None
        if folder == "en":
            string = message.id
        forms = _forms(folder)
        if message.pluralizable and (not isinstance(string, (tuple, list)) or len(string) != forms):
            string = tuple([""] * forms)
        if not string or (isinstance(string, (tuple, list)) and not all(string)):
            empty += 1
        names = sorted({name for name, _ in message.locations})
        fresh.add(
            message.id,
            string or "",
            locations=[(name, None) for name in names],
            flags=message.flags,
            auto_comments=message.auto_comments,
            context=message.context,
        )
    _write(path, fresh, folder)
    return len(list(fresh)) - 1, empty


def _forms(folder: str) -> int:
    return int(PLURALS.get(folder, "nplurals=2;").split("=")[1].split(";")[0])


def _write(path: Path, catalogue: Catalog, folder: str) -> None:
    plural = PLURALS.get(folder, "nplurals=2; plural=(n != 1);")
    # Written by hand below; set here so that as many forms are written as the language has.
    catalogue.mime_headers = [("Plural-Forms", plural)]
    with path.open("wb") as binary:
        write_po(binary, catalogue, width=0, omit_header=True, include_lineno=False)
    header = (
        f"# Chorsu: the interface in {folder}\n"
        'msgid ""\nmsgstr ""\n'
        f'"Language: {folder}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {plural}\\n"\n\n'
    )
    path.write_text(header + path.read_text(encoding="utf-8"), encoding="utf-8")


def main() -> int:
    """Update the eight catalogues and say what is left to translate."""
    template = extracted()
    for folder in FOLDERS:
        total, empty = update(LOCALE, folder, template)
        print(f"{folder:8} interface {total} messages, {empty} to translate")
        if folder != "en":
            total, empty = update(LOCALE_PACKAGES, folder, missing_in_packages(folder))
            print(f"{folder:8} packages  {total} messages, {empty} to translate")
    return 0


if __name__ == "__main__":
    sys.exit(main())
