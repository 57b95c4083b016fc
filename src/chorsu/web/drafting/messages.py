"""What a person is told about a field that is not right: a sentence for each code of the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chorsu.records.fields import FieldError

Params = Mapping[str, str | int]


def message(error: FieldError) -> str:
    """The sentence in the page's language."""
    write = _SENTENCES.get(error.code)
    return write(error.params) if write else _("This is not right.")


def _too_long(params: Params) -> str:
    limit = int(params["max"])
    return ngettext(
        "Too long: at most %(max)d character.", "Too long: at most %(max)d characters.", limit
    ) % {"max": limit}


def _too_many(params: Params) -> str:
    limit = int(params["max"])
    return ngettext("Too many: at most %(max)d row.", "Too many: at most %(max)d rows.", limit) % {
        "max": limit
    }


_SENTENCES: Mapping[str, Callable[[Params], str]] = MappingProxyType(
    {
        "missing": lambda _p: _("This is needed before publication."),
        "too_long": _too_long,
        "too_many": _too_many,
        "not_text": lambda _p: _("This is not a text."),
        "not_a_list": lambda _p: _("This is not a list."),
        "unknown": lambda p: _("There is no such choice: %(value)s") % p,
        "duplicate": lambda p: _("This is here twice: %(value)s") % p,
        "not_a_number": lambda p: _("Enter a whole number from %(low)s to %(high)s.") % p,
        "not_a_year": lambda p: _("Enter a year from %(low)s to %(high)s.") % p,
        "order": lambda _p: _("The last year is before the first year."),
        "not_a_decimal": lambda _p: _("Enter a number such as 12.18."),
        "two_ways": lambda p: (
            _("This can be read as %(whole)s or as %(part)s. Write it one of these two ways.") % p
        ),
        "not_a_date": lambda _p: _("Enter a date such as 2024, 2024-06 or 2024-06-30."),
        "not_a_url": lambda _p: _("Enter an address that begins with https:// or http://."),
        "not_an_email": lambda _p: _("Enter an e-mail address such as office@example.org."),
        "not_a_phone": lambda _p: _("Enter a telephone number such as +7 7172 000000."),
        "not_a_key": lambda _p: _("This row cannot be kept. Remove it and add it anew."),
        "not_a_language": lambda _p: _("There is no such language."),
        "nothing_counts": lambda _p: _(
            "No unit counts towards the result. Give a quiz, an assignment or a lab a weight."
        ),
        "no_such_row": lambda _p: _("This speaks of a row that is not there any more."),
        "personal_email": lambda _p: _(
            "This is the address of a person. Publish an office's address instead."
        ),
        "personal_name": lambda _p: _("This is the name of a person. Name the office instead."),
        "closed": lambda p: (
            _(
                "It gives revision %(value)s, which was for the network. "
                "Bring it up to the newest revision and approve again."
            )
            % p
        ),
        "unchanged": lambda _p: _("Nothing differs from what is published."),
        "file_type": lambda _p: _(
            "Files of this type are not taken. "
            "Attach a PDF, an office document, a picture, plain text or a table (CSV)."
        ),
        "file_old": lambda _p: _(
            "This is a file of an older office program (.doc, .xls, .ppt). "
            "Save it as .docx, .xlsx or .pptx and attach that."
        ),
        "file_size": lambda p: _("The file is larger than %(max)s MB.") % p,
        "file_empty": lambda _p: _("The file has no content."),
        "file_damaged": lambda _p: _("The picture cannot be read. Is the file damaged?"),
        "file_unreadable": lambda _p: _("The document cannot be read. Is the file damaged?"),
        "file_locked": lambda _p: _(
            "The document is locked with a password. Save a copy without one and attach that."
        ),
        "file_inside": lambda _p: _(
            "The document carries another file inside. Take it out, or attach it by itself."
        ),
        "file_macro": lambda _p: _("The document carries macros. Save a copy without them."),
        "file_signed": lambda _p: _(
            "The document is signed and names a person of your institution. Taking the name out "
            "would break the signature: attach a copy that is not signed."
        ),
        "file_twice": lambda _p: _("This file is here already."),
        "file_erased": lambda _p: _(
            "An administrator has erased this very file. It can't be published again."
        ),
    }
)
