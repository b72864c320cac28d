"""The canvas: shows a view, turns it with the mouse or the keyboard, and lets atoms be picked and measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

import numpy as np
from ase.data import chemical_symbols
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from guiapp.ui.theme import LIGHT, Palette
from guiapp.ui.viewer.arrows import ForceArrows
from guiapp.ui.viewer.camera import Camera
from guiapp.ui.viewer.look import Look
from guiapp.ui.viewer.measuring import measure
from guiapp.ui.viewer.painting import paint_view
from guiapp.ui.viewer.picking import pick_atom
from guiapp.ui.viewer.scene import Scene, empty_scene
from guiapp.ui.viewer.spheres import SpriteCache
from guiapp.ui.viewer.view import Target, View

MANY_ATOMS = 3000
"""Above this, bonds and arrows are left out while the view moves: the hand needs the frame rate more."""

_TURN = 0.5  # degrees a pixel: half a turn across a narrow dock
_KEY_TURN = 7.5  # degrees a key press
_KEY_PAN = 24.0  # pixels a key press
_KEY_ZOOM = 1.2
_CLICK = 4.0  # pixels: a press that moves less is a click
_SETTLE = 180  # ms after the last wheel step or key until everything is drawn again

_ARROW_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)

KEYS_HELP = (
    "Drag turns, Shift+drag or the middle button moves, the wheel zooms. Click picks an atom; Shift+click two for their distance, "
    "three for the angle; double click fits.\n"
    "Keys: A, B, C look along an axis · F fit · Shift+arrows turn · Ctrl+arrows move · + and − zoom · N and P next and previous atom · "
    "M adds the picked atom to a measurement · arrows step through frames · Space plays · Esc clears"
)


class StructureCanvas(QWidget):
    """A picture of one structure.

    Signals:
        atom_picked: Index of the frame's atom that the user picked; -1 for none.
        step_requested: +1 or -1: the next or previous frame is wanted.
        play_toggled: Play frames, or stop.
        measured: The measured value with its unit; empty when the measurement is cleared.
    """

    atom_picked = Signal(int)
    step_requested = Signal(int)
    play_toggled = Signal()
    measured = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with nothing to show."""
        super().__init__(parent)
        self._view = View(empty_scene(), Camera())
        self._palette = LIGHT
        self._look = Look.of(LIGHT)
        self._pbc: tuple[bool, bool, bool] = (False, False, False)
        self._nearest_image = False
        self._sprites = SpriteCache()
        self._press: QPointF | None = None
        self._last: QPointF | None = None
        self._dragging = False
        self._moving = False
        self._focus_frame = False
        self._keys: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_A: partial(self.view_along, 0),
            Qt.Key.Key_B: partial(self.view_along, 1),
            Qt.Key.Key_C: partial(self.view_along, 2),
            Qt.Key.Key_F: self.fit,
            Qt.Key.Key_Plus: partial(self._zoom, _KEY_ZOOM, None),
            Qt.Key.Key_Equal: partial(self._zoom, _KEY_ZOOM, None),
            Qt.Key.Key_Minus: partial(self._zoom, 1 / _KEY_ZOOM, None),
            Qt.Key.Key_N: partial(self._pick_next, 1),
            Qt.Key.Key_P: partial(self._pick_next, -1),
            Qt.Key.Key_M: self._measure_picked,
            Qt.Key.Key_Space: self.play_toggled.emit,
        }
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self._come_to_rest)
        self.setMinimumSize(160, 140)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Structure")
        self.setAccessibleDescription(KEYS_HELP)

    # what is shown

    @property
    def view(self) -> View:
        """What is shown now."""
        return self._view

    @property
    def look(self) -> Look:
        """In which colours."""
        return self._look

    @property
    def colors(self) -> Palette:
        """The palette it is drawn in."""
        return self._palette

    @property
    def camera(self) -> Camera:
        """The point of view."""
        return self._view.camera

    def set_camera(self, camera: Camera) -> None:
        """Look from elsewhere."""
        self._change(camera=camera)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self._palette = palette
        self._look = Look.of(palette)
        self.update()

    def set_scene(self, scene: Scene, pbc: tuple[bool, bool, bool], *, keep_view: bool, keep_measurement: bool = False) -> None:
        """Show another structure.

        Args:
            scene: The structure.
            pbc: Which lattice vectors repeat, for measuring to the nearest image.
            keep_view: Keep direction and magnification, as for the next frame of a compound; else the structure is fitted.
            keep_measurement: Measure between the same atoms again, where they are still drawn.
        """
        self._pbc = pbc
        camera = self.camera.recentered(scene.center, scene.radius) if keep_view else self.camera.fitted(scene.center, scene.radius)
        chosen = self._view.chosen if keep_measurement else ()
        if chosen and max(chosen) >= int((~scene.is_copy).sum()):
            chosen = ()
        self._change(scene=scene, camera=camera)
        self._choose(chosen)

    def set_arrows(self, arrows: Sequence[ForceArrows], length: float) -> None:
        """Show forces; ``length`` is in Å drawn per eV/Å."""
        self._change(arrows=tuple(arrows), arrow_length=length)

    def set_shown(self, *, bonds: bool | None = None, differences: bool | None = None) -> None:
        """Show or hide bonds and difference arrows."""
        if bonds is not None:
            self._change(show_bonds=bonds)
        if differences is not None:
            self._change(show_differences=differences)

    def set_nearest_image(self, *, on: bool) -> None:
        """Measure to the nearest periodic image, or between the atoms as drawn."""
        self._nearest_image = on
        self._choose(self._view.chosen)

    def set_perspective(self, *, on: bool) -> None:
        """Draw near atoms larger, or use parallel rays."""
        self._change(camera=self.camera.with_perspective(on=on))

    def select_atom(self, atom: int | None) -> None:
        """Mark an atom of the frame, without a signal."""
        self._change(picked=atom)

    def view_along(self, axis: int) -> None:
        """Look along a (0), b (1) or c (2)."""
        self._change(camera=self.camera.along(self._view.scene.lattice, axis))

    def fit(self) -> None:
        """Show the whole structure, whichever way it is turned."""
        self._change(camera=self.camera.fitted(self._view.scene.center, self._view.scene.radius))

    def clear_measurement(self) -> None:
        """Forget the atoms chosen for a measurement."""
        self._choose(())

    def atom_position(self, drawn: int) -> QPointF:
        """Return where a drawn atom is seen, in widget coordinates."""
        x, y = self.camera.project(self._view.scene.positions[[drawn]], self.width(), self.height())[0, :2].tolist()
        return QPointF(x, y)

    # Qt

    def sizeHint(self) -> QSize:
        """Return what suits a dock; where there is more room, the picture takes it, but it takes none from the numbers."""
        return QSize(340, 220)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint in device pixels, where sprites need no scaling."""
        del event
        ratio = self.devicePixelRatioF()
        painter = QPainter(self)
        painter.scale(1 / ratio, 1 / ratio)
        view = self._view
        if self._moving:
            many = view.scene.n_drawn > MANY_ATOMS
            view = replace(view, is_moving=True, show_bonds=view.show_bonds and not many, arrows=() if many else view.arrows)
        paint_view(painter, view, self._look, Target(self.width() * ratio, self.height() * ratio, ratio, self._sprites))
        if self._focus_frame:  # who works by keyboard must see where the keys go
            painter.setPen(self._look.accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(0, 0, round(self.width() * ratio) - 1, round(self.height() * ratio) - 1, 4 * ratio, 4 * ratio)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        self._press = self._last = event.position()
        self._dragging = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn, or move with Shift or the middle button."""
        if self._press is None or self._last is None:
            return
        if not self._dragging and (event.position() - self._press).manhattanLength() < _CLICK:
            return
        self._dragging = self._moving = True
        step = event.position() - self._last
        self._last = event.position()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if shifted or event.buttons() & Qt.MouseButton.MiddleButton:
            self._change(camera=self.camera.panned(step.x(), step.y(), self.width(), self.height()))
        else:
            self._change(camera=self.camera.turned(_TURN * step.x(), _TURN * step.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or pick the atom under the pointer."""
        clicked = self._press is not None and not self._dragging and event.button() == Qt.MouseButton.LeftButton
        self._press = self._last = None
        self._dragging = False
        self._come_to_rest()
        if not clicked:
            return
        hit = self._atom_at(event.position())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if hit is not None:
                self._add_to_measurement(hit)
        else:
            self._pick(None if hit is None else int(self._view.scene.owner[hit]))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the pointer."""
        self._zoom(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the key says; other keys go to the window."""
        if not self._handle_key(event):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Name the atom under a resting pointer."""
        if event.type() == QEvent.Type.ToolTip:
            help_event = cast("QHelpEvent", event)
            hit = self._atom_at(QPointF(help_event.pos()))
            text = KEYS_HELP if hit is None else self._atom_name(hit)
            QToolTip.showText(help_event.globalPos(), text, self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show a frame where the focus came by keyboard."""
        self._focus_frame = event.reason() in _KEYBOARD
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the frame."""
        del event
        self._focus_frame = False
        self.update()

    # inside

    def _handle_key(self, event: QKeyEvent) -> bool:
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in _ARROW_KEYS:
            return self._handle_arrow(*_ARROW_KEYS[key], modifiers)
        if modifiers & ~Qt.KeyboardModifier.ShiftModifier:
            return False
        if key == Qt.Key.Key_Escape:
            return self._clear_one_level()
        action = self._keys.get(key)
        if action is None:
            return False
        action()
        return True

    def _handle_arrow(self, right: int, down: int, modifiers: Qt.KeyboardModifier) -> bool:
        if modifiers == Qt.KeyboardModifier.ShiftModifier:
            self._move_briefly()
            self._change(camera=self.camera.turned(_KEY_TURN * right, _KEY_TURN * down))
        elif modifiers == Qt.KeyboardModifier.ControlModifier:
            self._move_briefly()
            self._change(camera=self.camera.panned(_KEY_PAN * right, _KEY_PAN * down, self.width(), self.height()))
        elif modifiers == Qt.KeyboardModifier.NoModifier:
            self.step_requested.emit(right + down)
        else:
            return False
        return True

    def _clear_one_level(self) -> bool:
        """Clear the measurement, else the picked atom; False where there is nothing to clear, so that the window goes up."""
        if self._view.chosen:
            self.clear_measurement()
            return True
        if self._view.picked is not None:
            self._pick(None)
            return True
        return False

    def _pick(self, atom: int | None) -> None:
        self._change(picked=atom)
        self.atom_picked.emit(-1 if atom is None else atom)

    def _pick_next(self, step: int) -> None:
        scene = self._view.scene
        own = scene.owner[~scene.is_copy]
        if not len(own):
            return
        if self._view.picked is None:
            self._pick(int(own[0 if step > 0 else -1]))
            return
        place = int(np.searchsorted(own, self._view.picked)) + step
        self._pick(int(own[place % len(own)]))

    def _measure_picked(self) -> None:
        drawn = self._view.scene.first_drawn(self._view.picked) if self._view.picked is not None else None
        if drawn is not None:
            self._add_to_measurement(drawn)

    def _add_to_measurement(self, drawn: int) -> None:
        chosen = self._view.chosen
        if drawn in chosen:
            self._choose(tuple(atom for atom in chosen if atom != drawn))
        else:  # a fourth atom begins the next measurement
            self._choose((*chosen, drawn) if len(chosen) < 3 else (drawn,))

    def _choose(self, chosen: tuple[int, ...]) -> None:
        scene = self._view.scene
        measurement = measure(scene.positions, chosen, scene.lattice, self._pbc, nearest_image=self._nearest_image)
        had_text = self._view.measurement is not None
        self._change(chosen=chosen, measurement=measurement)
        if measurement is not None or had_text:
            self.measured.emit(measurement.text if measurement is not None else "")

    def _atom_at(self, position: QPointF) -> int | None:
        scene = self._view.scene
        return pick_atom(self.camera, scene.positions, scene.radii, (position.x(), position.y()), (self.width(), self.height()))

    def _atom_name(self, drawn: int) -> str:
        scene = self._view.scene
        number = int(scene.numbers[drawn])
        symbol = chemical_symbols[number] if number else "unknown element"
        copy = " (periodic copy)" if scene.is_copy[drawn] else ""
        return f"{symbol} · atom {int(scene.owner[drawn]) + 1}{copy}"

    def _zoom(self, factor: float, position: QPointF | None) -> None:
        self._move_briefly()
        x, y = (position.x(), position.y()) if position is not None else (self.width() / 2, self.height() / 2)
        self._change(camera=self.camera.zoomed(factor, x, y, self.width(), self.height()))

    def _move_briefly(self) -> None:
        self._moving = True
        self._settle.start()

    def _come_to_rest(self) -> None:
        if self._moving:
            self._moving = False
            self.update()

    def _change(self, **changes: object) -> None:
        self._view = replace(self._view, **changes)  # type: ignore[arg-type]
        self.update()
