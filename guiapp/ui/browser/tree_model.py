"""The tree of set, compound and frame, answered from arrays so that its cost does not grow with the number of frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast, overload

import numpy as np
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from guiapp.frames.frame import Floats, Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.ui.browser import cell_text
from guiapp.ui.browser.arrangement import Arrangement, Column, Order
from guiapp.ui.browser.cell_text import ScaleEntry
from guiapp.ui.browser.cells import Cells
from guiapp.ui.browser.conditions import Conditions
from guiapp.ui.browser.frame_columns import FrameColumns, SetColumns

Index = QModelIndex | QPersistentModelIndex

SET, COMPOUND, FRAME = 0, 1, 2
CHUNK = 1000  # frames of one compound given to the view at a time; a view walks over all rows it was given

SCALE_ROLE = int(Qt.ItemDataRole.UserRole)
"""The ``ScaleEntry`` of a compound, or None."""
FLAGS_ROLE = SCALE_ROLE + 1
"""True where a frame, or a frame of the compound, carries a flag."""
ASIDE_ROLE = SCALE_ROLE + 2
"""Words shown muted after the name."""
KIND_ROLE = SCALE_ROLE + 3
"""SET, COMPOUND or FRAME."""
PAINT_ROLE = SCALE_ROLE + 4
"""All that a delegate needs in one answer: kind, words, aside, whether flagged, and the ``ScaleEntry``."""

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_EDIT = int(Qt.ItemDataRole.EditRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_ITEM = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_EDITABLE = _ITEM | Qt.ItemFlag.ItemIsEditable
_LEAF = _ITEM | Qt.ItemFlag.ItemNeverHasChildren
_NO_FLAGS = Qt.ItemFlag.NoItemFlags
_WORDS = (Column.NAME, Column.CONDITION, Column.LABELS)
_COLUMNS = tuple(Column)
_N_COLUMNS = len(Column)
_NAME = int(Column.NAME)

HEADERS = {
    Column.NAME: ("name", "Compound or frame. Sort by name."),
    Column.SCALE: (
        "scale",
        "Softening scale: slope of model on DFT force components, Σxy / Σx². Below 1 the model is too soft, above 1 too stiff.",
    ),
    Column.SIZE: ("size", "Frames of a set or compound, atoms of a frame."),
    Column.FORCE: ("max |F|", "Longest DFT force vector, eV/Å."),
    Column.CONDITION: ("sampled at", "Temperature and strain of the sampling, where the file says so."),
    Column.LABELS: ("labels", "Which DFT labels there are: E energy, F forces, σ stress."),
}


class Node(NamedTuple):
    """What a row stands for: its level, and its place in the columns."""

    kind: int
    place: int


class FrameTreeModel(QAbstractItemModel):
    """Set > compound > frame.

    Signals:
        rename_requested(str, str): The user typed a new name for a compound: its name now, the new one.
    """

    rename_requested = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start with no sets."""
        super().__init__(parent)
        self.columns = FrameColumns()
        self.conditions = Conditions()
        self.order = Order()
        self.aside = False
        """Whether frames tell their temperature and strain behind the name (where their column is hidden)."""
        self.columns_of: dict[int, SetColumns] = {}
        """Columns by the identity of their set, which they keep alive."""
        self._scale_entries: list[ScaleEntry | None] = []
        self._scales: Floats = np.empty(0)
        self._arrange()

    # -- what is shown

    def set_sets(self, sets: Sequence[ReferenceSet], looked_at: Iterable[SetColumns] = ()) -> None:
        """Show these sets; sets that were there before, or whose columns are handed over, are not looked at again."""
        known = self.columns_of | {id(piece.reference_set): piece for piece in looked_at}
        self.beginResetModel()
        self.columns_of = {id(s): known.get(id(s)) or SetColumns.of(s) for s in sets}
        self.columns = FrameColumns(list(self.columns_of.values()))
        self._scale_entries = [None] * len(self.columns.compounds)
        self._scales = np.full(len(self.columns.compounds), np.nan)
        self._arrange()
        self.endResetModel()

    def set_scales(self, scales: Mapping[tuple[str, str], ScaleEntry] | Mapping[str, ScaleEntry]) -> None:
        """Show these scales, by (set name, compound) or by compound; a compound that is not named shows none."""
        columns, known = self.columns, dict(scales.items())
        names = [columns.sets[s].name for s in columns.set_of_compound.tolist()]
        entries = [known.get((name, compound)) or known.get(compound) for name, compound in zip(names, columns.compounds, strict=True)]
        changed = np.array([old != new for old, new in zip(self._scale_entries, entries, strict=True)], dtype=np.bool_)
        self._scale_entries[:] = entries
        self._scales = np.array([e.scale if e is not None and e.enough_signal else np.nan for e in entries], dtype=np.float64)
        for s in sorted(set(columns.set_of_compound[changed].tolist())):
            rows = self._arrangement.compound_row[changed & (columns.set_of_compound == s)]
            rows = rows[rows >= 0]
            if len(rows):
                parent = self.index_of(Node(SET, s))
                first, last = int(rows.min()), int(rows.max())
                self.dataChanged.emit(self.index(first, Column.SCALE, parent), self.index(last, Column.SCALE, parent))

    def set_conditions(self, conditions: Conditions) -> None:
        """List only what meets these conditions; what stays keeps its selection and expansion."""
        self.conditions = conditions
        self._rearrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort compounds within their set and frames within their compound; -1 puts all as it is in the file."""
        wanted = Order(Column(column) if column >= 0 else None, order == Qt.SortOrder.DescendingOrder)
        if wanted != self.order:
            self.order = wanted
            self._rearrange()

    def sort_again(self) -> None:
        """Sort anew after the scales have changed."""
        self._rearrange()

    # -- what a row stands for

    def node(self, index: Index) -> Node:
        """Return what a valid index stands for."""
        identity = index.internalId()
        return Node(identity & 3, identity >> 2)

    def index_of(self, node: Node, column: int = 0) -> QModelIndex:
        """Return the index of a node, invalid where it is not listed."""
        kind, place = node
        if kind == SET:
            row = self._arrangement.set_row.get(place, -1)
        elif kind == COMPOUND:
            row = int(self._arrangement.compound_row[place])
        else:
            row = int(self._arrangement.frame_row[place])
            compound = int(self.columns.compound[place])
            if row >= self._given(compound):
                self._give(compound, row + 1)
        return self.createIndex(row, column, place << 2 | kind) if row >= 0 else QModelIndex()

    def frame(self, index: Index) -> Frame | None:
        """Return the frame of a frame's row, else None."""
        kind, place = self.node(index)
        return self.columns.frames[place] if kind == FRAME else None

    def compound_name(self, index: Index) -> str:
        """Return the compound of a compound's or frame's row, empty for a set."""
        kind, place = self.node(index)
        if kind == SET:
            return ""
        return self.columns.compounds[place if kind == COMPOUND else int(self.columns.compound[place])]

    def name_of(self, node: Node) -> tuple[str, str]:
        """Return set and compound of a set's or compound's node, by which it is found again among other sets."""
        if node.kind == SET:
            return self.columns.sets[node.place].name, ""
        return self.columns.sets[self._set_of(node)].name, self.columns.compounds[node.place]

    def find(self, compound: str | None, frame_hash: str | None, near: Index) -> Node | None:
        """Return the node of a compound or frame; of two sets with that compound, the one that ``near`` is in."""
        columns = self.columns
        places = [place for place, name in enumerate(columns.compounds) if name == compound] if compound is not None else []
        if len(places) > 1 and near.isValid():
            here = self._set_of(self.node(near))
            places.sort(key=lambda place: int(columns.set_of_compound[place]) != here)
        if frame_hash is not None:
            place = columns.find(frame_hash, places)
            return Node(FRAME, place) if place is not None else None
        return Node(COMPOUND, places[0]) if places else None

    def frames_under(self, indexes: Iterable[Index]) -> tuple[Frame, ...]:
        """Return the listed frames that the rows stand for, each once, in the order shown."""
        chosen = np.zeros(len(self.columns), dtype=np.bool_)
        arrangement = self._arrangement
        for index in indexes:
            kind, place = self.node(index)
            if kind == FRAME:
                chosen[place] = True
                continue
            for compound in arrangement.compounds[place].tolist() if kind == SET else [place]:
                chosen[arrangement.frames_of_compound(compound)] = True
        return tuple(
            self.columns.frames[place]
            for s in arrangement.sets
            for compound in arrangement.compounds[s].tolist()
            for place in arrangement.frames_of_compound(compound).tolist()
            if chosen[place]
        )

    def listed_nodes(self) -> set[Node]:
        """Return the sets and compounds that are listed."""
        arrangement = self._arrangement
        compounds = {Node(COMPOUND, c) for s in arrangement.sets for c in arrangement.compounds[s].tolist()}
        return compounds | {Node(SET, s) for s in arrangement.sets}

    def listed_frames(self) -> int:
        """Return how many frames meet the conditions."""
        return len(self._arrangement.frames)

    def listed_compounds(self) -> int:
        """Return how many compounds have a frame that meets the conditions."""
        return sum(len(members) for members in self._arrangement.compounds)

    # -- Qt's questions

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's signature
        """Return the index of a child."""
        if row < 0 or not 0 <= column < _N_COLUMNS:
            return QModelIndex()
        arrangement = self._arrangement
        if not parent.isValid():
            return self.createIndex(row, column, arrangement.sets[row] << 2) if row < len(arrangement.sets) else QModelIndex()
        identity = parent.internalId()
        kind, place = identity & 3, identity >> 2
        if kind == SET and row < len(arrangement.compounds[place]):
            return self.createIndex(row, column, int(arrangement.compounds[place][row]) << 2 | COMPOUND)
        if kind == COMPOUND and row < self._given(place):
            return self.createIndex(row, column, arrangement.frame_list[arrangement.start_list[place] + row] << 2 | FRAME)
        return QModelIndex()

    @overload
    def parent(self) -> QObject: ...
    @overload
    def parent(self, child: Index) -> QModelIndex: ...
    def parent(self, child: Index | None = None) -> QObject | QModelIndex:
        """Return the parent of a row; without a row, Qt's owner of this model."""
        if child is None:
            return cast("QObject", super().parent())
        if not child.isValid():
            return QModelIndex()
        kind, place = self.node(child)
        if kind == FRAME:
            return self.index_of(Node(COMPOUND, int(self.columns.compound[place])))
        if kind == COMPOUND:
            return self.index_of(Node(SET, int(self.columns.set_of_compound[place])))
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of children that were given to the view."""
        if not parent.isValid():
            return len(self._arrangement.sets)
        if parent.column() > 0:
            return 0
        kind, place = self.node(parent)
        if kind == SET:
            return len(self._arrangement.compounds[place])
        return self._given(place) if kind == COMPOUND else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008 - Qt's signature
        """Return the number of columns."""
        return _N_COLUMNS

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008 - Qt's signature
        """Say whether a row can be expanded."""
        return self.rowCount(parent) > 0

    def canFetchMore(self, parent: Index) -> bool:
        """Say whether a compound has frames that the view was not given yet."""
        if not parent.isValid():
            return False
        kind, place = self.node(parent)
        return kind == COMPOUND and self._given(place) < int(self._arrangement.count[place])

    def fetchMore(self, parent: Index) -> None:
        """Give the view the next frames of a compound."""
        if not self.canFetchMore(parent):
            return
        place = self.node(parent).place
        given = self._given(place)
        upto = min(given + CHUNK, int(self._arrangement.count[place]))
        self.beginInsertRows(self.index_of(self.node(parent)), given, upto - 1)
        self._give(place, upto)
        self.endInsertRows()

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let every row be picked, and the name of a compound be edited."""
        if not index.isValid():
            return _NO_FLAGS
        kind = index.internalId() & 3
        if kind == FRAME:
            return _LEAF
        return _EDITABLE if kind == COMPOUND and index.column() == _NAME else _ITEM

    def data(self, index: Index, role: int = _DISPLAY) -> object:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        node, column = self.node(index), _COLUMNS[index.column()]
        answer: object = None
        if role == PAINT_ROLE:
            answer = self._painted(node, column)
        elif role in (_DISPLAY, _ACCESSIBLE) or (role == _EDIT and column is Column.NAME):
            answer = self._text(node, column)
        elif role == KIND_ROLE:
            answer = node.kind
        elif role == _ALIGNMENT:
            answer = _LEFT if column in _WORDS else _RIGHT
        elif role == SCALE_ROLE and node.kind == COMPOUND and column is Column.SCALE:
            answer = self._scale_entries[node.place]
        elif role == FLAGS_ROLE and node.kind == FRAME:
            answer = bool(self.columns.flagged[node.place])
        elif role == ASIDE_ROLE and column is Column.NAME:
            answer = self._aside(node)
        elif role == _TOOLTIP:
            answer = self._tooltip(node, column)
        return answer

    def setData(self, index: Index, value: object, role: int = _EDIT) -> bool:
        """Ask for a new name of a compound; the caller hands back renamed sets."""
        name = str(value).strip()
        if role != _EDIT or not index.isValid() or self.node(index).kind != COMPOUND:
            return False
        if name and name != self.compound_name(index):
            self.rename_requested.emit(self.compound_name(index), name)
        return False

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> object:
        """Return the header's words and explanation."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == _DISPLAY:
            return HEADERS[Column(section)][0]
        if role == _TOOLTIP:
            return HEADERS[Column(section)][1]
        if role == _ALIGNMENT:
            return _MIDDLE if section == Column.SCALE else _RIGHT if section in (Column.SIZE, Column.FORCE) else _LEFT
        return None

    # -- inside

    def _text(self, node: Node, column: Column) -> str:
        cells = self._cells
        return (cells.of_set, cells.of_compound, cells.of_frame)[node.kind](node.place, column)

    def _set_of(self, node: Node) -> int:
        if node.kind == SET:
            return node.place
        compound = node.place if node.kind == COMPOUND else int(self.columns.compound[node.place])
        return int(self.columns.set_of_compound[compound])

    def _painted(self, node: Node, column: Column) -> tuple[int, str, str, bool, ScaleEntry | None]:
        kind, place = node
        if column is Column.NAME:
            return kind, self._text(node, column), self._aside(node), kind == FRAME and bool(self.columns.flagged[place]), None
        if column is Column.SCALE:
            return kind, "", "", False, self._scale_entries[place] if kind == COMPOUND else None
        return kind, self._text(node, column), "", False, None

    def _aside(self, node: Node) -> str:
        if node.kind == FRAME:
            return self._cells.of_frame(node.place, Column.CONDITION) if self.aside else ""
        return (self._cells.aside_of_set if node.kind == SET else self._cells.aside_of_compound)(node.place)

    def _tooltip(self, node: Node, column: Column) -> str | None:
        if node.kind == SET:
            return cell_text.set_tooltip(self.columns.sets[node.place]) if column is Column.NAME else None
        return (self._cells.tooltip_of_compound if node.kind == COMPOUND else self._cells.tooltip_of_frame)(node.place, column)

    def _given(self, compound: int) -> int:
        count = self._arrangement.count_list[compound]
        return count if count <= CHUNK else min(count, max(CHUNK, self._more.get(compound, 0)))

    def _give(self, compound: int, upto: int) -> None:
        # Whole chunks, so that picking one frame after another does not grow the list by one row each time.
        self._more[compound] = -(-upto // CHUNK) * CHUNK

    def _arrange(self) -> None:
        self._more: dict[int, int] = {}
        self._arrangement = Arrangement(self.columns, self.conditions.mask(self.columns), self.order, self._scales)
        self._cells = Cells(self.columns, self._arrangement, self._scale_entries)

    def _rearrange(self) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        nodes = [(self.node(index), index.column()) for index in before]
        self._arrange()
        self.changePersistentIndexList(before, [self.index_of(node, column) for node, column in nodes])
        self.layoutChanged.emit()
