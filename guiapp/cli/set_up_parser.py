"""Options of ``bench`` that make systems from crystals, and what they ask for."""

from __future__ import annotations

import argparse
import re
from typing import Any

from guiapp.benchmarks.scan_frames import POINTS, STRAINS
from guiapp.benchmarks.set_ups import AXES, DefectSetUp, HopSetUp, ScanSetUp, SetUp, SlabSetUp, SolutionSetUp
from guiapp.benchmarks.surface_slabs import THICKNESS, VACUUM
from guiapp.errors import UserFacingError

_BELONGS = {
    "miller": ("surfaces",),
    "plane": ("surfaces",),
    "thickness": ("surfaces",),
    "vacuum": ("surfaces",),
    "supercell": ("defects", "migration"),
    "interstitials": ("defects",),
    "no_antisites": ("defects",),
    "mix": ("solid-solution",),
    "largest": ("solid-solution",),
    "hop": ("migration",),
    "interstitial_hop": ("migration",),
    "images": ("migration",),
    "shell": ("migration",),
    "atom": ("curvature",),
    "along": ("curvature",),
    "strain": ("curvature",),
    "phonon_mode": ("curvature",),
    "reach": ("curvature",),
    "points": ("curvature",),
}
"""Families in which each option means something."""


def add_set_up_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options to a parser of ``bench``; each is None where it was not given."""
    group = parser.add_argument_group(
        "systems made from crystals",
        "With one of these, DATA are crystals, and slabs, defects, orderings, hops or scans are made of them.",
    )
    add = group.add_argument
    add("--make", action="store_true", help="make what the family's protocol asks for")
    add("--miller", type=positive, metavar="N", help="surfaces: all planes up to this Miller index (default: 2)")
    add("--plane", type=_plane, action="append", metavar="HKL", help="surfaces: this plane only, e.g. 111 or 1,1,-1; may be repeated")
    add(
        "--thickness",
        type=_lengths,
        metavar="Å[,Å...]",
        help=f"surfaces: least thickness ({THICKNESS:g}); several show convergence",
    )
    add("--vacuum", type=_length, metavar="Å", help=f"surfaces: least vacuum (default: {VACUUM:g})")
    add("--supercell", type=_repeats, metavar="AxBxC", help="defects, migration: repeats of the cell (default: 8 Å between images)")
    add("--interstitials", action="store_true", default=None, help="defects: also each element in the largest hole")
    add("--no-antisites", action="store_true", default=None, help="defects: vacancies only")
    add("--mix", type=_pair, metavar="HOST:GUEST", help="solid-solution: put GUEST on the sites of HOST, e.g. Mg:Ca")
    add("--largest", type=positive, metavar="N", help="solid-solution: most primitive cells in an ordering (default: 4)")
    add("--hop", metavar="ION", help="migration: this ion hops into a vacancy of its own")
    add("--interstitial-hop", metavar="ION", help="migration: an extra ion hops between the largest holes")
    add("--images", type=positive, metavar="N", help="migration: images with both ends (default: 5)")
    add("--shell", type=positive, metavar="N", help="migration: hop to the N-th nearest site (default: 1)")
    add("--atom", type=int, action="append", metavar="INDEX", help="curvature: displace this atom, counted from 0; may be repeated")
    add("--along", type=_direction, action="append", metavar="X|Y|Z|A,B,C", help="curvature: direction to displace; may be repeated")
    add("--strain", choices=STRAINS, action="append", help="curvature: strain the cell; may be repeated")
    add("--phonon-mode", type=int, action="append", metavar="N", help="curvature: along a mode of phonopy's files, 1 lowest, -1 highest")
    add("--reach", type=_length, metavar="Å", help="curvature: how far to both sides, Å or strain (default: 0.2 Å, 0.03)")
    add("--points", type=positive, metavar="N", help=f"curvature: points of a scan (default: {POINTS})")


def set_up_of(options: argparse.Namespace) -> SetUp | None:
    """Return what shall be made, or None where DATA hold finished systems.

    Raises:
        UserFacingError: Where an option does not belong to the family, or a needed one is missing.
    """
    given = {name: value for name in _BELONGS if (value := getattr(options, name, None)) is not None}
    family = options.family
    for name in given:
        if family not in _BELONGS[name]:
            raise UserFacingError(
                f"--{name.replace('_', '-')} means nothing in the family {family}.",
                advice=f"It belongs to --family {' or '.join(_BELONGS[name])}.",
            )
    if not given and not options.make:
        return None
    if family == "surfaces":
        return SlabSetUp(
            max_miller=given.get("miller", 2),
            planes=tuple(given.get("plane", ())),
            thicknesses=given.get("thickness", (THICKNESS,)),
            vacuum=given.get("vacuum", VACUUM),
        )
    if family == "defects":
        return DefectSetUp(
            given.get("supercell"), antisites="no_antisites" not in given, interstitials=bool(given.get("interstitials", False))
        )
    if family == "solid-solution":
        return _solution(given)
    if family == "migration":
        return _hop(given)
    if family == "curvature":
        return ScanSetUp(
            atoms=tuple(given.get("atom", ())),
            directions=tuple(given.get("along", ())),
            strains=tuple(given.get("strain", ())),
            modes=tuple(given.get("phonon_mode", ())),
            reach=given.get("reach"),
            points=given.get("points", POINTS),
        )
    raise UserFacingError(f"Systems of the family {family} are not made from crystals.", advice="Leave out --make.")


def _solution(given: dict[str, Any]) -> SolutionSetUp:
    if "mix" not in given:
        raise UserFacingError("Which two elements mix was not said.", advice="Add --mix HOST:GUEST, e.g. --mix Mg:Ca.")
    host, guest = given["mix"]
    return SolutionSetUp(host, guest, given.get("largest", 4))


def _hop(given: dict[str, Any]) -> HopSetUp:
    ions = [given[name] for name in ("hop", "interstitial_hop") if name in given]
    if len(ions) != 1:
        raise UserFacingError("Which ion hops was not said, or twice.", advice="Add --hop ION for a vacancy, or --interstitial-hop ION.")
    return HopSetUp(
        ions[0],
        interstitial="interstitial_hop" in given,
        repeats=given.get("supercell"),
        n_images=max(3, given.get("images", 5)),
        shell=given.get("shell", 1),
    )


def positive(text: str) -> int:
    """Read a whole number above 0, for ``argparse``."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _length(text: str) -> float:
    number = float(text)
    if not 0 < number < 1000:
        raise argparse.ArgumentTypeError(f"{text} is no sensible length")
    return number


