"""Reading whatever the user names: files, folders and patterns become reference sets.

One bad file never stops the others: it becomes a problem with an explanation. Only where nothing at all could be read an error is
raised.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from guiapp.errors import UserFacingError
from guiapp.frames.checks import check_frame
from guiapp.frames.frame import Frame
from guiapp.frames.grouping import assign_compounds
from guiapp.frames.reading.choosing import Named, expand, natural_order, worth_reading
from guiapp.frames.reading.data_file import DataFile, data_files
from guiapp.frames.reading.formats import Format, detect
from guiapp.frames.reading.notes import Notes, ReadProblem
from guiapp.frames.reading.set_names import set_name, set_title
from guiapp.frames.reference_set import Provenance, ReferenceSet

Progress = Callable[[int, str], None]
"""Called with the number of frames so far and the file being read; an exception from it ends the reading (cancel)."""

LARGEST_SET = 500_000  # frames; about 3 GB
_PROGRESS_EVERY = 25
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReadResult:
    """What came of reading."""

    sets: tuple[ReferenceSet, ...]
    """One for each path that gave frames, in the order of the paths."""
    problems: tuple[ReadProblem, ...] = ()
    """What could not be read, or only in part."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Which keys of each file became labels, by the path of the file."""


@dataclass
class _Reading:
    """State of one call."""

    stride: int
    limit: int | None
    progress: Progress
    problems: list[ReadProblem] = field(default_factory=list)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    n_frames: int = 0


def read_frames(paths: Sequence[str | Path], *, stride: int = 1, limit: int | None = None, progress: Progress | None = None) -> ReadResult:
    """Read frames from files, folders (recursively) and patterns.

    Formats are told by content first and by name second: vasprun.xml, OUTCAR, phonopy's YAML with the forces in it or beside it,
    extended xyz, ASE database and trajectory, POSCAR, CIF, and JSON of WBM, MPtrj, MatPES, mlearn and computed entries; each also
    packed by gzip, bzip2, xz or lzma, and inside tar archives. Every frame is checked (see ``checks``) and grouped into compounds
    (see ``grouping``).

    Args:
        paths: What to read; each becomes one reference set.
        stride: Take every n-th frame of each file, beginning with the first; the supercells of one crystal stay together.
        limit: Take at most this many frames for each path, in order, but no part of a crystal's supercells.
        progress: Called often enough to show progress (at least every 50 frames and at every file) with the number of frames so
            far and the name of the file. What it raises passes through, which is how reading is cancelled.

    Returns:
        The sets, the problems and the label keys found.

    Raises:
        UserFacingError: If no path gave a single frame.
    """
    reading = _Reading(max(1, stride), limit, progress or (lambda _count, _name: None))
    sets: list[ReferenceSet] = []
    for path in paths:
        try:
            named = expand(path)
        except UserFacingError as error:
            reading.problems.append(ReadProblem(str(error.path), error.what, error.advice))
            continue
        found = _read_named(named, reading)
        if found is not None:
            sets.append(replace(found, name=set_name(found.title, taken=[known.name for known in sets])))
    if not sets:
        raise _nothing_read(paths, reading.problems)
    return ReadResult(tuple(sets), tuple(reading.problems), dict(reading.keys))


def _nothing_read(paths: Sequence[str | Path], problems: Sequence[ReadProblem]) -> UserFacingError:
    if not problems:
        where = str(paths[0]) if paths else None
        return UserFacingError("No frames were found here.", advice="Choose a file or folder with structures or DFT results.", path=where)
    first, others = problems[0], len(problems) - 1
    more = f" {others} more problem{'s' if others > 1 else ''} of this kind or others." if others else ""
    return UserFacingError(first.what + more, advice=first.advice, path=first.path)


def _read_named(named: Named, reading: _Reading) -> ReferenceSet | None:
    """Read one path of the user; return None where it gave no frame."""
    frames: list[Frame] = []
    sources: list[Provenance] = []
    labels: dict[str, str] = {}
    families: set[str] = set()
    for file, must_be_readable in _files(named, reading):
        if _full(frames, reading, named):
            break
        before = len(frames)
        notes = Notes(file.shown)
        family = _read_file(file, notes, frames, reading, must_be_readable=must_be_readable)
        reading.problems += notes.problems
        if len(frames) > before:
            labels[file.shown] = file.label.removeprefix(f"{named.files[0][1]}/") if named.is_one_file else file.label
            sources.append(notes.provenance)
            families.add(family)
            if notes.keys:
                reading.keys[file.shown] = tuple(notes.keys)
    if not frames:
        return None
    if len(labels) > 1:
        frames = _in_natural_order(_with_file_in_name(frames, labels))
    title = set_title(named.path)
    provenance = replace(_merged(sources, named, reading), source=named.path)
    found = ReferenceSet(name=title, title=title, frames=assign_compounds(frames), provenance=provenance)
    return replace(found, family=families.pop()) if len(families) == 1 and "" not in families else found


def _full(frames: Sequence[Frame], reading: _Reading, named: Named) -> bool:
    if reading.limit is not None and len(frames) >= reading.limit:
        return True
    if len(frames) < LARGEST_SET:
        return False
    problem = ReadProblem(
        named.path,
        f"It holds more than {LARGEST_SET:,} frames; the first {LARGEST_SET:,} were read.",
        "Read every n-th frame instead (stride).",
    )
    if problem not in reading.problems:
        reading.problems.append(problem)
    return True


