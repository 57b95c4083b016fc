"""Collects the interface's messages and brings every catalogue up to date (`make messages`).

Nothing is guessed: a message without a translation stays empty, and the test that counts empty
ones fails. Messages that are gone are dropped.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from django.conf import settings

SOURCE = Path(__file__).resolve().parent.parent / "src" / "chorsu"
LOCALE = SOURCE / "web" / "locale"
FOLDERS = ("zh_Hans", "kk", "ky", "uz", "tg", "tk", "ru", "en")
# The languages not named here have one form for one and one for more.
PLURALS = {
    "zh_Hans": "nplurals=1; plural=0;",
    "ru": (
        "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
        "n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
    ),
}
DJANGO = "enmerkar.extract:extract_django"
METHODS = [
    ("**/migrations/**", "ignore"),
    ("**.py", "python"),
    ("**.html", DJANGO),
    ("**.txt", DJANGO),
]
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


def extracted() -> Catalog:
    """Every message of the interface, with the files that use it."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    found = Catalog(project="Chorsu", charset="utf-8")
    for name, _line, message, comments, context in extract_from_dir(
        str(SOURCE), method_map=METHODS, keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        found.add(
            message,
            locations=[(name, 0)],
            auto_comments=comments,
            context=context,
            flags=("python-format",) if "%(" in str(message) or "%s" in str(message) else (),
        )
    return found


def update(folder: str, template: Catalog) -> tuple[int, int]:
    """Bring one catalogue up to date; return how many messages it has and how many are empty."""
    path = LOCALE / folder / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    old = Catalog()
    if path.is_file():
        with path.open("rb") as text:
            old = read_po(text, locale=None)
    fresh = Catalog(project="Chorsu", charset="utf-8")
    fresh.header_comment = f"# Chorsu: the interface in {folder}"
    fresh.mime_headers  # noqa: B018  (fills the defaults)
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
        total, empty = update(folder, template)
        print(f"{folder:8} {total} messages, {empty} to translate")
    return 0


if __name__ == "__main__":
    sys.exit(main())
