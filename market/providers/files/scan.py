"""Read a folder of files once and lay their rows aside by symbol and month."""

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from market.months import Month
from market.providers.files.columns import ColumnMap, LayoutUnknown, NoBars
from market.providers.files.conventions import decide, instants
from market.providers.files.lean import lean_ticker, read_lean
from market.providers.files.naming import NameUnclear, symbol_in
from market.providers.files.opening import contents, is_candidate
from market.providers.files.pooling import pooled_labels
from market.providers.files.scanned import Refusal, Scanned, Source
from market.providers.files.stamps import StampsUnreadable
from market.providers.files.tables import FileRows, FileUnreadable, read_parquet, read_text
from market.providers.files.vendor_json import read_json
from market.providers.zones import Zone, ZoneContradictory, ZoneUndecided, in_new_york
from market.symbols import SymbolInvalid, parse_symbol

COLUMNS_FILE = "columns.toml"
_REFUSALS = (
    FileUnreadable,
    LayoutUnknown,
    NameUnclear,
    StampsUnreadable,
    SymbolInvalid,
    ZoneContradictory,
    ZoneUndecided,
    pa.ArrowInvalid,
)


def scan(folder: Path, columns: ColumnMap, limit: int) -> Scanned:
    """Read a folder, or one file, with all that is below it; `limit` bounds what one file opens to, in bytes.

    What is laid aside is gone with the answer. Raises FileNotFoundError and LayoutUnknown for a bad columns.toml.
    """
    if not folder.exists():
        raise FileNotFoundError(f"There is no file or folder {folder}.")
    scanned = Scanned(Path(tempfile.mkdtemp(prefix="stockcompare-files-")))
    weakref.finalize(scanned, shutil.rmtree, scanned.store, ignore_errors=True)
    maps = _Maps(folder, columns)
    for path in _candidates(folder):
        _take(scanned, path, maps.of(path), limit)
    scanned.settle(pooled_labels(scanned))
    return scanned


def _candidates(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
        return
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and is_candidate(path))


class _Maps:
    """The column map of each folder: the nearest columns.toml above its files, under what the operator states."""

    def __init__(self, root: Path, stated: ColumnMap) -> None:
        self._root = root if root.is_dir() else root.parent
        self._stated = stated
        self._known: dict[Path, ColumnMap] = {}

    def of(self, path: Path) -> ColumnMap:
        if self._stated.places:
            return self._stated
        return self._beside(path.parent).stating(self._stated.zone, self._stated.label)

    def _beside(self, folder: Path) -> ColumnMap:
        if folder not in self._known:
            file = folder / COLUMNS_FILE
            if file.is_file():
                self._known[folder] = ColumnMap.of_toml(file.read_text())
            elif folder == self._root or folder == folder.parent:
                self._known[folder] = ColumnMap()
            else:
                self._known[folder] = self._beside(folder.parent)
        return self._known[folder]


def _take(scanned: Scanned, path: Path, columns: ColumnMap, limit: int) -> None:
    found = False
    try:
        for name, content in contents(path, limit):
            found = True
            _take_table(scanned, path, name, content, columns)
    except FileUnreadable as error:
        scanned.refused.append(Refusal(path.name, str(error)))
    else:
        scanned.skipped += [] if found else [Refusal(path.name, "there is no table in it")]


def _take_table(scanned: Scanned, path: Path, name: str, content: bytes, columns: ColumnMap) -> None:
    shown = path.name if name in path.name else f"{path.name}: {name}"
    try:
        symbol, rows = _read(path, name, content, columns)
        conventions = decide(rows, columns)
        _lay_aside(scanned, conventions.zone.zone, symbol, rows)
        scanned.sources.append(Source(path, shown, _sha256(path), rows.layout, conventions, rows.stamps.size))
    except NoBars as error:
        scanned.skipped.append(Refusal(shown, str(error)))
    except _REFUSALS as error:
        scanned.refused.append(Refusal(shown, str(error).rstrip(".").replace("\n", " ")))


def _read(path: Path, name: str, content: bytes, columns: ColumnMap) -> tuple[str | None, FileRows]:
    if ticker := lean_ticker(name):
        return parse_symbol(ticker), read_lean(content, name)
    rows = _read_rows(name.lower(), content, columns)
    return None if rows.symbols is not None else symbol_in(name), rows


def _read_rows(name: str, content: bytes, columns: ColumnMap) -> FileRows:
    if name.endswith(".json"):
        return read_json(content)
    return read_parquet(content, columns) if name.endswith(".parquet") else read_text(content, columns)


def _lay_aside(scanned: Scanned, zone: Zone, symbol: str | None, rows: FileRows) -> None:
    stamps = instants(rows, zone)
    local = in_new_york(np.asarray(stamps.cast(pa.timestamp("s")).to_numpy(zero_copy_only=False)), Zone.UTC)
    table = rows.values.add_column(0, "bar_start", pa.chunked_array([stamps]))
    # No minute of extended trading ends in another month than it starts in.
    months = local.astype("datetime64[M]")
    for name, mine in _by_symbol(symbol, rows):
        for month in np.unique(months[mine]):
            scanned.lay_aside((name, Month.parse(str(month))), table.filter(pa.array(mine & (months == month))))


def _by_symbol(symbol: str | None, rows: FileRows) -> Iterator[tuple[str, Any]]:
    if symbol is not None or rows.symbols is None:
        yield str(symbol), np.ones(rows.stamps.size, dtype=bool)
        return
    codes = rows.symbols.combine_chunks().dictionary_encode()
    numbers = codes.indices.to_numpy(zero_copy_only=False)
    names = [parse_symbol(str(text)) for text in codes.dictionary.to_pylist()]
    for number, name in enumerate(names):
        yield name, numbers == number


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
