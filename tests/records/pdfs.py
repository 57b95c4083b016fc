"""A PDF as small as one can be, for tests that need a file."""

from __future__ import annotations

from io import BytesIO

import pikepdf


def small_pdf(**properties: str) -> bytes:
    """One empty page with these properties (`Title`, `Author`); the same ones, the same bytes.

    It comes out of cleaning as it went in, if it names nobody.
    """
    first, second = BytesIO(), BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        for name, text in properties.items():
            pdf.docinfo[f"/{name}"] = text
        pdf.save(first, deterministic_id=True)
    with pikepdf.open(first) as pdf:
        del pdf.trailer["/ID"]
        pdf.save(second, deterministic_id=True)
    return second.getvalue()
