"""Remove what killed runs left in a derived table: files that no commit ever named."""

from datetime import UTC, datetime, timedelta

import pyarrow.fs as pa_fs

from market.lake.snapshots import Snapshot
from market.lake.tables import Table

# A run that is still under way has uncommitted files as well, but none of them is this old.
ORPHAN_AGE = timedelta(days=1)


def remove_orphans(derived: Snapshot, now: datetime) -> list[str]:
    """Delete the `run=…` folders that no commit in the log names and no live file is in; return their names.

    Only folders whose newest file is older than a day go. Files that were live in an older version stay, since
    the commit of their run is in the log, as is that of files that went live since the snapshot was taken.
    """
    filesystem = derived.table.filesystem()
    live = {file.path.split("/", 1)[0] for file in derived.files}
    old = [folder for folder in _run_folders(filesystem) if folder not in live and _began(folder) < now - ORPHAN_AGE]
    named = {commit.get("folder") for commit in derived.table.history()} if old else set()
    orphans = [folder for folder in old if folder not in named and _is_older(filesystem, folder, now - ORPHAN_AGE)]
    for folder in orphans:
        filesystem.delete_dir(folder)
    return orphans


def remove_uncommitted(table: Table, folder: str) -> None:
    """Delete what this process wrote and then could not commit; files that did become live stay."""
    if all(not file.path.startswith(f"{folder}/") for file in table.snapshot().files):
        filesystem = table.filesystem()
        if _files(filesystem, folder):
            filesystem.delete_dir(folder)


def _run_folders(filesystem: pa_fs.FileSystem) -> list[str]:
    infos = filesystem.get_file_info(pa_fs.FileSelector("", allow_not_found=True))
    return sorted(info.path for info in infos if info.path.startswith("run="))


def _began(folder: str) -> datetime:
    """Return when a run began, as its name tells; its files are younger. Long ago for a name that does not tell."""
    try:
        return datetime.strptime(folder[:20], "run=%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _is_older(filesystem: pa_fs.FileSystem, folder: str, than: datetime) -> bool:
    """Tell whether there are files, all of them older; a local folder outlives its files and is no orphan."""
    files = _files(filesystem, folder)
    return bool(files) and all(info.mtime is not None and info.mtime < than for info in files)


def _files(filesystem: pa_fs.FileSystem, folder: str) -> list[pa_fs.FileInfo]:
    infos = filesystem.get_file_info(pa_fs.FileSelector(folder, recursive=True, allow_not_found=True))
    return [info for info in infos if info.is_file]
