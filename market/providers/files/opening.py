"""Open files: plain, gzipped or in a zip, never more of them in memory than the limit says."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from market.providers.files.tables import FileUnreadable

TABLE_SUFFIXES = (".csv", ".txt", ".parquet", ".json")
SUFFIXES = (*TABLE_SUFFIXES, ".zip")
_MAX_MEMBERS = 2_000
_CHUNK = 1 << 20


def is_candidate(path: Path) -> bool:
    """Tell by its name whether a file may hold bars."""
    return plain_name(path.name).lower().endswith(SUFFIXES) and not path.name.startswith(".")


def plain_name(name: str) -> str:
    return name[:-3] if name.lower().endswith(".gz") else name


def contents(path: Path, limit: int) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each table in a file: itself, or a zip's members.

    `limit` is bytes when opened, for a zip all members together. Raises FileUnreadable.
    """
    try:
        if plain_name(path.name).lower().endswith(".zip"):
            yield from _members(path, limit)
        else:
            with _opened(path) as handle:
                yield plain_name(path.name), _read(handle, limit, path.name)
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise FileUnreadable(f"it cannot be unpacked: {error}") from error
    except OSError as error:
        raise FileUnreadable(f"it cannot be read: {error.strerror or error}") from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if path.name.lower().endswith(".gz"):
        with gzip.open(path) as unpacked:
            yield unpacked  # type: ignore[misc]  # a GzipFile reads bytes
    else:
        with path.open("rb") as handle:
            yield handle


def _members(path: Path, limit: int) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > _MAX_MEMBERS:
            raise FileUnreadable(f"the zip has more than {_MAX_MEMBERS:,} members")
        left = limit
        for member in members:
            name = PurePosixPath(member.filename.replace("\\", "/")).name
            if not plain_name(name).lower().endswith(TABLE_SUFFIXES) or name.startswith("."):
                continue
            # What the archive says of its sizes may be false, so the bytes are counted as they come.
            with archive.open(member) as handle:
                content = _read(handle, left, name)
            if name.lower().endswith(".gz"):
                raise FileUnreadable("a zip with packed files in it is not opened; unpack it once")
            left -= len(content)
            yield name, content


def _read(handle: IO[bytes], limit: int, name: str) -> bytes:
    content = bytearray()
    while chunk := handle.read(_CHUNK):
        content += chunk
        if len(content) > limit:
            raise FileUnreadable(f"{name} opens to more than {limit >> 20} MB; split it")
    return bytes(content)
