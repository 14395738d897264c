"""Remove what killed runs left in a derived table: files that no commit ever named."""

from datetime import datetime, timedelta

import pyarrow.fs as pa_fs

from market.lake.tables import Table

# A run that is still under way has uncommitted files as well, but none of them is this old.
ORPHAN_AGE = timedelta(days=1)


def remove_orphans(table: Table, now: datetime) -> list[str]:
    """Delete the `run=…` folders that no commit in the log names and no live file is in; return their names.

    Only folders whose newest file is older than a day go. Files that were live in an older version stay, since
    the commit of their run is in the log.
    """
    filesystem = table.filesystem()
    named = {commit.get("folder") for commit in table.history()}
    live = {file.path.split("/", 1)[0] for file in table.snapshot().files}
    orphans = [
        folder
        for folder in _run_folders(filesystem)
        if folder not in named | live and _is_older(filesystem, folder, now - ORPHAN_AGE)
    ]
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


def _is_older(filesystem: pa_fs.FileSystem, folder: str, than: datetime) -> bool:
    """Tell whether there are files, all of them older; a local folder outlives its files and is no orphan."""
    files = _files(filesystem, folder)
    return bool(files) and all(info.mtime is not None and info.mtime < than for info in files)


def _files(filesystem: pa_fs.FileSystem, folder: str) -> list[pa_fs.FileInfo]:
    infos = filesystem.get_file_info(pa_fs.FileSelector(folder, recursive=True, allow_not_found=True))
    return [info for info in infos if info.is_file]
