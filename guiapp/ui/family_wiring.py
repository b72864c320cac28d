"""What connects the views of families with the session: their results, clicks on systems, two models compared, a structure dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from guiapp.benchmarks.family_filter import family_filter_words
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.benchmarks.model_pair import PairFinding, compare_forces, compare_rows
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.ui.curves.path_desk import PathDesk
from guiapp.ui.selection import Selection
from guiapp.ui.workers.task_thread import TaskState

if TYPE_CHECKING:
    from guiapp.ui.main_window import MainWindow


class FamilyWiring(QObject):
    """The summary and the curves on one side, the session on the other."""

    def __init__(self, window: MainWindow) -> None:
        """Connect everything."""
        super().__init__(window)
        self._window, self._session = window, window.session
        self._system = ("", "")
        self.paths = PathDesk(window)
        summary = window.results.summary_page
        self._session.families.changed.connect(self.refresh)
        self._session.filter_changed.connect(self.refresh)
        window.results.system_activated.connect(self._select_system)
        window.results.frame_activated.connect(self._select_frame)
        summary.pair_chosen.connect(self._compare)
        summary.structure_dropped.connect(self._read_structure)

    @Slot()
    def refresh(self) -> None:
        """Show the newest results of families, with the filter that holds for them."""
        self.paths.set_palette(self._window.theme)
        chosen = self._session.filter
        words = f"Filter: {chosen.describe()}"
        if self._session.families.entries:
            words += f" (high-energy states); {family_filter_words(chosen) or 'every system'} in the other families"
        self._window.results.set_families(self._session.families.entries, filter_words=words)

    def frame(self, content_hash: str | None) -> Frame | None:
        """Return a frame of a family that is not among the project's structures."""
        return self._session.families.frame(content_hash)

    def prediction(self, model: str, frame: Frame) -> Prediction | None:
        """Return what a model said about a frame of a family."""
        return self._session.families.prediction(model, frame)

    def offer_families(self, picked: Sequence[Frame] = ()) -> None:
        """Fill the benchmark panel with families at once, and with their structures as soon as they are found.

        Args:
            picked: Frames of the browser that alone are meant; empty for every set there is.
        """
        from guiapp.benchmarks.registry import families  # noqa: PLC0415 - every family, which the start has no time for
        from guiapp.ui.benchmark.family_sources import FamilySource, find_sources, sources_of_frames  # noqa: PLC0415

        self._window.setup.set_families({one.name: one.modes for one in families() if one.name != HIGH_ENERGY})
        sets, frames = self._session.structures.sets, tuple(picked)

        def work(state: TaskState) -> Sequence[FamilySource]:
            if frames:
                return sources_of_frames(frames, "picked", f"Only what is picked in the browser ({len(frames)} frames)")
            return find_sources(sets, stop=state.stop_if_cancelled)

        self._session.background.start(work, self._window.setup.set_sources)

    def step(self, by: int) -> bool:
        """Step through the frames of the selected system; return False where no frame of a family alone is shown."""
        current = self._session.selection.current.frame
        if current is None or self._session.structures.frame(current) is not None:
            return False
        family, system = self._system
        frames = self._session.families.frames_of(family, system)
        hashes = [frame.content_hash for frame in frames]
        if current not in hashes:
            return False
        chosen = frames[(hashes.index(current) + by) % len(frames)]
        self._session.selection.select(Selection(self._session.selection.current.compound, chosen.content_hash))
        return True

    @Slot(str, str)
    def _select_system(self, family: str, system: str) -> None:
        """Show the system's first structure in the viewer, and the system in every view."""
        self._system = (family, system)
        frames = self._session.families.frames_of(family, system)
        if not frames:  # forces: the system is a compound of the browser
            frames = tuple(self._session.structures.of_compound(system))
        if frames:
            chosen = _middle(frames)
            self._session.selection.select(Selection(system, chosen.content_hash))
            self._window.layout_of_docks.bring_viewer_forward()

    @Slot(str)
    def _select_frame(self, content_hash: str) -> None:
        frame = self._session.structures.frame(content_hash) or self._session.families.frame(content_hash)
        if frame is not None:
            compound = self._session.selection.current.compound or frame.compound
            self._session.selection.select(Selection(compound, content_hash))
            self._window.layout_of_docks.bring_viewer_forward()

    @Slot(str, str)
    def _compare(self, first: str, second: str) -> None:
        """Compare two models in the background."""
        summary = self._window.results.summary_page
        entries, evaluations = summary.entries, summary.evaluations

        def work(state: TaskState) -> Sequence[PairFinding]:
            found = []
            forces = {one.title: one.summary for one in evaluations}
            if first in forces and second in forces:
                found.append(compare_forces(forces[first], forces[second]))
            mine = {(entry.result.family, entry.result.mode): entry.result.rows for entry in entries if entry.title == first}
            theirs = {(entry.result.family, entry.result.mode): entry.result.rows for entry in entries if entry.title == second}
            seen: set[str] = set()
            for key, rows in mine.items():
                state.stop_if_cancelled()
                if key in theirs and key[0] not in seen:
                    seen.add(key[0])
                    found.append(compare_rows(rows, theirs[key]))
            return tuple(one for one in found if one is not None)

        self._session.background.start(work, summary.show_pair)

    @Slot(object)
    def _read_structure(self, path: Path) -> None:
        """Read the composition of a dropped structure in the background."""

        def work(_state: TaskState) -> tuple[str, Mapping[str, float]]:
            from guiapp.benchmarks.affected import composition_of  # noqa: PLC0415 - with the readers, a second of work
            from guiapp.frames.reading.read import read_frames  # noqa: PLC0415

            sets = read_frames([path], limit=1).sets
            if not sets or not sets[0].frames:
                raise UserFacingError("No structure was found in this file.", advice="Drop a cif, POSCAR or extxyz file.", path=path)
            frame = sets[0].frames[0]
            return frame.formula, composition_of(frame.symbols)

        self._session.background.start(work, self._take_structure, failed=self._no_structure)

    @Slot(object)
    def _take_structure(self, found: tuple[str, Mapping[str, float]]) -> None:
        self._window.results.summary_page.affected.show_structure(*found)

    @Slot(object)
    def _no_structure(self, _error: Exception) -> None:
        self._window.results.summary_page.affected.formula.clear()


def _middle(frames: Sequence[Frame]) -> Frame:
    """Return the frame that stands for a system: equilibrium, the slab or the defect rather than an end of a series."""
    wanted = ("equilibrium", "slab", "defect", "perfect")
    for role in wanted:
        for frame in frames:
            if frame.info.get("role") == role:
                return frame
    return frames[len(frames) // 2]
