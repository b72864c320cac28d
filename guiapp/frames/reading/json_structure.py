"""A pymatgen structure dictionary turned into plain arrays by hand.

``Structure.from_dict`` and monty's decoder import whatever ``@module`` and ``@class`` name, anywhere in the file. Here only the
lattice matrix and the species and coordinates of the sites are read; every other key is ignored (magnetic moments on sites are
as often a starting guess as a result).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from guiapp.frames.frame import Floats, Integers
from guiapp.frames.reading.elements import atomic_number

_FULL = 0.99  # occupation of a site that counts as one


class DisorderedError(ValueError):
    """A site is shared by several species or part empty, so there is no definite configuration."""


@dataclass(frozen=True)
class PlainStructure:
    """What a structure dictionary says about the configuration."""

    numbers: Integers
    """(n_atoms,)."""
    positions: Floats
    """(n_atoms, 3) Å."""
    cell: Floats
    """(3, 3) Å."""
    pbc: tuple[bool, bool, bool]


def is_structure(value: Any) -> bool:
    """Tell whether a value has the shape of a structure dictionary."""
    return isinstance(value, Mapping) and isinstance(value.get("sites"), list) and "lattice" in value


def plain_structure(data: Mapping[str, Any]) -> PlainStructure:
    """Read a structure dictionary.

    Raises:
        DisorderedError: If a site has more than one species or is part empty.
        ValueError, KeyError, TypeError: If it is malformed.
    """
    lattice = data["lattice"]
    cell = np.asarray(lattice["matrix"], dtype=np.float64).reshape(3, 3)
    pbc = [bool(value) for value in lattice.get("pbc", (True, True, True))]
    sites = data["sites"]
    numbers = np.array([_species(site) for site in sites], dtype=np.int64)
    if all("abc" in site for site in sites):
        positions = np.array([site["abc"] for site in sites], dtype=np.float64).reshape(-1, 3) @ cell
    else:
        positions = np.array([site["xyz"] for site in sites], dtype=np.float64).reshape(-1, 3)
    return PlainStructure(numbers, positions, cell, (pbc[0], pbc[1], pbc[2]))


def _species(site: Mapping[str, Any]) -> int:
    species = site["species"]
    if len(species) != 1 or float(species[0].get("occu", 1)) < _FULL:
        raise DisorderedError(f"the site {site.get('label', '')} is shared or part empty")
    return atomic_number(str(species[0]["element"]))
