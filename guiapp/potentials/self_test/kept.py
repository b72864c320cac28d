"""Self-tests that were made: by weights, inference path and version of the test, so that each is made once."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path

from guiapp.potentials.kept_json import read_json_object, write_json_object
from guiapp.potentials.self_test.report import SelfTestReport
from guiapp.potentials.user_folders import cache_folder

VERSION = "2"
"""Changes whenever a check, a limit or what a report tells does."""
_FILE = "self-tests.json"
_lock = threading.Lock()


def report_key(weights_hash: str, settings: Mapping[str, object]) -> str:
    """Return the key of a self-test.

    Args:
        weights_hash: Identity of the weights.
        settings: What else determines the model's numbers, as ``registry.prediction_settings`` returns it.
    """
    text = json.dumps([VERSION, weights_hash, dict(settings)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def kept_report(key: str, folder: Path | None = None) -> SelfTestReport | None:
    """Return a report that was kept; None where there is none or it is damaged.

    Args:
        key: As ``report_key`` returns it.
        folder: Where reports are kept; None for the user's cache.
    """
    content = read_json_object(_path(folder)).get(key)
    try:
        return SelfTestReport.from_mapping(content) if isinstance(content, dict) else None
    except (KeyError, TypeError, ValueError):
        return None


def keep_report(key: str, report: SelfTestReport, folder: Path | None = None) -> None:
    """Keep a report.

    Raises:
        UserFacingError: Where it cannot be written.
    """
    with _lock:
        content = read_json_object(_path(folder))
        write_json_object(_path(folder), {**content, key: report.as_mapping()})


def _path(folder: Path | None) -> Path:
    return (folder if folder is not None else cache_folder()) / _FILE