def _files(named: Named, reading: _Reading) -> Iterator[tuple[DataFile, bool]]:
    """Yield the files behind a path, archives opened; a damaged archive becomes a problem."""
    for path, label in named.files:
        reading.progress(reading.n_frames, str(path))
        try:
            opened = data_files(path, label, worth_reading)
            for number, file in enumerate(opened):
                yield file, named.is_one_file and number == 0 and file.label == label
        except Exception as error:  # noqa: BLE001 - whatever a damaged file makes a parser raise is that file's problem only
            reading.problems.append(_damaged(str(path), error, 0))


def _read_file(file: DataFile, notes: Notes, frames: list[Frame], reading: _Reading, *, must_be_readable: bool) -> str:
    """Append the frames of one file and return their family, where their format has one; what goes wrong inside becomes a problem."""
    reading.progress(reading.n_frames, file.shown)
    try:
        known = detect(file)
    except Exception as error:  # noqa: BLE001 - see _files
        reading.problems.append(_damaged(file.shown, error, 0))
        return ""
    if known is None:
        if must_be_readable:
            notes.problem(
                "The file is empty." if not file.head else "This is none of the formats that can be read.",
                "Choose a vasprun.xml, OUTCAR, phonopy, extxyz, ASE, POSCAR, CIF or JSON file.",
            )
        return ""
    seen, before = 0, len(frames)
    incoming = known.read(file, notes)
    while (frame := _next_frame(incoming, file, notes, seen, known)) is not None:
        if known.family or seen % reading.stride == 0:
            frames.append(check_frame(frame))
            reading.n_frames += 1
        seen += 1
        if seen % _PROGRESS_EVERY == 0:
            reading.progress(reading.n_frames, file.shown)
        enough = not known.family and reading.limit is not None and len(frames) >= reading.limit
        if enough or len(frames) >= LARGEST_SET:
            break
    if file.is_damaged:
        were = "frame was" if seen == 1 else "frames were"
        notes.problem(
            f"The packed file is damaged or cut off; {seen} {were} read before that.",
            "Copy or download it again.",
        )
    if must_be_readable and len(frames) == before and not notes.problems:
        notes.problem(f"The file looks like {known.title} but holds no configuration.", "Choose another file.")
    return known.family


def _next_frame(incoming: Iterator[Frame], file: DataFile, notes: Notes, seen: int, known: Format) -> Frame | None:
    try:
        return next(incoming, None)
    except UserFacingError as error:
        notes.problem(error.what, error.advice)
    except Exception as error:  # noqa: BLE001 - see _files
        _log.info("reading %s as %s failed", file.shown, known.title, exc_info=True)
        problem = _damaged(file.shown, error, seen)
        notes.problem(problem.what, problem.advice)
    return None


def _damaged(path: str, error: Exception, seen: int) -> ReadProblem:
    if isinstance(error, UserFacingError):
        return ReadProblem(str(error.path or path), error.what, error.advice)
    if isinstance(error, PermissionError):
        return ReadProblem(path, "The file may not be read.", "Ask its owner for permission.")
    reason = f"{type(error).__name__}: {error}".splitlines()[0].rstrip(".: ")
    if isinstance(error, EOFError):
        reason = "it ends too early"
    so_far = f" The {seen} frame{'s' if seen > 1 else ''} before that {'were' if seen > 1 else 'was'} read." if seen else ""
    return ReadProblem(path, f"The file is damaged or not what it seems ({reason}).{so_far}", "Copy or write it again.")


def _with_file_in_name(frames: Sequence[Frame], labels: Mapping[str, str]) -> list[Frame]:
    """Name the file in each frame, because several files have a frame 1."""
    renamed = []
    for frame in frames:
        label = labels[frame.origin.path]
        renamed.append(frame.with_changes(name=label if frame.name == PurePosixPath(label).name else f"{frame.name} of {label}"))
    return renamed


def _in_natural_order(frames: Sequence[Frame]) -> list[Frame]:
    """Sort by file, because an archive comes in the order in which it was packed; steps of one file keep their order."""
    order = {path: rank for rank, path in enumerate(sorted({frame.origin.path for frame in frames}, key=natural_order))}
    return sorted(frames, key=lambda frame: order[frame.origin.path])


def _merged(sources: Sequence[Provenance], named: Named, reading: _Reading) -> Provenance:
    """Put together what the files say; different functionals in one set are worth a warning."""
    distinct = list(dict.fromkeys(sources))

    def joined(name: str) -> str:
        return " | ".join(dict.fromkeys(value for source in distinct if (value := getattr(source, name))))

    functionals = dict.fromkeys(source.functional for source in distinct if source.functional)
    if len(functionals) > 1:
        reading.problems.append(
            ReadProblem(
                named.path,
                f"The files mix the functionals {', '.join(functionals)}.",
                "Read them as separate sets: one scale fits one functional.",
            )
        )
    return Provenance(
        **{name: joined(name) for name in ("functional", "code", "settings", "licence", "citation", "recipe", "units_as_read")}
    )
