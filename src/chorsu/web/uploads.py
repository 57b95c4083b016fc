"""Uploads that are too large for memory, written where they will be read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from chorsu.exchange.works import bundles_folder

if TYPE_CHECKING:
    from tempfile import _TemporaryFileWrapper

    _Uploaded = UploadedFile[bytes]
else:
    _Uploaded = UploadedFile


class PartFile(_Uploaded):
    """A finished upload at `path`; whoever takes it over moves it away."""

    path: Path


class BesideBundles(FileUploadHandler):
    """Writes every file into the bundles' folder under a hidden name.

    One that nobody takes over is removed a day later (`carrying.remove_old`).
    """

    _file: _TemporaryFileWrapper[bytes]

    def new_file(
        self,
        field_name: str,
        file_name: str,
        content_type: str,
        content_length: int | None,
        charset: str | None = None,
        content_type_extra: dict[str, bytes] | None = None,
    ) -> None:
        """Begin a file."""
        super().new_file(
            field_name, file_name, content_type, content_length, charset, content_type_extra
        )
        folder = bundles_folder()
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - it outlives this call
            dir=folder, prefix=".", suffix=".upload", delete=False
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write the bytes; no other handler wants them."""
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> PartFile:
        """The file is whole."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        done = PartFile(name=self.file_name, content_type=self.content_type, size=file_size)
        done.path = Path(self._file.name)
        return done
