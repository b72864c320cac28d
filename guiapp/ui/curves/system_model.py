"""The tree of families and systems as Qt's views read it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from guiapp.benchmarks.system_sentence import deviation_text
from guiapp.ui.curves.systems import ListedFamily, ListedSystem

Index = QModelIndex | QPersistentModelIndex

SYSTEM_ROLE = Qt.ItemDataRole.UserRole + 1
"""The ``ListedSystem`` of a row; None for a family."""
ASIDE_ROLE = Qt.ItemDataRole.UserRole + 2
"""Muted words behind the title of a family."""
NAME, DEVIATION = 0, 1
_TOP = 0xFFFFFFFF  # internal id of a family; that of a system is its family's row


class SystemModel(QAbstractItemModel):
    """Two levels; what is listed changes in place where it has the same lines as before."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._families: tuple[ListedFamily, ...] = ()

    @property
    def families(self) -> tuple[ListedFamily, ...]:
        """What is listed."""
        return self._families

    def set_families(self, families: Sequence[ListedFamily]) -> bool:
        """List other systems, or new numbers of the same.

        Returns:
            Whether lines came, went or moved.
        """
        fresh = tuple(families)
        if _lines(fresh) != _lines(self._families):
            self.beginResetModel()
            self._families = fresh
            self.endResetModel()
            return True
        self._families = fresh
        for row, family in enumerate(fresh):
            parent = self.index(row, 0)
            self.dataChanged.emit(parent, self.index(row, 1))
            if family.systems:
                self.dataChanged.emit(self.index(0, 0, parent), self.index(len(family.systems) - 1, 1, parent))
        return False

    def place_of(self, family: str, system: str) -> QModelIndex:
        """Return the index of a system; an invalid one where it is not listed."""
        for row, one in enumerate(self._families):
            if one.family == family:
                for place, listed in enumerate(one.systems):
                    if listed.system == system:
                        return self.index(place, 0, self.index(row, 0))
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of families, or of the systems of one."""
        if not parent.isValid():
            return len(self._families)
        return len(self._families[parent.row()].systems) if parent.internalId() == _TOP and parent.column() == 0 else 0

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the name and the deviation."""
        return 2

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's signature
        """Return the index of a cell."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, _TOP if not parent.isValid() else parent.row())

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008 - Qt has two methods of this name
        """Return the family of a system."""
        if not index.isValid() or index.internalId() == _TOP:
            return QModelIndex()
        return self.createIndex(int(index.internalId()), 0, _TOP)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let systems be selected; families only open and close."""
        flags = Qt.ItemFlag.ItemIsEnabled
        return flags | Qt.ItemFlag.ItemIsSelectable if index.isValid() and index.internalId() != _TOP else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return words, tooltip or the listed system."""
        if not index.isValid():
            return None
        if index.internalId() == _TOP:
            family = self._families[index.row()]
            return _of_family(family, index.column(), role)
        system = self._families[int(index.internalId())].systems[index.row()]
        return _of_system(system, index.column(), role)


def _lines(families: Sequence[ListedFamily]) -> list[tuple[str, list[str]]]:
    return [(one.family, [system.system for system in one.systems]) for one in families]


def _of_family(family: ListedFamily, column: int, role: int) -> object:
    count = len(family.systems)
    words = f"{count} {'system' if count == 1 else 'systems'}{' so far' if family.running else ''}"
    if role == Qt.ItemDataRole.DisplayRole:
        return family.title if column == NAME else words
    if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        return f"{family.title}: {words}"
    return words if role == ASIDE_ROLE else None


def _of_system(system: ListedSystem, column: int, role: int) -> object:
    if role == Qt.ItemDataRole.DisplayRole:
        if column == NAME:
            return system.system
        return deviation_text(system.deviation) if math.isfinite(system.deviation) else ""
    if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        return system.words
    return system if role == SYSTEM_ROLE else None
