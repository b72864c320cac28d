"""The structures of a session: reading files, grouping into compounds, taking out, stepping through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.grouping import merge, regroup, rename
from guiapp.frames.mixing import mismatches
from guiapp.frames.reference_set import ReferenceSet
from guiapp.ui.background import Background
from guiapp.ui.project_content import prepare
from guiapp.ui.selection import Selection, SelectionModel
from guiapp.ui.undo_steps import ChangeState
from guiapp.ui.workers.task_thread import TaskState, TaskThread

if TYPE_CHECKING:
    from guiapp.frames.reading.read import ReadResult

TOGETHER = "together"
"""Regrouping that puts all chosen frames into one compound."""


class Structures(QObject):
    """Reference sets and their frames; every change by the user can be undone.

    Signals:
        changed: The sets before and after a change.
        refused: A ``UserFacingError`` to show as it is.
        noticed: A sentence for the status bar.
        busy_changed: What is going on in words; empty when nothing is.
        mixing_found: What keeps sets waiting, as ``Mismatch``; empty when nothing waits any more.
    """

    changed = Signal(object, object)
    mixing_found = Signal(object)
    refused = Signal(object)
    noticed = Signal(str)
    busy_changed = Signal(str)

    def __init__(self, background: Background, undo_stack: QUndoStack, selection: SelectionModel, parent: QObject | None = None) -> None:
        """Start without structures."""
        super().__init__(parent)
        self.sets: tuple[ReferenceSet, ...] = ()
        self.frames: tuple[Frame, ...] = ()
        self._by_hash: dict[str, tuple[Frame, ...]] = {}
        self._background = background
        self._undo_stack = undo_stack
        self._selection = selection
        self._reader: TaskThread | None = None
        self._read_next: list[Callable[[], None]] = []
        self._waiting: tuple[ReferenceSet, ...] = ()

    @property
    def is_reading(self) -> bool:
        """Whether files are being read."""
        return self._reader is not None

    def replace_all(self, sets: tuple[ReferenceSet, ...]) -> None:
        """Show other sets without a step to undo, as when a project is opened."""
        self._reader = None
        self._read_next.clear()
        self.drop_waiting()
        self._use(sets)

    def frame(self, content_hash: str | None) -> Frame | None:
        """Return a frame by the hash of its configuration."""
        return next(iter(self.with_hash(content_hash)), None) if content_hash is not None else None

    def with_hash(self, content_hash: str) -> tuple[Frame, ...]:
        """Return every frame of a configuration; several where two codes labelled it."""
        return self._by_hash.get(content_hash, ())

    def of_compound(self, compound: str | None) -> list[Frame]:
        """Return the frames of a compound."""
        return [frame for frame in self.frames if frame.compound == compound]

    def read(self, paths: Sequence[Path]) -> None:
        """Read files, folders or globs in the background and add them to the project; what is dropped meanwhile waits."""

        def work(state: TaskState) -> ReadResult:
            from guiapp.frames.reading.read import read_frames  # noqa: PLC0415 - it imports every reader, a second of work

            return read_frames(list(paths), progress=state.progress)

        self._read("reading files", work)

    def open_set(self, name: str, load: Callable[[Callable[[int, str], None]], ReferenceSet]) -> None:
        """Read one whole set in the background and add it.

        Args:
            name: Of the set, for the status bar.
            load: Called in a thread with a function that takes progress.
        """

        def work(state: TaskState) -> ReadResult:
            from guiapp.frames.reading.read import ReadResult  # noqa: PLC0415 - as above

            return ReadResult((load(state.progress),))

        self._read(f"reading {name}", work)

    def add_waiting(self) -> None:
        """Add the sets that do not belong with the others, as the user wants it."""
        waiting, self._waiting = self._waiting, ()
        self.mixing_found.emit(())
        self._add(_with_free_names(waiting, {one.name for one in self.sets}))

    def drop_waiting(self) -> None:
        """Leave the sets out that do not belong with the others."""
        self._waiting = ()
        self.mixing_found.emit(())

    def _read(self, words: str, work: Callable[[TaskState], ReadResult]) -> None:
        if self._reader is not None:
            self._read_next.append(lambda: self._read(words, work))
            return
        self.busy_changed.emit(words)

        def prepared(state: TaskState) -> ReadResult:
            result = work(state)
            prepare([frame for one in result.sets for frame in one.frames])
            return result

        self._reader = self._background.start(prepared, self._take, progress=self._tell_progress, failed=self._reading_failed)

    def cancel_reading(self) -> None:
        """Stop reading; nothing of the files is added."""
        self._read_next.clear()
        if self._reader is not None:
            self._reader.state.cancel()
            self._end_reading()

    def regroup(self, frames: Iterable[Frame], by: str) -> None:
        """Group frames into compounds in another way, or all of them into one."""
        chosen = list(frames)
        if by == TOGETHER:
            compounds = {frame.compound for frame in chosen}
            self._change("regrouping", chosen, lambda some: merge(some, compounds, chosen[0].compound))
        else:
            self._change("regrouping", chosen, lambda some: regroup(some, by))  # type: ignore[arg-type]

    def rename_compound(self, old: str, new: str) -> None:
        """Rename a compound."""
        self._change("renaming", self.of_compound(old), lambda some: rename(some, old, new))
        self._selection.select(Selection(new))

    def remove(self, frames: Iterable[Frame]) -> None:
        """Take frames out of the project; their results are kept."""
        gone = {id(frame) for frame in frames}
        sets = [replace(one, frames=tuple(f for f in one.frames if id(f) not in gone)) for one in self.sets]
        self._push("removing frames", tuple(one for one in sets if one.frames))

    def export(self, frames: Sequence[Frame], path: Path) -> None:
        """Write frames with their labels as extxyz."""

        def work(_state: TaskState) -> Path:
            from guiapp.frames.writing import write_extxyz  # noqa: PLC0415 - it imports ase's readers, a second of work

            write_extxyz(frames, path)
            return path

        self._background.start(work, self._tell_written)

    def step(self, by: int, *, remember: bool = True) -> None:
        """Select the next or previous frame of the current compound, going round at the ends.

        Args:
            by: How many frames on, negative backwards.
            remember: Whether Back returns to the frame that was selected before.
        """
        current = self.frame(self._selection.current.frame)
        compound = current.compound if current is not None else self._selection.current.compound
        frames = self.of_compound(compound) or list(self.frames)
        if not frames:
            return
        hashes = [frame.content_hash for frame in frames]
        place = hashes.index(current.content_hash) + by if current is not None and current.content_hash in hashes else 0
        chosen = frames[place % len(frames)]
        self._selection.select(Selection(chosen.compound, chosen.content_hash), remember=remember)

    @Slot(int, str)
    def _tell_progress(self, done: int, words: str) -> None:
        if self._reader is not None:
            self.busy_changed.emit(f"reading {words}: {done:,} frames")

    @Slot(object)
    def _take(self, result: ReadResult) -> None:
        fresh = _with_free_names(result.sets, {one.name for one in self.sets})
        found = mismatches(self.sets, fresh)
        waiting = {id(one.second) for one in found}
        self._add([one for one in fresh if id(one) not in waiting])
        if found:
            self._waiting = (*self._waiting, *(one.second for one in found))
            self.mixing_found.emit(mismatches(self.sets, self._waiting))
        for problem in result.problems:
            self.refused.emit(UserFacingError(problem.what, advice=problem.advice, path=problem.path))
        self._end_reading()

    def _add(self, fresh: Sequence[ReferenceSet]) -> None:
        if fresh:
            self._push("opening files", (*self.sets, *fresh))
            first = fresh[0].frames[0]
            self._selection.select(Selection(first.compound, first.content_hash))
            self.noticed.emit(_summary(fresh))

    @Slot(object)
    def _reading_failed(self, _error: Exception) -> None:
        self._end_reading()

    def _end_reading(self) -> None:
        self._reader = None
        self.busy_changed.emit("")
        if self._read_next:
            self._read_next.pop(0)()

    @Slot(object)
    def _tell_written(self, path: Path) -> None:
        self.noticed.emit(f"written to {path}")

    def _change(self, words: str, chosen: list[Frame], change: Callable[[list[Frame]], Sequence[Frame]]) -> None:
        if not chosen:
            return
        changed = {id(old): new for old, new in zip(chosen, change(chosen), strict=True)}
        self._push(words, tuple(replace(one, frames=tuple(changed.get(id(f), f) for f in one.frames)) for one in self.sets))

    def _push(self, words: str, sets: tuple[ReferenceSet, ...]) -> None:
        self._undo_stack.push(ChangeState(words, self.sets, sets, self._use))

    def _use(self, sets: tuple[ReferenceSet, ...]) -> None:
        before, self.sets = self.sets, sets
        self.frames = tuple(frame for one in sets for frame in one.frames)
        by_hash: dict[str, tuple[Frame, ...]] = {}
        for frame in self.frames:
            by_hash[frame.content_hash] = (*by_hash.get(frame.content_hash, ()), frame)
        self._by_hash = by_hash
        self.changed.emit(before, sets)


def _with_free_names(sets: Iterable[ReferenceSet], taken: set[str]) -> list[ReferenceSet]:
    """Return the sets that hold frames, renamed where the project has a set of that name already."""
    fresh = []
    for one in sets:
        name, count = one.name, 2
        while name in taken:
            name, count = f"{one.name}-{count}", count + 1
        taken.add(name)
        if one.frames:
            fresh.append(replace(one, name=name))
    return fresh


def _summary(sets: Sequence[ReferenceSet]) -> str:
    frames = [frame for one in sets for frame in one.frames]
    keys = sorted({key for frame in frames for key in frame.origin.keys})
    flagged = sum(bool(frame.flags) for frame in frames)
    words = f"{len(frames):,} frames read" + (f", labels from {', '.join(keys)}" if keys else ", no labels found")
    return words + (f"; {flagged:,} with a remark" if flagged else "")
