"""Where a benchmark is put together: families with their structures, models, device; Enter runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.frame_filter import DEFAULT_LARGEST_FORCE, FrameFilter
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.number_words import counted
from guiapp.potentials.potential import PotentialCard
from guiapp.ui.benchmark.family_choice import FamilyChoice, first_sentence
from guiapp.ui.benchmark.family_sources import FamilySource
from guiapp.ui.benchmark.kernel_switch import KernelSwitch
from guiapp.ui.benchmark.labels import empty_grid, section, small
from guiapp.ui.benchmark.request import BenchmarkRequest
from guiapp.ui.elided_label import ElidedLabel
from guiapp.ui.icons import icon
from guiapp.ui.segments import Segments
from guiapp.ui.terms import family_term
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis, tooltip

DEVICES = ("auto", "cpu", "cuda")
_READY = "ready"
_WIDEST, _HIGHEST = 900, 760
_WIDEST_MODEL = 230  # px, of a model's name: beside it stands what is known of the model
__all__ = ["BenchmarkRequest", "BenchmarkSetup"]


class BenchmarkSetup(QDialog):
    """Opens beside the button that asks for it, and blocks nothing.

    Signals:
        run_requested(object): A ``BenchmarkRequest``.
    """

    run_requested = Signal(object)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start with nothing to choose from."""
        super().__init__(parent)
        self.setWindowTitle("Run a benchmark")
        self.setModal(False)
        self.setMinimumWidth(460)
        self._palette = palette
        self._sets: tuple[ReferenceSet, ...] = ()
        self._selected: tuple[Frame, ...] = ()
        self._cards: tuple[PotentialCard, ...] = ()
        self._estimate: Callable[[BenchmarkRequest], str] = lambda _request: ""
        self.set_boxes: dict[str, QCheckBox] = {}
        self.model_boxes: dict[str, QCheckBox] = {}
        self.selection_box = QCheckBox()
        self.device = Segments("Device", ("Automatic", "CPU", "GPU"))
        self.kernel = KernelSwitch(palette)
        self.high_energy = QCheckBox(describe_family(HIGH_ENERGY).title)
        self.high_energy.setToolTip(tooltip(family_term(HIGH_ENERGY)))
        self.high_energy.setChecked(True)
        self.high_energy_what = WhatIsThis(family_term(HIGH_ENERGY), palette)
        self.families: dict[str, FamilyChoice] = {}
        self.limit = QCheckBox("Leave out DFT forces above")
        self.limit.setToolTip("Frames with a larger DFT force are not computed: that far out DFT labels themselves disagree")
        self.limit.setChecked(True)
        self.max_force = QDoubleSpinBox()
        self.max_force.setRange(0.1, 100_000)
        self.max_force.setDecimals(1)
        self.max_force.setValue(DEFAULT_LARGEST_FORCE)
        self.max_force.setSuffix(" eV/Å")
        self.max_force.setAccessibleName("Largest DFT force")
        self.max_force.setStyleSheet("QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; border: none; }")
        self.max_force.lineEdit().setTextMargins(6, 0, 0, 0)
        self.estimate = QLabel()
        self.estimate.setProperty("role", "muted")
        self.estimate.setWordWrap(True)
        self.run = QPushButton("Run")
        self.run.setProperty("role", "primary")
        self.run.setDefault(True)
        self.run.setMinimumWidth(96)
        self.cancel = QPushButton("Cancel")
        self.cancel.setAutoDefault(False)
        self._outline = QColor(palette.muted)
        self._lay_out()
        self._connect()
        self.set_palette(palette)
        self._refresh()

    # -- what the owner calls

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._outline = QColor(palette.muted)
        self._palette = palette
        self.high_energy_what.set_palette(palette)
        for choice in self.families.values():
            choice.set_palette(palette)
            for box in (choice.box, *choice.source_boxes.values()):
                self._outline_box(box)
        self.kernel.set_palette(palette)
        fixed = (self.selection_box, self.limit, self.high_energy, self.kernel.box)
        for box in (*self.set_boxes.values(), *self.model_boxes.values(), *fixed):
            self._outline_box(box)
        self.run.setIcon(icon("play", palette, color=palette.on_accent))

    def set_sets(self, sets: Sequence[ReferenceSet]) -> None:
        """Offer these sets; those that were there keep their tick, and the first one is ticked where none is."""
        ticked = {name for name, box in self.set_boxes.items() if box.isChecked()}
        # Sets made for another family are offered there; their forces are not compared one by one.
        sets = [one for one in sets if one.family == HIGH_ENERGY]
        self._sets = tuple(sets)
        empty_grid(self._set_list)
        self.set_boxes = {}
        for reference_set in sets:
            usable = sum(frame.forces is not None and frame.usable for frame in reference_set.frames)
            total = len(reference_set.frames)
            words = f"{usable:,} frames" if usable == total else f"{usable:,} of {total:,} frames can take part"
            box = self._tick(reference_set.title or reference_set.name, reference_set.name in ticked, possible=usable > 0)
            self.set_boxes[reference_set.name] = box
            self._set_list.addWidget(box, self._set_list.rowCount(), 0)
            self._set_list.addWidget(small(words), self._set_list.rowCount() - 1, 1)
        if not self.selection_box.isChecked() and not any(box.isChecked() for box in self.set_boxes.values()):
            first = next((box for box in self.set_boxes.values() if box.isEnabled()), None)
            if first is not None:
                first.setChecked(True)
        self._refresh()

    def set_families(self, modes: Mapping[str, Sequence[str]]) -> None:
        """Offer these families beside the forces.

        Args:
            modes: By family, the modes that it has.
        """
        if set(modes) == set(self.families):
            return
        for family, known in modes.items():
            choice = FamilyChoice(family, known, self._palette)
            self.families[family] = choice
            choice.ticked.connect(self._outline_box)
            choice.changed.connect(self._refresh)
            self._outline_box(choice.box)
            self._family_list.addWidget(choice)
        self._refresh()

    @Slot(object)
    def set_sources(self, sources: Sequence[FamilySource]) -> None:
        """Offer the structures that were found for the families."""
        for family, choice in self.families.items():
            choice.set_sources([source for source in sources if source.family == family])
        self._refresh()

    def set_selection(self, frames: Sequence[Frame], *, choose: bool = False) -> None:
        """Offer the frames that are picked in the browser, and with ``choose`` tick them in place of the sets."""
        self._selected = tuple(frame for frame in frames if frame.forces is not None and frame.usable)
        count = len(self._selected)
        self.selection_box.setText(f"Only what is picked in the browser: {counted(count, 'frame')}")
        self.selection_box.setVisible(bool(count))
        self.selection_box.setChecked(bool(count) and (choose or self.selection_box.isChecked()))
        self._refresh()

    def set_models(self, cards: Sequence[PotentialCard], ticked: Sequence[str] = ()) -> None:
        """Offer these models; one that is not ready says what is missing. Without ``ticked`` the first ready one is ticked."""
        before = {name for name, box in self.model_boxes.items() if box.isChecked()}
        chosen = set(ticked) or before or {card.name for card in cards if card.state == _READY and card is _first_ready(cards)}
        self._cards = tuple(cards)
        empty_grid(self._model_list)
        self.model_boxes = {}
        for row, card in enumerate(cards):
            ready = card.state == _READY
            box = self._tick(card.title, card.name in chosen, possible=ready)
            box.setToolTip(f"{card.title}: {card.functional}, trained on {card.training_data}. {card.licence}")
            box.setMinimumWidth(min(box.sizeHint().width(), _WIDEST_MODEL))
            self.model_boxes[card.name] = box
            self._model_list.addWidget(box, row, 0)
            known = ElidedLabel()
            known.setProperty("role", "small")
            known.set_whole(card.functional if ready else card.state)
            self._model_list.addWidget(known, row, 1)
        self._refresh()

    def set_max_force(self, max_force: float | None) -> None:
        """Follow the filter of the numbers."""
        self.limit.setChecked(max_force is not None)
        if max_force is not None:
            self.max_force.setValue(max_force)

    def set_estimate(self, estimate: Callable[[BenchmarkRequest], str]) -> None:
        """Ask this for the words about time whenever a choice changes, e.g. ``about 7 s, 264 frames``."""
        self._estimate = estimate
        self._refresh()

    def request(self) -> BenchmarkRequest | None:
        """Return what is chosen; None where structures or a model are missing."""
        plans = tuple(plan for choice in self.families.values() if (plan := choice.plan()) is not None)
        models = tuple(name for name, box in self.model_boxes.items() if box.isChecked())
        forces = self._forces_request(models)
        if forces is not None:
            return replace(forces, plans=plans)
        if not models or not plans:
            return None
        return BenchmarkRequest((), models, device=DEVICES[self.device.choice()], plans=plans)

    def _forces_request(self, models: tuple[str, ...]) -> BenchmarkRequest | None:
        """Return what is chosen of high-energy states; None where nothing is."""
        if not self.high_energy.isChecked():
            return None
        selection = self.selection_box.isChecked() and bool(self._selected)
        sets = () if selection else tuple(name for name, box in self.set_boxes.items() if box.isChecked())
        if not models or not (sets or selection):
            return None
        max_force = self.max_force.value() if self.limit.isChecked() else None
        offered = self._selected if selection else tuple(f for one in self._sets if one.name in sets for f in one.frames)
        admitted = FrameFilter(max_force=max_force)
        return BenchmarkRequest(
            sets,
            models,
            selection,
            DEVICES[self.device.choice()],
            "static",
            max_force,
            tuple(f for f in offered if f.forces is not None and f.usable and admitted.admits(f)),
        )

    def open_under(self, widget: QWidget) -> None:
        """Show the window under a widget, ready for Enter."""
        self._refresh()
        room = widget.screen().availableGeometry()
        self.resize(self.sizeHint().boundedTo(QSize(room.width() - 40, room.height() - 80)))
        place = widget.mapToGlobal(QPoint(0, widget.height() + 6))
        x = max(room.left(), min(place.x(), room.right() - self.width() - 8))
        self.move(x, max(room.top(), min(place.y(), room.bottom() - self.height() - 8)))
        self.show()
        self.raise_()
        self.activateWindow()
        self.run.setFocus()

    def sizeHint(self) -> QSize:
        """Return room for families and models side by side."""
        return QSize(_WIDEST, _HIGHEST) if self.families else super().sizeHint()

    # -- inside

    def _lay_out(self) -> None:
        self._set_list, self._model_list = QGridLayout(), QGridLayout()
        for grid in (self._set_list, self._model_list):
            grid.setHorizontalSpacing(16)
            grid.setVerticalSpacing(6)
        # A set's title needs most of the room beside its number of frames; a model's name is short, and what is missing may be long.
        for grid, title, rest in ((self._set_list, 4, 1), (self._model_list, 0, 1)):
            grid.setColumnStretch(0, title)
            grid.setColumnStretch(1, rest)
            grid.setColumnMinimumWidth(1, 84)
        self.selection_box.setVisible(False)
        force = QHBoxLayout()
        force.addWidget(self.limit)
        force.addWidget(self.max_force)
        force.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self.estimate, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.run)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(section("Which models?"))
        right.addLayout(self._model_list)
        right.addSpacing(8)
        right.addWidget(section("How?"))
        device = QHBoxLayout()
        where = QLabel("Compute on")
        where.setProperty("role", "small")
        device.addWidget(where)
        device.addWidget(self.device, 1)
        right.addLayout(device)
        right.addWidget(self.kernel)
        right.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(24)
        columns.addWidget(self._families_area(force), 3)
        columns.addLayout(right, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(8)
        layout.addLayout(columns, 1)
        layout.addSpacing(8)
        layout.addLayout(foot)

    def _families_area(self, force: QHBoxLayout) -> QScrollArea:
        """Return the left side: each family with its structures, the forces first."""
        inside = QWidget()
        self._family_list = QVBoxLayout(inside)
        self._family_list.setContentsMargins(0, 0, 12, 0)
        self._family_list.setSpacing(8)
        self._family_list.setAlignment(Qt.AlignmentFlag.AlignTop)
        card = describe_family(HIGH_ENERGY)
        words = small(f"{card.formula}. {first_sentence(card.tooltip)}")
        words.setWordWrap(True)
        words.setMinimumWidth(80)
        head = QHBoxLayout()
        head.addWidget(self.high_energy)
        head.addStretch(1)
        head.addWidget(self.high_energy_what)
        below = QVBoxLayout()
        below.setContentsMargins(24, 0, 0, 4)
        below.setSpacing(6)
        below.addWidget(words)
        self._force_part = QWidget()
        part = QVBoxLayout(self._force_part)
        part.setContentsMargins(0, 0, 0, 0)
        part.setSpacing(6)
        part.addLayout(self._set_list)
        part.addWidget(self.selection_box)
        part.addLayout(force)
        below.addWidget(self._force_part)
        self._family_list.addWidget(section("What, and on which structures?"))
        self._family_list.addLayout(head)
        self._family_list.addLayout(below)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        area.setMinimumWidth(360)
        return area

    def _connect(self) -> None:
        self.selection_box.toggled.connect(self._refresh)
        self.limit.toggled.connect(self._refresh)
        self.max_force.valueChanged.connect(self._refresh)
        self.device.chosen.connect(self._refresh)
        self.high_energy.toggled.connect(self._refresh)
        self.run.clicked.connect(self._run)
        self.cancel.clicked.connect(self.reject)

    def _tick(self, words: str, ticked: bool, *, possible: bool) -> QCheckBox:  # noqa: FBT001 - what a tick box has
        box = QCheckBox(words)
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a long name must not push the other column aside
        box.setMinimumWidth(120)
        box.setEnabled(possible)
        box.setChecked(ticked and possible)
        box.toggled.connect(self._refresh)
        self._outline_box(box)
        return box

    @Slot(object)
    def _outline_box(self, box: QCheckBox) -> None:
        # Fusion takes a shade of the window's colour for the frame of a tick box, which nobody sees on a dark window.
        colors = box.palette()
        colors.setColor(QPalette.ColorRole.Window, self._outline)
        box.setPalette(colors)

    def _refresh(self) -> None:
        self.max_force.setEnabled(self.limit.isChecked())
        self._force_part.setVisible(self.high_energy.isChecked())
        picked = self.selection_box.isChecked() and bool(self._selected)
        for reference_set in self._sets:
            box = self.set_boxes.get(reference_set.name)
            if box is not None:
                box.setEnabled(not picked and any(frame.forces is not None and frame.usable for frame in reference_set.frames))
        request = self.request()
        self.run.setEnabled(request is not None)
        if request is not None:
            self.estimate.setText(self._estimate(request))
        elif not any(box.isChecked() for box in self.model_boxes.values()):
            self.estimate.setText("Tick at least one model.")
        else:
            self.estimate.setText("Tick at least one set of structures." if self._is_any_family else "Tick at least one family.")

    @property
    def _is_any_family(self) -> bool:
        return self.high_energy.isChecked() or any(choice.box.isChecked() for choice in self.families.values())

    def _run(self) -> None:
        request = self.request()
        if request is not None:
            self.accept()
            self.run_requested.emit(request)


def _first_ready(cards: Sequence[PotentialCard]) -> PotentialCard | None:
    return next((card for card in cards if card.state == _READY), None)
