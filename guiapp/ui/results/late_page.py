"""A place in the window whose page is made when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

Page = TypeVar("Page", bound=QWidget)


class LatePage(QWidget, Generic[Page]):
    """Empty until its page is asked for, which then fills it."""

    def __init__(self, make: Callable[[], Page]) -> None:
        """Keep the way to make the page.

        Args:
            make: Called once, at the first look; may import what takes long to import.
        """
        super().__init__()
        self._make = make
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._made: Page | None = None

    @property
    def made(self) -> Page | None:
        """The page where it exists already: what is set on every page needs to reach none that nobody has seen."""
        return self._made

    def page(self) -> Page:
        """Return the page, and make it where this is the first look."""
        if self._made is None:
            self._made = self._make()
            self._column.addWidget(self._made)
        return self._made
