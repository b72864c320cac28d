"""Which frames are orderings of one pseudo-binary: two elements that share one kind of site, everything else in proportion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from guiapp.benchmarks.family import role_of, system_of
from guiapp.frames.frame import Frame

ORDERING, END_MEMBER = "ordering", "end member"
_LEAST_FRACTIONS = 3
_LARGEST_CELL_FORCE = 0.3
"""eV/Å; orderings are relaxed or on their lattice, while frames of a hot run have larger forces."""


@dataclass(frozen=True)
class PseudoBinary:
    """The two elements that share a site."""

    host: str
    """At x = 0."""
    guest: str
    """At x = 1."""

    def sites(self, frame: Frame) -> int:
        """Return the number of mixing sites."""
        return frame.symbols.count(self.host) + frame.symbols.count(self.guest)

    def fraction(self, frame: Frame) -> float:
        """Return x, the part of the mixing sites that the guest has."""
        return frame.symbols.count(self.guest) / self.sites(frame)


def mixing_elements(frames: Sequence[Frame]) -> PseudoBinary | None:
    """Find the two elements that replace each other.

    Args:
        frames: All of one solid solution.

    Returns:
        The pair in alphabetical order, but ``(Mg, Ca)`` where ``x_ca`` says what is counted; None where no pair explains the compositions.
    """
    counts = [Counter(frame.symbols) for frame in frames]
    elements = sorted(set().union(*counts)) if counts else []
    for first, second in combinations(elements, 2):
        if _explains(first, second, counts, elements):
            told = {key[2:].capitalize() for frame in frames for key in frame.info if key.startswith("x_")}
            return PseudoBinary(second, first) if told == {first} else PseudoBinary(first, second)
    return None


def pseudo_binaries(frames: Sequence[Frame]) -> list[Frame]:
    """Return the orderings of every pseudo-binary, each with role and system in ``info``.

    Args:
        frames: Of any kind. Those that say that they are orderings are taken at their word. The others are one solid solution where two
            elements explain all their compositions and nothing in them is hot; a user's own orderings count as relaxed with their cell.

    Returns:
        Frames of complete systems.
    """
    result: list[Frame] = []
    told: dict[str, list[Frame]] = {}
    for frame in frames:
        if role_of(frame) in {ORDERING, END_MEMBER}:
            told.setdefault(system_of(frame), []).append(frame)
    for group in told.values():
        if mixing_elements(group) is not None:
            result += group
    result += _recognised([frame for frame in frames if not role_of(frame) and frame.energy is not None and frame.volume > 0])
    return result


def _recognised(frames: Sequence[Frame]) -> Iterator[Frame]:
    binary = mixing_elements(frames)
    if binary is None or len({round(binary.fraction(frame), 6) for frame in frames}) < _LEAST_FRACTIONS:
        return
    if any(frame.largest_force is not None and frame.largest_force > _LARGEST_CELL_FORCE for frame in frames):
        return
    others = "".join(sorted(set().union(*(frame.elements for frame in frames)) - {binary.host, binary.guest}))
    system = f"({binary.host},{binary.guest}){others}" if others else f"{binary.host}-{binary.guest}"
    for frame in frames:
        role = END_MEMBER if binary.fraction(frame) in {0.0, 1.0} else ORDERING
        yield frame.with_changes(info={"relax": "cell", **frame.info, "system": system, "role": role})


def _explains(first: str, second: str, counts: Sequence[Counter[str]], elements: Sequence[str]) -> bool:
    if any(not count[first] + count[second] for count in counts):
        return False
    fractions = {round(count[first] / (count[first] + count[second]), 6) for count in counts}
    if len(fractions) < _LEAST_FRACTIONS:
        return False
    rest = [element for element in elements if element not in {first, second}]
    return all(len({round(count[element] / (count[first] + count[second]), 6) for count in counts}) == 1 for element in rest)
