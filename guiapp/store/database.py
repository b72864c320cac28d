"""``sqlite_utils.Database``, imported without pandas.

sqlite-utils tries to import pandas, only to know one more type of time stamp. With pandas and pyarrow the window would need 90 MB more
and a second longer to open its project; nothing here stores such time stamps.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _WithoutPandas(MetaPathFinder):
    """Hides pandas from imports of one thread; another thread that wants it at the same moment gets it."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Refuse pandas and leave everything else to the usual finders."""
        del path, target
        if fullname == "pandas" and threading.get_ident() == self._thread:
            raise ModuleNotFoundError("not needed here", name=fullname)
        return None


_finder = _WithoutPandas()
sys.meta_path.insert(0, _finder)
try:
    from sqlite_utils import Database
finally:
    sys.meta_path.remove(_finder)

__all__ = ["Database"]
