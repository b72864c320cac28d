"""Choosing a correction c: a slider, the number itself, and the two values that the labels suggest."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QLineF, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSlider, QWidget

from guiapp.ui.plots.number_text import MISSING, number
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis, tooltip

LOWEST, HIGHEST = 0.5, 2.0
_STEPS = 200  # positions from 1 to 2; the slider is logarithmic, so that 1 stands in its middle and c and 1/c lie alike
_SMALL, _LARGE = 0.01, 0.05
_SPACING = 8


class _LogarithmicSlider(QSlider):
    """A slider with a mark at its middle, where nothing is corrected.

    Signals:
        stepped: A key asks for a change of c by this much.
        reset: A double click asks for 1.
    """

    stepped = Signal(float)
    reset = Signal()

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(-_STEPS, _STEPS)
        self.mark = QColor("grey")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step by a hundredth, or by five with Page Up and Page Down; Home goes back to 1."""
        keys = Qt.Key
        steps = {
            keys.Key_Left: -_SMALL,
            keys.Key_Down: -_SMALL,
            keys.Key_Right: _SMALL,
            keys.Key_Up: _SMALL,
            keys.Key_PageDown: -_LARGE,
            keys.Key_PageUp: _LARGE,
        }
        key = keys(event.key())
        if key in steps:
            self.stepped.emit(steps[key])
        elif key == keys.Key_Home:
            self.reset.emit()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Go back to 1."""
        self.reset.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a short line at 1 under the slider."""
        painter = QPainter(self)
        painter.setPen(QPen(self.mark, 1.4))
        x, y = self.width() / 2, self.height() / 2
        painter.drawLine(QLineF(x, y - 8, x, y + 8))
        painter.end()
        super().paintEvent(event)


class CorrectionSlider(QWidget):
    """Preview of a correction between 0.5 and 2.

    Signals:
        correction_changed: The new c, only when it did change.
    """

    correction_changed = Signal(float)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start at 1, without suggestions."""
        super().__init__(parent)
        self._value = 1.0
        self._palette = palette
        self._best_fit: float | None = None
        self._slope_matching: float | None = None
        self._slider = _LogarithmicSlider()
        self._number = QDoubleSpinBox()
        self.best_fit_chip = QPushButton()
        self.slope_chip = QPushButton()
        self._what = WhatIsThis("correction", palette)
        self._build()
        self.set_palette(palette)
        self.set_suggestions(None, None)
        self._refresh()

    @property
    def value(self) -> float:
        """The correction c."""
        return self._value

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self._slider.mark = QColor(palette.muted)
        self._what.set_palette(palette)
        self._slider.update()

    def set_value(self, c: float) -> None:
        """Set c, within 0.5 to 2, and tell where it changed."""
        c = min(max(c, LOWEST), HIGHEST)
        if c == self._value:
            return
        self._value = c
        self._refresh()
        self.correction_changed.emit(c)

    def set_suggestions(self, best_fit: float | None, slope_matching: float | None) -> None:
        """Offer the two corrections that the labels suggest; None where there is not enough signal."""
        self._best_fit, self._slope_matching = _usable(best_fit), _usable(slope_matching)
        self.best_fit_chip.setText(f"best fit {_text(self._best_fit)}")
        self.slope_chip.setText(f"slope 1: {_text(self._slope_matching)}")
        self.best_fit_chip.setEnabled(self._best_fit is not None)
        self.slope_chip.setEnabled(self._slope_matching is not None)
        self._leave_out()  # a number is wider than the dash that was there
        self._refresh()

    def reset(self) -> None:
        """Go back to c = 1: no correction."""
        self.set_value(1.0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Esc in the number or on a chip go back to 1."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._value != 1:
            self.reset()
            return True
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        """Ask for room for slider, number and one suggestion; the rest shows where there is more."""
        room = super().minimumSizeHint()
        spared = sum(widget.sizeHint().width() + _SPACING for widget in self._spared() if not widget.isHidden())
        return QSize(room.width() - spared, room.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what a narrow row has no room for."""
        super().resizeEvent(event)
        self._leave_out()

    def _leave_out(self) -> None:
        room = self.width() - self.minimumSizeHint().width()
        for widget in self._spared():
            room -= widget.sizeHint().width() + _SPACING
            widget.setVisible(room >= 0)

    def _spared(self) -> tuple[QWidget, ...]:
        return self.slope_chip, self._label

    def _build(self) -> None:
        label = self._label = QLabel("Preview")
        label.setToolTip("Preview a correction: every force and energy times c, without computing anything anew")
        label.setProperty("role", "small")
        label.setBuddy(self._slider)
        self._slider.setMinimumWidth(70)
        self._slider.setFixedHeight(26)
        self._slider.setAccessibleName("Correction c")
        self._slider.setToolTip("Multiply the model's forces by c. Arrow keys: 0.01, page keys: 0.05, Home or a double click: back to 1")
        self._number.setRange(LOWEST, HIGHEST)
        self._number.setDecimals(2)
        self._number.setSingleStep(_SMALL)
        self._number.setPrefix("c = ")
        self._number.setKeyboardTracking(False)
        # Under a style sheet Qt leaves a box without buttons one pixel for its text: so the buttons stay, without width.
        self._number.setStyleSheet("QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; border: none; }")
        self._number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._number.setFixedWidth(78)
        self._number.setAccessibleName("Correction c as a number")
        for chip, term in ((self.best_fit_chip, "least-squares c"), (self.slope_chip, "slope matching")):
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setToolTip(tooltip(term))
            chip.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACING)
        row.addWidget(label)
        row.addWidget(self._slider, 1)
        for widget in (self._number, self.best_fit_chip, self.slope_chip, self._what):
            row.addWidget(widget)
        controls: tuple[QWidget, ...] = (self._slider, self._number, self.best_fit_chip, self.slope_chip)
        for control in controls:
            control.installEventFilter(self)
        self.setFocusProxy(self._slider)
        self.setAccessibleName("Preview a correction")
        self._slider.valueChanged.connect(self._take_position)
        self._slider.stepped.connect(self._step)
        self._slider.reset.connect(self.reset)
        self._number.valueChanged.connect(self._take_number)
        self.best_fit_chip.clicked.connect(self._take_best_fit)
        self.slope_chip.clicked.connect(self._take_slope_matching)

    def _take_position(self, position: int) -> None:
        self.set_value(round(2 ** (position / _STEPS), 2))

    def _step(self, step: float) -> None:
        self.set_value(round(self._value + step, 2))

    def _take_number(self, c: float) -> None:
        self.set_value(c)

    def _take_best_fit(self) -> None:
        if self._best_fit is not None:
            self.set_value(self._best_fit)
        self._refresh()

    def _take_slope_matching(self) -> None:
        if self._slope_matching is not None:
            self.set_value(self._slope_matching)
        self._refresh()

    def _refresh(self) -> None:
        """Bring slider, number and chips to the value without being told so in return."""
        for widget in (self._slider, self._number):
            widget.blockSignals(True)
        self._slider.setValue(round(_STEPS * math.log2(self._value)))
        self._number.setValue(self._value)
        for widget in (self._slider, self._number):
            widget.blockSignals(False)
        self.best_fit_chip.setChecked(self._best_fit is not None and self._value == self._best_fit)
        self.slope_chip.setChecked(self._slope_matching is not None and self._value == self._slope_matching)


def _usable(c: float | None) -> float | None:
    """Return a suggestion that the slider can show, else None."""
    return c if c is not None and math.isfinite(c) and LOWEST <= c <= HIGHEST else None


def _text(c: float | None) -> str:
    return MISSING if c is None else number(c)
