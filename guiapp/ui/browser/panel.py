"""The structure browser: search, conditions, the tree, and what can be done with what is picked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.number_words import counted
from guiapp.ui.browser.arrangement import Column
from guiapp.ui.browser.cell_text import ScaleEntry
from guiapp.ui.browser.condition_bar import ConditionBar
from guiapp.ui.browser.conditions import Conditions
from guiapp.ui.browser.context_menu import BrowserMenu
from guiapp.ui.browser.drop_frame import DropFrame
from guiapp.ui.browser.frame_columns import SetColumns
from guiapp.ui.browser.open_rows import OpenRows
from guiapp.ui.browser.placeholder import EmptyState, NothingMatches, Skeleton
from guiapp.ui.browser.set_looker import SetLooker
from guiapp.ui.browser.shared_filter import SharedFilter
from guiapp.ui.browser.tree_model import FRAME, FrameTreeModel
from guiapp.ui.browser.tree_view import FrameTreeView
from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette

_RESORT_DELAY = 700  # ms between two sorts by scale while a benchmark runs, so that rows can be read
__all__ = ["BrowserPanel", "ScaleEntry"]


class BrowserPanel(DropFrame):
    """Reference sets, compounds and frames; knows no session, and tells what the user wants.

    Signals:
        compound_selected(str): A compound was picked; empty where the user went up to a set.
        frame_selected(object): A ``Frame`` was picked.
        paths_dropped(list): Files and folders were dropped, as ``Path``.
        open_requested(): The user wants to pick files.
        demo_requested(): The user wants the demo.
        regroup_requested(object, str): Frames, and by what: ``formula``, ``source`` (the source's id), ``file`` or ``together``.
        rename_compound_requested(str, str): A compound's name, and the one that the user typed.
        remove_requested(object): Frames to take out of the project.
        benchmark_requested(object): Frames to benchmark.
        export_frames_requested(object): Frames to write to a file.
        frame_filter_changed(object): The ``FrameFilter`` after elements or largest force changed.
        selection_changed(object): All frames under the picked rows.
        region_cleared(): The user dropped the region drawn in a plot.
        provenance_requested(str): Name of the set whose origin the user wants to see.
        energies_requested(str): Name of the set whose energies the user wants to compare with a model's.
    """

    compound_selected = Signal(str)
    frame_selected = Signal(object)
    open_requested = Signal()
    demo_requested = Signal()
    regroup_requested = Signal(object, str)
    rename_compound_requested = Signal(str, str)
    remove_requested = Signal(object)
    benchmark_requested = Signal(object)
    export_frames_requested = Signal(object)
    frame_filter_changed = Signal(object)
    selection_changed = Signal(object)
    region_cleared = Signal()
    provenance_requested = Signal(str)
    energies_requested = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(palette, parent)
        self._quiet = False
        self._filter = SharedFilter()
        self._scales: Mapping[tuple[str, str], ScaleEntry] | Mapping[str, ScaleEntry] = {}
        self._wanted: tuple[str | None, str | None] | None = None
        self.model = FrameTreeModel(self)
        self._looker = SetLooker(self)
        self.tree = FrameTreeView(self.model, palette)
        self._open_rows = OpenRows(self.tree, self.model)
        self.bar = ConditionBar(palette)
        self.open_button = QToolButton()
        self.empty = EmptyState(palette)
        self.nothing = NothingMatches()
        self.skeleton = Skeleton(palette)
        self.foot = QLabel()
        self._stack = QStackedWidget()
        self._resort_timer = QTimer(self)
        self._resort_timer.setSingleShot(True)
        self._resort_timer.setInterval(_RESORT_DELAY)
        self._menu = BrowserMenu(self)
        self._lay_out()
        self._connect()
        self.set_palette(palette)
        self._show_state()

    # -- what the owner of the panel calls

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        for part in (self.tree, self.bar, self.empty, self.skeleton, self._menu):
            part.set_palette(palette)
        self.open_button.setIcon(icon("plus", palette))

    def set_sets(self, sets: Sequence[ReferenceSet]) -> None:
        """Show these reference sets; selection, expansion and conditions stay where they still mean something.

        Many new frames are looked at in slices, with the window drawing in between.
        """
        frames = self._looker.look_at(sets, self.model.columns_of)
        if frames:
            self.set_loading(f"Looking at {counted(frames, 'frame')}…")

    def set_scales(self, scales: Mapping[tuple[str, str], ScaleEntry] | Mapping[str, ScaleEntry]) -> None:
        """Show softening scales, by (set name, compound) or by compound; cheap enough to call while a benchmark runs."""
        self._scales = scales
        if not self._looker.busy:
            self.model.set_scales(scales)
            if self.model.order.column is Column.SCALE and not self._resort_timer.isActive():
                self._resort_timer.start()

    def set_loading(self, note: str | None) -> None:
        """Show that something is being read, or with None that nothing is any more."""
        self.skeleton.set_note(note or "")
        self._show_state()

    def set_frame_filter(self, frame_filter: FrameFilter) -> None:
        """Follow the filter of the numbers: its elements, and its largest force where that is not the usual one. No signal."""
        self._apply(self._filter.follow(frame_filter, self.model.conditions), tell=False)

    def select(self, compound: str | None, frame_hash: str | None) -> None:
        """Show what is picked elsewhere, without a signal; None, None shows that nothing is."""
        if self._looker.busy:
            self._wanted = (compound, frame_hash)
            return
        node = self.model.find(compound, frame_hash, self.tree.currentIndex())
        index = self.model.index_of(node) if node is not None else QModelIndex()
        with self._quietly():
            if not index.isValid():
                self._pick_nothing()
            elif index.siblingAtColumn(0) != self.tree.currentIndex().siblingAtColumn(0):
                self.tree.setCurrentIndex(index)
                self.tree.scrollTo(index)
        self._show_foot()

    def show_only(self, frame_hashes: Iterable[str] | None) -> None:
        """List only these frames (a region drawn in a plot), or with None all again. No signal."""
        region = frozenset(frame_hashes) if frame_hashes is not None else None
        self._apply(replace(self.model.conditions, region=region), tell=False)

    def selected_frames(self) -> tuple[Frame, ...]:
        """Return every listed frame under the picked rows, in the order shown."""
        return self.model.frames_under(self.tree.selectionModel().selectedRows())

    def listed_frames(self) -> tuple[Frame, ...]:
        """Return every frame that meets the conditions, in the order shown."""
        return self.model.frames_under(self.model.index(row, 0) for row in range(self.model.rowCount()))

    def conditions(self) -> Conditions:
        """Return the conditions in force."""
        return self.model.conditions

    def clear_conditions(self) -> None:
        """List everything again, as the button does."""
        self._apply(Conditions())

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        self.bar.focus_search()

    def step(self, by: int) -> Frame | None:
        """Go to the next or a previous frame as listed, with its signal; return it, None at the end."""
        index = self.tree.currentIndex().siblingAtColumn(0)
        parent = index.parent()
        if not index.isValid() or self.model.node(index).kind != FRAME:
            return None
        if by > 0 and index.row() + by >= self.model.rowCount(parent):
            self.model.fetchMore(parent)
        target = self.model.index(index.row() + by, 0, parent)
        if not target.isValid():
            return None
        self.tree.setCurrentIndex(target)
        return self.model.frame(target)

    # -- inside

    def _lay_out(self) -> None:
        title = QLabel("Structures")
        title.setProperty("role", "section")
        self.open_button.setToolTip("Open files or a folder (Ctrl+O)")
        self.open_button.setAccessibleName("Open files")
        self.open_button.setProperty("role", "chip")
        self.open_button.setIconSize(QSize(14, 14))
        self.open_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.foot.setProperty("role", "small")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.open_button)
        for page in (self.tree, self.empty, self.nothing, self.skeleton):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.foot)
        for before, after in pairwise((self.bar.search, self.bar.button, self.tree, self.open_button)):
            self.setTabOrder(before, after)
        find = QAction(self)
        find.setShortcut(QKeySequence(QKeySequence.StandardKey.Find))
        find.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.triggered.connect(self.focus_search)
        self.addAction(find)

    def _connect(self) -> None:
        self.bar.changed.connect(self._apply)
        self.bar.left.connect(self._enter_tree)
        self._resort_timer.timeout.connect(self._sort_again)
        self._looker.finished.connect(self._show_sets)
        self.open_button.clicked.connect(self.open_requested)
        self.empty.open_clicked.connect(self.open_requested)
        self.empty.demo_clicked.connect(self.demo_requested)
        self.nothing.clear_clicked.connect(self.clear_conditions)
        self.model.rename_requested.connect(self.rename_compound_requested)
        self.tree.selectionModel().currentChanged.connect(self._current_changed)
        self.tree.selectionModel().selectionChanged.connect(self._selection_changed)
        self.tree.expanded.connect(self._remember_opened)
        self.tree.collapsed.connect(self._remember_closed)
        self.tree.delete_pressed.connect(self._ask_to_remove)
        self.tree.up_pressed.connect(self._go_up)
        self.tree.columns_changed.connect(self._columns_changed)
        self.tree.customContextMenuRequested.connect(self._open_menu)

    def _show_sets(self, sets: list[ReferenceSet], new: list[SetColumns]) -> None:
        model = self.model
        current = self.tree.currentIndex()
        picked = (model.compound_name(current), model.frame(current)) if current.isValid() else None
        opened, before = self._open_rows.names(), [s.name for s in model.columns.sets]
        with self._quietly():
            model.set_sets(sets, new)
            model.set_scales(self._scales)
            self.bar.set_counts(model.columns.element_counts())
            self._open_rows.find_again(opened, before)
            self._open_rows.restore()
        self.skeleton.set_note("")
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.select(*wanted)
        elif picked is not None and picked[0]:
            self.select(picked[0], picked[1].content_hash if picked[1] is not None else None)
        self._show_state()

    def _apply(self, conditions: Conditions, *, tell: bool = True) -> None:
        before = self.model.conditions
        if conditions == before:
            return
        self.bar.set_conditions(conditions)
        with self._quietly():
            self.model.set_conditions(conditions)
            self._open_rows.restore()
        self._show_state()
        if not tell:
            return
        if before.region is not None and conditions.region is None:
            self.region_cleared.emit()
        frame_filter = self._filter.change(before, conditions, self.model.columns)
        if frame_filter is not None:
            self.frame_filter_changed.emit(frame_filter)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Change rows without telling anybody, as if the user had done nothing."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _pick_nothing(self) -> None:
        self.tree.clearSelection()
        self.tree.selectionModel().clearCurrentIndex()

    def _remember_opened(self, index: QModelIndex) -> None:
        if not self._quiet:
            self._open_rows.opened(self.model.node(index))

    def _remember_closed(self, index: QModelIndex) -> None:
        if not self._quiet:
            self._open_rows.closed(self.model.node(index))

    def _enter_tree(self) -> None:
        self.tree.setFocus()
        if not self.tree.currentIndex().isValid():
            self.tree.setCurrentIndex(self.model.index(0, 0))

    def _current_changed(self, current: QModelIndex) -> None:
        if self._quiet or not current.isValid():
            return
        frame = self.model.frame(current)
        if frame is not None:
            self.frame_selected.emit(frame)
        else:
            self.compound_selected.emit(self.model.compound_name(current))

    def _selection_changed(self) -> None:
        self._show_foot()
        if not self._quiet:
            self.selection_changed.emit(self.selected_frames())

    def _go_up(self) -> None:
        index = self.tree.currentIndex()
        if not index.isValid():
            return
        parent = index.siblingAtColumn(0).parent()
        if parent.isValid():
            self.tree.setCurrentIndex(parent)
        else:
            self._pick_nothing()
            self.compound_selected.emit("")

    def _ask_to_remove(self) -> None:
        frames = self.selected_frames()
        if frames:
            self.remove_requested.emit(frames)

    def _columns_changed(self) -> None:
        self.model.aside = self.tree.isColumnHidden(Column.CONDITION)
        self.tree.span_sets()
        self.tree.viewport().update()

    def _sort_again(self) -> None:
        if self.tree.viewport().underMouse():
            self._resort_timer.start()  # rows stay put under a hand that is about to click one
        else:
            self.model.sort_again()

    def _open_menu(self, point: QPoint) -> None:
        self._menu.open_for(self.tree.indexAt(point), self.tree.viewport().mapToGlobal(point))

    def _show_state(self) -> None:
        page: QWidget
        if (self.skeleton.note or self._looker.busy) and not len(self.model.columns):
            page = self.skeleton  # with frames there already, the foot says that more are being read
        elif not self.model.columns.sets:
            page = self.empty
        elif not self.model.listed_frames() and len(self.model.columns):
            total = counted(len(self.model.columns), "frame")
            self.nothing.words.setText(f"None of the {total} meets these conditions.")
            page = self.nothing
        else:
            page = self.tree
        self._stack.setCurrentWidget(page)
        self.bar.setEnabled(page in (self.tree, self.nothing))
        self._show_foot()

    def _show_foot(self) -> None:
        model = self.model
        total, listed = len(model.columns), model.listed_frames()
        self.foot.setVisible(bool(total))
        if self.skeleton.note:
            self.foot.setText(self.skeleton.note)
            return
        words = f"{counted(model.listed_compounds(), 'compound')} · "
        words += counted(total, "frame") if listed == total else f"{listed:,} of {counted(total, 'frame')}"
        rows = self.tree.selectionModel().selectedRows()
        if len(rows) > 1:
            words += f" · {len(self.selected_frames()):,} picked"
        self.foot.setText(words)
