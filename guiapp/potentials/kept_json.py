"""Small JSON files that are replaced as a whole and survive damage."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from guiapp.errors import UserFacingError

_LARGEST = 64 << 20


def read_json_object(path: Path) -> dict[str, Any]:
    """Return the object that a file holds; an empty one where the file is absent, damaged or of another kind.

    Raises:
        UserFacingError: Where the file is there but cannot be read.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserFacingError(f"The file cannot be read: {error.strerror}.", path=path) from error
    try:
        content = json.loads(text) if len(text) <= _LARGEST else None
    except (ValueError, RecursionError):
        content = None
    return content if isinstance(content, dict) else {}


def write_json_object(path: Path, content: dict[str, Any]) -> None:
    """Replace a file at once, so that a reader sees the old or the new content and nothing in between.

    Raises:
        UserFacingError: Where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=1, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UserFacingError(
            f"The file cannot be written: {error.strerror}.", advice="Free some space, or check who may write there.", path=path
        ) from error