def _lengths(text: str) -> tuple[float, ...]:
    return tuple(_length(word) for word in text.split(","))


def _plane(text: str) -> tuple[int, ...]:
    indices = tuple(int(index) for index in (re.findall(r"-?\d", text) if "," not in text else text.split(",")))
    if len(indices) not in {3, 4} or not any(indices):
        raise argparse.ArgumentTypeError(f"{text} are no Miller indices, e.g. 111 or 1,1,-1")
    return indices if len(indices) == 3 else (indices[0], indices[1], indices[3])


def _repeats(text: str) -> tuple[int, int, int]:
    numbers = [positive(word) for word in text.lower().split("x")]
    if len(numbers) != 3:
        raise argparse.ArgumentTypeError(f"{text} is no supercell, e.g. 2x2x2")
    return numbers[0], numbers[1], numbers[2]


def _pair(text: str) -> tuple[str, str]:
    host, _, guest = text.partition(":")
    if not (host and guest) or host == guest:
        raise argparse.ArgumentTypeError(f"{text} are no two elements, e.g. Mg:Ca")
    return host, guest


def _direction(text: str) -> tuple[float, float, float]:
    if text.lower() in AXES:
        return AXES[text.lower()]
    numbers = [float(word) for word in text.split(",")]
    if len(numbers) != 3 or not any(numbers):
        raise argparse.ArgumentTypeError(f"{text} is no direction, e.g. x or 1,1,0")
    return numbers[0], numbers[1], numbers[2]
