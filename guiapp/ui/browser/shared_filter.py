"""The part of the browser's conditions that the numbers follow as well, and how the browser follows the numbers' filter."""

from __future__ import annotations

from dataclasses import replace

from guiapp.benchmarks.frame_filter import DEFAULT_LARGEST_FORCE, FrameFilter
from guiapp.ui.browser.conditions import Conditions
from guiapp.ui.browser.frame_columns import FrameColumns


class SharedFilter:
    """Translates between ``Conditions`` and the ``FrameFilter`` of every number shown."""

    def __init__(self) -> None:
        """Start with the filter of a new project."""
        self._base = FrameFilter()
        self._newest = FrameFilter()

    @property
    def newest(self) -> FrameFilter:
        """The filter in force, whichever side changed it last."""
        return self._newest

    def follow(self, frame_filter: FrameFilter, conditions: Conditions) -> Conditions:
        """Return the browser's conditions under a filter that was set elsewhere: its elements, and its largest force if unusual.

        Args:
            frame_filter: The filter that now holds for the numbers.
            conditions: The browser's conditions until now.
        """
        if frame_filter == self._newest:
            return conditions
        before, self._newest = self._newest, frame_filter
        still_excluded = bool(conditions.exclude) and frame_filter.compounds == before.compounds
        usual = frame_filter.max_force == DEFAULT_LARGEST_FORCE
        # What stands on a chip is the browser's to remove, so it is no part of what remains when the chip is gone.
        self._base = replace(
            frame_filter,
            elements=None,
            max_force=None if frame_filter.max_force is None else DEFAULT_LARGEST_FORCE,
            compounds=self._base.compounds if still_excluded else frame_filter.compounds,
        )
        return replace(
            conditions,
            include=frame_filter.elements or frozenset(),
            exclude=conditions.exclude if still_excluded else frozenset(),
            max_force=None if usual else frame_filter.max_force,
        )

    def change(self, before: Conditions, after: Conditions, columns: FrameColumns) -> FrameFilter | None:
        """Return the filter that the numbers shall follow after the user changed conditions; None where it is not touched.

        Args:
            before: The conditions until now.
            after: The conditions that the user wants.
            columns: The frames, which say what compounds remain without an element.
        """
        if (before.include, before.exclude, before.max_force) == (after.include, after.exclude, after.max_force):
            return None
        self._newest = after.frame_filter(self._base, columns)
        return self._newest
