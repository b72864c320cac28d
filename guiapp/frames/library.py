"""The data sets of the catalogue that are on this machine: downloaded here, or brought by the user as files that lie elsewhere.

A downloaded set lies in a folder of its own under the library's folder. A file that the user had already stays where it is; only its place
and its SHA-256 are recorded (``given.json``).
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from guiapp.errors import UserFacingError
from guiapp.frames.catalogue import CatalogueSet
from guiapp.frames.download import (
    DownloadProgress,
    Patience,
    StopSwitch,
    Tell,
    download,
    file_digest,
    forget_part,
    part_size,
    read_origin,
)
from guiapp.frames.reference_set import Provenance, ReferenceSet

if TYPE_CHECKING:
    from guiapp.frames.reading.read import Progress

FOLDER = "data-sets"
"""Name of the library's folder among the user's data."""
_GIVEN = "given.json"
_PHONOPY_WORDS = (b"phonopy:", b"supercell_matrix")
_LOOK_AT = 1 << 20


@dataclass(frozen=True)
class SetState:
    """Whether a set is on this machine."""

    here: bool
    """Every file is there."""
    paths: tuple[Path, ...] = ()
    """The files that are there."""
    given: bool = False
    """The user brought the file; it lies outside the library."""
    n_bytes: int = 0
    """Size of what is there, parts of unfinished downloads included."""
    since: str = ""
    """When it came, ISO 8601 in UTC."""
    verified: bool = False
    """Every file agreed with a published checksum."""

    @property
    def part_of(self) -> bool:
        """Whether a download was begun and not finished."""
        return not self.here and self.n_bytes > 0


class DataLibrary:
    """What of the catalogue is on this machine; every method may be called from any thread."""

    def __init__(self, folder: Path, patience: Patience | None = None) -> None:
        """Keep downloads in that folder, which need not exist yet.

        Args:
            folder: Of all sets.
            patience: How long to wait for a home.
        """
        self.folder = folder
        self._patience = patience or Patience()

    def state(self, one: CatalogueSet) -> SetState:
        """Return whether a set is here; quick enough for a list."""
        given = self._given(one)
        if given is not None:
            path, n_bytes, since = given
            return SetState(True, (path,), given=True, n_bytes=n_bytes, since=since)
        targets = [(self.target(one, file.name), file) for file in one.files]
        paths = tuple(path for path, _ in targets if path.is_file())
        origins = [read_origin(path) for path in paths]
        return SetState(
            here=bool(targets) and len(paths) == len(targets),
            paths=paths,
            n_bytes=sum(map(_size, paths)) + sum(part_size(file.homes, path) for path, file in targets),
            since=max((origin.since for origin in origins if origin is not None), default=""),
            verified=bool(origins) and all(origin is not None and origin.verified for origin in origins),
        )

    def target(self, one: CatalogueSet, file_name: str) -> Path:
        """Return where a file of a set belongs."""
        return self.folder / one.name / file_name

    def download(self, one: CatalogueSet, tell: Tell | None = None, switch: StopSwitch | None = None) -> SetState:
        """Fetch what is missing of a set; what an earlier attempt left is continued.

        Args:
            one: The set.
            tell: Told about the progress of all its files together, from this thread.
            switch: Stops it from another thread.

        Returns:
            The new state.

        Raises:
            StoppedError: The switch was used; what has come is kept.
            UserFacingError: It cannot be fetched, or what came is not the data.
        """
        if not one.files:
            raise UserFacingError(
                f"{one.title} has no single file to fetch.",
                advice=f"Get the files from {one.page}, and choose them as files that you have already.",
            )
        before, total = 0, one.n_bytes
        for number, file in enumerate(one.files, start=1):
            target = self.target(one, file.name)
            if not target.is_file():
                teller = _all_files(tell, before, total, f"file {number} of {len(one.files)} " if len(one.files) > 1 else "")
                download(file.homes, target, check=lambda path: check_file(one, path), tell=teller, switch=switch, patience=self._patience)
            before += target.stat().st_size
        (self.folder / one.name / _GIVEN).unlink(missing_ok=True)
        return self.state(one)

    def add(self, one: CatalogueSet, path: Path) -> SetState:
        """Take a file (or folder) that the user has already; it stays where it is.

        Raises:
            UserFacingError: Where it is not there or cannot be read as this set.
        """
        path = path.expanduser().absolute()
        if not path.exists():
            raise UserFacingError("There is no such file.", advice="Choose the file that you downloaded.", path=path)
        check_file(one, path)
        note = {
            "path": str(path),
            "sha256": file_digest(path) if path.is_file() else "",
            "size": _size(path),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        folder = self.folder / one.name
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"{_GIVEN}.new"
        fresh.write_text(json.dumps(note, indent=1), encoding="utf-8")
        fresh.replace(folder / _GIVEN)
        return self.state(one)

    def remove(self, one: CatalogueSet) -> None:
        """Delete what was downloaded of a set, parts included; a file that the user brought is only forgotten.

        Raises:
            UserFacingError: Where a file cannot be deleted.
        """
        folder = self.folder / one.name
        if not folder.is_dir():
            return
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise UserFacingError(
                f"It cannot be deleted: {error.strerror}.", advice="Close programs that use it, and try again.", path=folder
            ) from error

    def forget_parts(self, one: CatalogueSet) -> None:
        """Throw away what an unfinished download left; complete files stay."""
        for file in one.files:
            forget_part(file.homes, self.target(one, file.name))

    def open(
        self, one: CatalogueSet, *, stride: int | None = None, limit: int | None = None, progress: Progress | None = None
    ) -> ReferenceSet:
        """Read a set that is here.

        Args:
            one: The set.
            stride: Take every n-th frame; what the catalogue suggests where not given.
            limit: Take at most this many frames.
            progress: As in ``read_frames``.

        Returns:
            Its frames with the catalogue's title, family and provenance.

        Raises:
            UserFacingError: Where it is not here, or cannot be read.
        """
        from guiapp.frames.reading.read import read_frames  # noqa: PLC0415 - it imports every reader, a second of work

        state = self.state(one)
        if not state.here:
            raise UserFacingError(
                f"{one.title} is not on this machine.",
                advice=f"Fetch it with “data download {one.name}”, or name a file that you have with “data add {one.name} FILE”.",
            )
        every = one.stride if stride is None else stride
        paths = list(state.paths) if state.given or len(state.paths) == 1 else [self.folder / one.name]
        read = read_frames(paths, stride=every, limit=limit, progress=progress).sets[0]
        return replace(read, name=one.name, title=one.title, family=one.family, provenance=_provenance(one, read, state, every))

    def _given(self, one: CatalogueSet) -> tuple[Path, int, str] | None:
        try:
            note = json.loads((self.folder / one.name / _GIVEN).read_text(encoding="utf-8"))
            path, n_bytes, since = Path(note["path"]), int(note["size"]), str(note.get("since", ""))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return (path, n_bytes, since) if path.exists() else None


def check_file(one: CatalogueSet, path: Path) -> None:
    """Make sure that a file is what the catalogue says: the reader finds a first frame in it, with forces where the set has them.

    Raises:
        UserFacingError: Where it is not.
    """
    from guiapp.frames.reading.read import read_frames  # noqa: PLC0415 - it imports every reader, a second of work

    if one.reader == "phonopy":
        _check_phonopy(one, path)
        return
    frames = read_frames([path], limit=1).sets[0].frames
    if one.labelled and all(frame.forces is None for frame in frames):
        raise UserFacingError(
            f"It can be read, but it has no forces, so it is not {one.title}.", advice="Choose the file that the page offers.", path=path
        )


def _check_phonopy(one: CatalogueSet, path: Path) -> None:
    from guiapp.frames.reading.data_file import data_files  # noqa: PLC0415 - only this reader needs it

    try:
        candidates = list(path.rglob("*")) if path.is_dir() else [path]
        for candidate in candidates:
            for file in data_files(candidate, candidate.name, lambda names: [name for name in names if "phonopy" in name.lower()]):
                with file.open() as stream:
                    start = stream.read(_LOOK_AT)
                if all(word in start for word in _PHONOPY_WORDS):
                    return
    except OSError as error:
        raise UserFacingError(f"The file cannot be read: {error}.", path=path) from error
    raise UserFacingError(
        f"It holds no phonopy file, so it is not of {one.title}.", advice="Choose a phonopy_params.yaml or an archive with one.", path=path
    )


def _provenance(one: CatalogueSet, read: ReferenceSet, state: SetState, stride: int) -> Provenance:
    origins = [origin for path in state.paths if (origin := read_origin(path)) is not None]
    place = f"file of the user: {state.paths[0]}" if state.given else "; ".join(dict.fromkeys(origin.url for origin in origins[:2]))
    source = f"{place} ({one.page})" + (f"; every {stride}th frame" if stride > 1 else "")
    return replace(one.provenance, units_as_read=read.provenance.units_as_read, source=source)


def _all_files(tell: Tell | None, before: int, total: int | None, words: str) -> Tell | None:
    """Turn the progress of one file into that of all."""
    if tell is None or (not before and not words):
        return tell
    return lambda now: tell(
        DownloadProgress(before + now.done, total if total is not None or words else now.total, now.rate, words + now.words)
    )


def _size(path: Path) -> int:
    """Return the bytes of a file or of all files in a folder; none for one that a download is just replacing."""
    return sum(_file_sizes(path))


def _file_sizes(path: Path) -> Iterator[int]:
    for file in path.rglob("*") if path.is_dir() else (path,):
        with contextlib.suppress(FileNotFoundError):
            yield file.stat().st_size if file.is_file() else 0
