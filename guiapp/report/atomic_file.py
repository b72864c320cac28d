"""Files that are either complete or not there, whatever happens while they are written."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guiapp.errors import UserFacingError


@contextmanager
def replaced_when_complete(path: Path) -> Iterator[Path]:
    """Give a temporary file in the same folder, which takes the place of ``path`` once the block ends well.

    Args:
        path: The file to write; its folder is made where it is missing.

    Yields:
        The temporary file, with the same suffix, since matplotlib and gzip look at it.

    Raises:
        UserFacingError: Where the disk is full or the folder cannot be written; an older file is left as it was.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o644)  # mkstemp makes it readable for its owner only
        temporary.replace(path)
    except OSError as error:
        raise _explained(error, path) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a whole text file, UTF-8 with plain newlines on every system."""
    with replaced_when_complete(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _explained(error: OSError, path: Path) -> UserFacingError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return UserFacingError(
            "the disk is full, so the file was not written.", advice="Free some space or choose another folder.", path=path
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return UserFacingError("the folder cannot be written to.", advice="Choose another folder.", path=path)
    return UserFacingError(f"the file could not be written: {error.strerror or error}.", advice="Choose another folder.", path=path)
