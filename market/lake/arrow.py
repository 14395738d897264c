"""Keep pandas out of processes that only need pyarrow."""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

import pyarrow as pa


class _PandasIsAbsent(MetaPathFinder):
    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is hidden from pyarrow in this process", name=fullname)
        return None


def keep_pandas_out() -> None:
    """Let pyarrow conclude that pandas is not installed; for the web process and `fetch_prices`.

    The first `pa.array` of a process imports pandas (0.4 s and 40 MB) only to ask whether its argument is a Series,
    and remembers the answer. Conversions to pandas still import it. `pyarrow.dataset` imports it in any case, so
    these processes read parts with `Snapshot.read_part`. Source: pyarrow/pandas-shim.pxi of pyarrow 26.
    """
    finder = _PandasIsAbsent()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([True])
    finally:
        sys.meta_path.remove(finder)
