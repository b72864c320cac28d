"""How our labels are set against VASP's: frames chosen as documented, slope and error by their definition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

pytestmark = pytest.mark.usefixtures("generator")


def _frame(symbols: str, force: float, edge: float = 4.0) -> Atoms:
    atoms = Atoms(symbols, positions=np.zeros((len(Atoms(symbols)), 3)), cell=[edge] * 3, pbc=True)
    forces = np.full((len(atoms), 3), force)
    atoms.calc = SinglePointCalculator(atoms, energy=-1.0, forces=forces)
    return atoms


def test_only_small_moderate_frames_without_u_are_compared_and_few_of_each_compound() -> None:
    """Iron, a dense cell, a frame at rest and a wild one are left out; the third of a compound too."""
    from vasp_frames import comparable

    frames = [_frame("LiF", 1.0), _frame("FeO", 1.0), _frame("LiF", 0.1), _frame("LiF", 40.0), _frame("LiF", 1.0, edge=2.0)]
    chosen = list(comparable([*frames, _frame("LiF", 2.0), _frame("LiF", 3.0), _frame("NaCl", 1.0)], 2))
    assert [(frame.info["name"], frame.info["frame"]) for frame in chosen] == [("FLi", 0), ("FLi", 5), ("ClNa", 7)]
    assert chosen[1].arrays["vasp_forces"].max() == 2.0


def test_slope_and_error_are_those_of_their_definition() -> None:
    """Forces that are 0.9 times VASP's have slope 0.9, r2 1 and an MAE of a tenth of VASP's mean size."""
    from compare_with_vasp import agreement

    theirs = np.random.default_rng(1).normal(size=(4, 3))
    frame = Atoms("Li4", positions=np.zeros((4, 3)))
    frame.arrays["vasp_forces"], frame.arrays["REF_forces"] = theirs, 0.9 * theirs
    found = agreement("Li", [frame])
    assert found.slope == pytest.approx(0.9)
    assert found.r2 == pytest.approx(1)
    assert found.mae == pytest.approx(0.1 * np.abs(theirs).mean())
    assert found.n_components == 12


def test_shipped_phonons_of_magnesia_are_those_of_vasp(shared_data: Path) -> None:
    """Free of interpolation on the points both supercells hold, the largest frequencies agree to 2 %, lattice constants to 0.2 %."""
    from compare_with_vasp import frequencies

    shipped = Path(__file__).resolve().parents[2] / "resources" / "reference" / "phonons" / "MgO"
    (ours, a), (theirs, b) = frequencies(shipped), frequencies(shared_data / "phonopy-examples" / "MgO")
    assert a == pytest.approx(b, rel=2e-3)
    for point, value in ours.items():
        assert value == pytest.approx(theirs[point], rel=0.02), point
