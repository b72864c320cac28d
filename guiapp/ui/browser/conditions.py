"""The conditions under which the browser lists a frame, and the words on the chips that show them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.ui.browser.frame_columns import LABEL_FORCES, FrameColumns, Mask
from guiapp.ui.browser.search_formula import is_element, parse_formula, reduced_counts


@dataclass(frozen=True)
class Conditions:
    """All must hold; None and empty sets mean no condition."""

    text: str = ""
    """Words that must all be found in compound, formula or frame name; a symbol such as ``Li`` asks for the element."""
    include: frozenset[str] = frozenset()
    """At least one of these elements."""
    exclude: frozenset[str] = frozenset()
    """None of these elements."""
    min_atoms: int | None = None
    max_atoms: int | None = None
    max_force: float | None = None
    """Largest DFT force vector, eV/Å; a frame without forces meets it, as it does in ``FrameFilter``."""
    labelled: bool | None = None
    """True: only frames with DFT forces; False: only frames without."""
    flagged: bool | None = None
    region: frozenset[str] | None = None
    """Content hashes of the frames in a region drawn on a plot."""

    def mask(self, columns: FrameColumns) -> Mask:
        """Return (n_frames,): which frames are listed."""
        mask: Mask = np.ones(len(columns), dtype=np.bool_)
        if self.include:
            mask &= columns.contains_any(self.include)
        if self.exclude:
            mask &= ~columns.contains_any(self.exclude)
        if self.min_atoms is not None:
            mask &= columns.n_atoms >= self.min_atoms
        if self.max_atoms is not None:
            mask &= columns.n_atoms <= self.max_atoms
        if self.max_force is not None:
            has_forces = (columns.labels & LABEL_FORCES) != 0
            mask &= ~has_forces | (columns.largest_force <= self.max_force)
        if self.labelled is not None:
            mask &= ((columns.labels & LABEL_FORCES) != 0) == self.labelled
        if self.flagged is not None:
            mask &= columns.flagged == self.flagged
        if self.region is not None:
            mask &= columns.with_hashes(self.region)
        for word in self.text.split():
            mask &= _matches(word, columns)
        return mask

    def chips(self) -> dict[str, str]:
        """Return the words of each condition that is set, by a key that ``without`` takes; the search text has its own field."""
        chips: dict[str, str] = {}
        if self.include:
            chips["include"] = "with " + " or ".join(sorted(self.include))
        if self.exclude:
            chips["exclude"] = "without " + ", ".join(sorted(self.exclude))
        if self.min_atoms is not None and self.max_atoms is not None:
            chips["atoms"] = f"{self.min_atoms} to {self.max_atoms} atoms"
        elif self.min_atoms is not None:
            chips["atoms"] = f"≥ {self.min_atoms} atoms"
        elif self.max_atoms is not None:
            chips["atoms"] = f"≤ {self.max_atoms} atoms"
        if self.max_force is not None:
            chips["max_force"] = f"|F| ≤ {self.max_force:g} eV/Å"
        if self.labelled is not None:
            chips["labelled"] = "labelled" if self.labelled else "not labelled"
        if self.flagged is not None:
            chips["flagged"] = "flagged" if self.flagged else "not flagged"
        if self.region is not None:
            chips["region"] = f"region of {len(self.region)} frames"
        return chips

    def without(self, key: str) -> Conditions:
        """Return the conditions less the one of that chip."""
        cleared: dict[str, Conditions] = {
            "include": replace(self, include=frozenset()),
            "exclude": replace(self, exclude=frozenset()),
            "atoms": replace(self, min_atoms=None, max_atoms=None),
            "max_force": replace(self, max_force=None),
            "labelled": replace(self, labelled=None),
            "flagged": replace(self, flagged=None),
            "region": replace(self, region=None),
        }
        return cleared[key]

    def frame_filter(self, base: FrameFilter, columns: FrameColumns) -> FrameFilter:
        """Return the part that the numbers follow as well: elements and largest force.

        A ``FrameFilter`` knows no excluded elements, so an exclusion is said as the compounds that remain.
        """
        compounds = base.compounds
        if self.exclude:
            hit = np.unique(columns.compound[columns.contains_any(self.exclude)])
            compounds = frozenset(columns.compounds) - {columns.compounds[c] for c in hit.tolist()}
        return replace(
            base,
            elements=self.include or None,
            max_force=base.max_force if self.max_force is None else self.max_force,
            compounds=compounds,
            frames=None if self.region is None else base.frames,
        )


def _matches(word: str, columns: FrameColumns) -> Mask:
    """Return which frames one word of the search finds.

    ``Li`` asks for the element. A word that is a formula keeps its case (``CO`` is not ``Co``) and also finds the same
    composition in another order. Anything else is looked for in any case.
    """
    n = len(columns)
    if is_element(word):
        named = np.array([name == word for name in columns.compounds], dtype=np.bool_)
        return columns.contains_any([word]) | (named[columns.compound] if len(named) else np.zeros(n, dtype=np.bool_))
    if parse_formula(word) is not None:
        wanted = reduced_counts(word)
        same = np.array([reduced_counts(formula) == wanted for formula in columns.formulas], dtype=np.bool_)
        found: Mask = np.fromiter((word in text for text in columns.texts), dtype=np.bool_, count=n)
        return found | (same[columns.formula] if len(same) else found)
    lower = word.lower()
    return np.fromiter((lower in text for text in columns.lower_texts), dtype=np.bool_, count=n)
