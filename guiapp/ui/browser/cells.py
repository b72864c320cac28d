"""What each cell of the browser says, by level of the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from guiapp.number_words import counted
from guiapp.ui.browser import cell_text
from guiapp.ui.browser.arrangement import Arrangement, Column
from guiapp.ui.browser.cell_text import ScaleEntry
from guiapp.ui.browser.frame_columns import FrameColumns


@dataclass(frozen=True, eq=False)
class Cells:
    """Reads columns and arrangement; empty words where a level has nothing to say in a column."""

    columns: FrameColumns
    arrangement: Arrangement
    scales: Sequence[ScaleEntry | None]
    """By compound."""

    def of_set(self, place: int, column: Column) -> str:
        """Return a cell of a set's row."""
        reference_set = self.columns.sets[place]
        if column is Column.NAME:
            return reference_set.title or reference_set.name
        return counted(self.arrangement.frames_in_set[place], "frame") if column is Column.SIZE else ""

    def of_compound(self, place: int, column: Column) -> str:
        """Return a cell of a compound's row."""
        match column:
            case Column.NAME:
                return self.columns.compounds[place]
            case Column.SCALE:
                return cell_text.scale_text(self.scales[place])
            case Column.SIZE:
                return counted(int(self.arrangement.count[place]), "frame")
            case Column.FORCE:
                return cell_text.force_text(float(self.arrangement.largest_force[place]))
        return ""

    def of_frame(self, place: int, column: Column) -> str:
        """Return a cell of a frame's row."""
        columns = self.columns
        frame = columns.frames[place]
        words = ""
        match column:
            case Column.NAME:
                words = frame.name or f"frame {frame.origin.index + 1}"
            case Column.SIZE:
                words = counted(int(columns.n_atoms[place]), "atom")
            case Column.FORCE:
                words = cell_text.force_text(float(columns.largest_force[place]))
            case Column.CONDITION:
                words = cell_text.condition_text(float(columns.temperature[place]), float(columns.strain[place]), frame)
            case Column.LABELS:
                words = cell_text.labels_text(int(columns.labels[place]))
        return words

    def aside_of_set(self, place: int) -> str:
        """Return the muted words behind a set's title."""
        return "" if len(self.arrangement.compounds[place]) else "no frames"

    def aside_of_compound(self, place: int) -> str:
        """Return the formula, where the compound's name does not tell it."""
        name, formula = self.columns.compounds[place], self.columns.compound_formula[place]
        return "" if formula in name else formula

    def tooltip_of_compound(self, place: int, column: Column) -> str | None:
        """Return the explanation of a compound's cell."""
        if column is Column.SCALE:
            return cell_text.scale_tooltip(self.scales[place])
        if column is not Column.NAME:
            return None
        count, all_of_it = int(self.arrangement.count[place]), int(self.columns.frames_in_compound[place])
        listed = counted(all_of_it, "frame") if count == all_of_it else f"{count:,} of {counted(all_of_it, 'frame')} listed"
        return f"{self.columns.compounds[place]}: {listed}"

    def tooltip_of_frame(self, place: int, column: Column) -> str | None:
        """Return the explanation of a frame's cell."""
        if column is Column.LABELS:
            return cell_text.labels_in_words(int(self.columns.labels[place]))
        return cell_text.frame_tooltip(self.columns.frames[place]) if column is Column.NAME else None
