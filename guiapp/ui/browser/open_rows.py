"""Which rows of the tree stand open: those that the user opened, and as long as a search finds few frames, all of them."""

from __future__ import annotations

from collections.abc import Iterable

from guiapp.ui.browser.tree_model import COMPOUND, SET, FrameTreeModel, Node
from guiapp.ui.browser.tree_view import FrameTreeView

_OPEN_UP_TO = 40  # frames found by a search that are few enough to be shown at once


class OpenRows:
    """Remembers what the user opened while a search, a sort or another file changes the rows.

    The view forgets a row that is filtered away; what the user opened must stand open when it comes back.
    """

    def __init__(self, tree: FrameTreeView, model: FrameTreeModel) -> None:
        """Start with all closed."""
        self._tree, self._model = tree, model
        self._by_user: set[Node] = set()
        self._by_search: set[Node] = set()

    def opened(self, node: Node) -> None:
        """Remember that the user opened a row."""
        self._by_user.add(node)

    def closed(self, node: Node) -> None:
        """Remember that the user closed a row."""
        self._by_user.discard(node)

    def names(self) -> frozenset[tuple[str, str]]:
        """Return set and compound of every row that the user opened, by which they are found again among other sets."""
        return frozenset(self._model.name_of(node) for node in self._by_user)

    def find_again(self, names: frozenset[tuple[str, str]], sets_before: Iterable[str]) -> None:
        """Take the rows of these names for opened, after the sets have changed; sets that are new start open.

        Args:
            names: What ``names`` returned before the change.
            sets_before: Names of the sets that were shown before it.
        """
        columns, before = self._model.columns, frozenset(sets_before)
        compounds = (Node(COMPOUND, place) for place in range(len(columns.compounds)))
        self._by_user = {node for node in compounds if self._model.name_of(node) in names}
        self._by_user |= {Node(SET, place) for place, s in enumerate(columns.sets) if s.name not in before or (s.name, "") in names}
        self._by_search.clear()

    def restore(self) -> None:
        """Open in the view what shall stand open."""
        model, tree = self._model, self._tree
        tree.span_sets()
        searched = bool(model.conditions.text) or model.conditions.region is not None
        if searched and 0 < model.listed_frames() <= _OPEN_UP_TO:
            self._by_search |= model.listed_nodes() - self._by_user
            tree.expandAll()
            return
        for node in self._by_search - self._by_user:
            index = model.index_of(node)
            if index.isValid():
                tree.collapse(index)
        self._by_search.clear()
        for node in self._by_user:
            index = model.index_of(node)
            if index.isValid() and not tree.isExpanded(index):
                tree.expand(index)
