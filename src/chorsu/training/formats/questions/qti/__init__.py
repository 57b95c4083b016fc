"""QTI 3.0 and 2.2 (and 2.1, which the latter reads): items and packages, in and out."""

from chorsu.training.formats.questions.qti.names import VERSIONS, Version
from chorsu.training.formats.questions.qti.package import (
    read_package,
    read_single,
    resources,
    write_package,
)

__all__ = ["VERSIONS", "Version", "read_package", "read_single", "resources", "write_package"]
