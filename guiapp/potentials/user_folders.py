"""Where the program keeps what belongs to the user and not to a project: settings, caches, environments."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path, user_config_path, user_data_path

_APPLICATION = "Temper"


def config_folder() -> Path:
    """Return the folder of settings; the variable ``TEMPER_CONFIG_DIR`` puts it elsewhere."""
    return _chosen("TEMPER_CONFIG_DIR") or user_config_path(_APPLICATION, appauthor=False)


def cache_folder() -> Path:
    """Return the folder of what can be computed again; the variable ``TEMPER_CACHE_DIR`` puts it elsewhere."""
    return _chosen("TEMPER_CACHE_DIR") or user_cache_path(_APPLICATION, appauthor=False)


def data_folder() -> Path:
    """Return the folder of large things that are kept; the variable ``TEMPER_DATA_DIR`` puts it elsewhere."""
    return _chosen("TEMPER_DATA_DIR") or user_data_path(_APPLICATION, appauthor=False)


def _chosen(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value).expanduser() if value else None
