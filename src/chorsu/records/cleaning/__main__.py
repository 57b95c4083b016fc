"""`python -m chorsu.records.cleaning KIND SOURCE TARGET`: cleans one document, then ends.

Writes an `Answer` to its output. Memory and time are limited before a byte is read.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from chorsu.kernel import apart
from chorsu.records.cleaning import office, pdf
from chorsu.records.cleaning.answers import Answer, Refused, answer

MAX_MEMORY = 1_500_000_000
MAX_CPU_SECONDS = 60
MAX_WRITTEN = 1_200_000_000


def main(kind: str, source: Path, target: Path) -> Answer:
    apart.limit(memory=MAX_MEMORY, seconds=MAX_CPU_SECONDS, written=MAX_WRITTEN)
    try:
        if kind == "pdf":
            return pdf.clean(source, target)
        return office.clean(source, target)
    except Refused as refused:
        return answer(refused=str(refused))
    except (MemoryError, RecursionError):
        return answer(refused="file_unreadable")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
