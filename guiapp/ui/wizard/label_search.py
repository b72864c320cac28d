"""Looking for DFT results in folders, and telling which of the wanted structures each of them labels.

A DFT program writes its files for hours. A file counts as finished when two looks at it find the same size and time; one that cannot be
read then is looked at again as soon as it changes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from guiapp.correction.dft_result import Check, LabelResult, read_label
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

RESULT_NAMES = ("vasprun.xml", "vasprun.xml.gz", "OUTCAR", "OUTCAR.gz", "pw.out", "result.extxyz")
"""What the four programs leave behind, the fuller file of a program first."""
_DEEPEST = 4  # levels of folders that are searched
_MOST_FILES = 2000


@dataclass(frozen=True, eq=False)
class Wanted:
    """A structure that waits for its label."""

    frame: Frame
    prediction: Prediction | None


@dataclass(frozen=True, eq=False)
class Finding:
    """What a file holds."""

    path: Path
    frame_hash: str
    """Of the structure that it labels; empty where it is none of the wanted ones."""
    result: LabelResult | None
    """None where the file cannot be read."""
    problem: UserFacingError | None = None
    """Why it cannot be read, or yet."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """What was found, in words."""
        if self.result is not None:
            return self.result.checks
        assert self.problem is not None
        return (Check(False, self.problem.what, self.problem.advice),)

    @property
    def usable(self) -> bool:
        """Whether it may be fitted."""
        return self.result is not None and bool(self.frame_hash) and self.result.usable


class LabelSearch:
    """Remembers what it has looked at; used by one thread at a time."""

    def __init__(self, functional: str) -> None:
        """Begin.

        Args:
            functional: Of the model's training data, as its card names it.
        """
        self._functional = functional
        self._seen: dict[Path, tuple[int, int]] = {}
        self._read: dict[Path, tuple[int, int]] = {}

    def forget(self) -> None:
        """Look at every file anew, as when other structures are wanted."""
        self._read.clear()

    def look(
        self, folders: Sequence[Path], wanted: Sequence[Wanted], others: Sequence[str] = (), done: Sequence[Frame] = ()
    ) -> tuple[Finding, ...]:
        """Look for results that are finished and were not read before.

        Args:
            folders: Where to; folders in them are searched as well.
            wanted: Structures without a label.
            others: Functionals of labels taken in before.
            done: Structures that have their label; their results are passed over.
        """
        found = []
        for path, stamp in _results(folders):
            finished, self._seen[path] = self._seen.get(path) == stamp, stamp
            if finished and self._read.get(path) != stamp and wanted:
                self._read[path] = stamp
                finding = read_result(path, wanted, self._functional, others)
                if finding.frame_hash or finding.result is None or not _labels_one_of(path, done):
                    found.append(finding)
        return tuple(found)

    def take(self, paths: Sequence[Path], wanted: Sequence[Wanted], others: Sequence[str] = ()) -> tuple[Finding, ...]:
        """Read what the user names: files of any name, or folders."""
        files = [path for path in paths if not path.is_dir()]
        files += [path for path, _ in _results([path for path in paths if path.is_dir()])]
        if not files:
            nothing = UserFacingError(
                "No DFT result was found there.", advice=f"Give one of: {', '.join(RESULT_NAMES)}.", path=paths[0] if paths else None
            )
            return (Finding(paths[0] if paths else Path(), "", None, nothing),)
        return tuple(read_result(path, wanted, self._functional, others) for path in files)


def read_result(path: Path, wanted: Sequence[Wanted], functional: str, others: Sequence[str] = ()) -> Finding:
    """Read one file and find the structure that it labels.

    Args:
        path: The file.
        wanted: Structures without a label; at least one.
        functional: Of the model's training data.
        others: Functionals of labels taken in before.
    """
    nearest: LabelResult | None = None
    for one in wanted:
        try:
            result = read_label(path, one.frame, prediction=one.prediction, functional=functional, others=others)
        except UserFacingError as error:
            return Finding(path, "", None, error)
        if result.checks and result.checks[0].passed:
            return Finding(path, one.frame.content_hash, result)
        nearest = nearest or result
    return Finding(path, "", nearest)


def _labels_one_of(path: Path, frames: Sequence[Frame]) -> bool:
    return any(read_label(path, frame).checks[0].passed for frame in frames)


def _results(folders: Sequence[Path]) -> Iterator[tuple[Path, tuple[int, int]]]:
    count = 0
    for folder in folders:
        for root, names, files in os.walk(folder):
            here = Path(root)
            if len(here.relative_to(folder).parts) >= _DEEPEST:
                names.clear()
            names.sort()
            for name in RESULT_NAMES:
                if name not in files or count >= _MOST_FILES:
                    continue
                try:
                    stat = (here / name).stat()
                except OSError:  # gone between two looks
                    continue
                count += 1
                yield here / name, (stat.st_size, stat.st_mtime_ns)
