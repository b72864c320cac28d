"""Calling a function of this package on a worker so that one without the package says so.

Dask unpickles what a worker is sent as soon as it arrives, and a worker that cannot import a function named there ends on the spot. So
the import is made part of the call, which then fails like any other.
"""

from __future__ import annotations

import importlib
import operator
from typing import Any


def far_call(function: str, *arguments: Any) -> Any:
    """Return a callable of the standard library and toolz, to be sent to a worker and called there with the module's name.

    Args:
        function: A top-level function of that module.
        arguments: What it is called with.
    """
    from toolz import compose  # noqa: PLC0415 - comes with Dask

    return compose(operator.methodcaller(function, *arguments), importlib.import_module)
