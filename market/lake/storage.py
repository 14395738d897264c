"""Django file storage for a lake in a local folder, where a file is there whole or not at all."""

import os
import tempfile
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class AtomicFileSystemStorage(FileSystemStorage):
    """FileSystemStorage writes in place, so a reader or a crash can meet half a file; this one links it into place."""

    def _save(self, name: str, content: "File[Any]") -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as handle:
                _write_through(content, handle)
            # link, unlike rename, refuses to replace what another process wrote meanwhile.
            os.link(temporary, target)
        finally:
            Path(temporary).unlink()
        return name


def _write_through(content: "File[Any]", handle: IO[bytes]) -> None:
    for chunk in content.chunks():
        handle.write(chunk)
    handle.flush()
    # A table's log may name this file as soon as we return.
    os.fsync(handle.fileno())
    # mkstemp lets only its owner read; other programs are meant to open the lake, too.
    os.fchmod(handle.fileno(), 0o644)
