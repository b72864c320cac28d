"""The self-test of a model, check by check."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from guiapp.potentials.self_test.report import Check
from guiapp.ui.models_page.wording import check_color, check_mark
from guiapp.ui.theme import Palette


class CheckList(QWidget):
    """A line a check: its sign, its name, and what was found; red where the model is wrong, amber where it is limited."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start without checks."""
        super().__init__(parent)
        self._palette = palette
        self._checks: tuple[Check, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)
        self.lines: dict[str, QLabel] = {}
        """What is said of each check, by its name."""

    def show_checks(self, checks: Sequence[Check]) -> None:
        """Show these checks, the failed ones first."""
        self._checks = tuple(sorted(checks, key=_urgency))
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.lines = {}
        for row, check in enumerate(self._checks):
            color = check_color(check, self._palette)
            mark, name, words = QLabel(check_mark(check)), QLabel(check.name), QLabel(check.words)
            mark.setStyleSheet(f"color: {color}; font-weight: 700;")
            name.setProperty("role", "small")
            words.setWordWrap(True)
            words.setTextFormat(Qt.TextFormat.PlainText)
            if check.passed is False:
                words.setStyleSheet(f"color: {color};")
            for column, label in enumerate((mark, name, words)):
                label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(label, row, column)
            words.setAccessibleName(f"{check.name}: {'passed' if check.passed else 'not judged' if check.passed is None else 'failed'}")
            self.lines[check.name] = words

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        self.show_checks(self._checks)


def _urgency(check: Check) -> int:
    if check.passed is False:
        return 0 if check.grave else 1
    return 2 if check.passed else 3
