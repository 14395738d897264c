"""Django file storage for a lake in a local folder, where a file is there whole or not at all."""

import os
import tempfile
from typing_extensions import override

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class AtomicFileSystemStorage(FileSystemStorage):
    """FileSystemStorage writes in place, so a reader or a crash can meet half a file; this one renames into place."""

    @override
    def _save(self, name: str, content: File) -> str:
        target = self.path(name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as handle:
                for chunk in content.chunks():
                    handle.write(chunk)
                handle.flush()
                os.fsync(handle.fileno())
            # link, unlike rename, refuses to replace what another process wrote meanwhile.
            os.link(temporary, target)
        finally:
            os.unlink(temporary)
        return name
