"""What was meant where the keyboard stood on another layout: `ujhjl` is `город`, `щту` is `one`.

Each layout as the keys of the American one give it, unshifted.
"""

from __future__ import annotations

import re

_KEYS = "`1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,."
_SHIFTED = str.maketrans('~{}:"<>', "`[];',.")
_LAYOUTS = {
    "ru": "ё1234567890-=йцукенгшщзхъфывапролджэячсмитьбю",
    "kk": 'ё"әіңғ,.үұқөһйцукенгшщзхъфывапролджэячсмитьбю',
    "tg": "ё1234567890ғӯйқукенгшҳзхъфҷвапролджэячсмитӣбю",
}
_TO_CYRILLIC = [str.maketrans(_KEYS, letters) for letters in _LAYOUTS.values()]
_TO_LATIN = [str.maketrans(letters, _KEYS) for letters in _LAYOUTS.values()]
_LATIN = re.compile("[a-z]")
_CYRILLIC = re.compile("[\u0400-\u052f]")


def meant(token: str) -> list[str]:
    """What the keys of a token in small letters give on the other layouts; the likely one first."""
    keys = token.translate(_SHIFTED)
    if _LATIN.search(keys):
        others = [keys.translate(table) for table in _TO_CYRILLIC]
        left = _LATIN
    else:
        others = [token.translate(table) for table in _TO_LATIN]
        left = _CYRILLIC
    return [one for one in dict.fromkeys(others) if one != token and not left.search(one)]
