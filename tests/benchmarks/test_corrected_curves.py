"""A corrected curve is the curve of the corrected model: checked by reducing predictions that were multiplied by c."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiapp.benchmarks.corrected_curves import corrected_curve, corrected_curves, suggested_corrections
from guiapp.benchmarks.curvature import CurvatureFamily
from guiapp.benchmarks.eos import EosFamily
from guiapp.benchmarks.family import DFT, MODEL, Curve, Evaluated, Series
from guiapp.benchmarks.family_rows import corrected_rows, judged_row
from guiapp.benchmarks.migration import MigrationFamily
from guiapp.benchmarks.solid_solution import SolidSolutionFamily
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

C = 1.3
PER_ATOM = {12: -3.0, 20: -2.0, 8: -4.5}  # what the atoms cost by themselves, eV: no correction touches it


def frame(numbers, volume, energy, **info):
    """Return a cube with atoms on a diagonal."""
    edge = volume ** (1 / 3)
    positions = np.outer(np.arange(len(numbers)) / len(numbers), np.full(3, edge))
    return Frame(np.array(numbers), positions, np.eye(3) * edge, energy=energy, info=info, compound="X", name=str(info))


def evaluated(one, interaction, c):
    """Return a frame with the energy of a model whose interaction energy is multiplied by c."""
    energy = sum(PER_ATOM[number] for number in one.numbers.tolist()) + c * interaction
    forces = c * interaction * np.arange(3.0 * one.n_atoms).reshape(-1, 3) / 100
    return Evaluated(one, Prediction(energy, forces, c * interaction * np.eye(3) / 1000, None))


def eos(c):
    volumes = np.linspace(36, 44, 7)
    frames = [frame([12, 8], v, 0.02 * (v - 40) ** 2, system="MgO") for v in volumes.tolist()]
    return [evaluated(one, 0.017 * (one.volume - 40.5) ** 2 - 7, c) for one in frames], EosFamily()


def path(c):
    energies = [0.0, 0.3, 0.5, 0.35, 0.1]
    frames = []
    for k, energy in enumerate(energies):
        one = frame([12, 8], 64, energy, system="hop", role="image", image=k, n_images=5, moving_atom=0)
        frames.append(one.with_changes(positions=one.positions + np.array([[0.4 * k, 0, 0], [0, 0, 0]])))
    return [evaluated(one, 0.8 * e - 5, c) for one, e in zip(frames, energies, strict=True)], MigrationFamily()


def scan(c):
    frames = []
    for s in np.linspace(-0.2, 0.2, 9).tolist():
        one = frame([12, 8], 64, 3 * s * s, system="Mg", role="scan", scan_position=s, scan_kind="displacement")
        frames.append(one.with_changes(positions=one.positions + np.array([[s, 0, 0], [0, 0, 0]])))
    made = []
    for one in frames:
        s = one.info["scan_position"]
        base = evaluated(one, 2.5 * s * s + 4 * s**4 - 6, c)
        forces = np.zeros((2, 3))
        forces[0, 0] = -c * (5 * s + 16 * s**3)
        made.append(Evaluated(one, Prediction(base.prediction.energy, forces, np.zeros((3, 3)), None)))
    return made, CurvatureFamily()


def mixing(c):
    made = []
    for n_ca in range(5):
        numbers = [12] * (4 - n_ca) + [20] * n_ca + [8] * 4
        x = n_ca / 4
        role = "end member" if n_ca in {0, 4} else "ordering"
        one = frame(numbers, 80, -20 + 4 * x * (1 - x), system="(Ca,Mg)O", role=role, cell_atoms="8", x_ca=x)
        made.append(evaluated(one, 3 * x * (1 - x) - 8 - 2 * x, c))
    return made, SolidSolutionFamily()


@pytest.mark.parametrize("make", [eos, path, scan, mixing])
def test_correcting_curves_equals_reducing_the_corrected_model(make):
    """Every kind of energy curve and every row agree with what the family makes of a model times c."""
    plain, family = make(1.0)
    scaled, _ = make(C)
    before, expected = (family.reduce(one, model="m", mode="static") for one in (plain, scaled))
    assert before.curves, before.failures
    for mine, theirs in zip(corrected_curves(before.curves, C), expected.curves, strict=True):
        assert [(s.label, s.points, s.frames) for s in mine.series] == [(s.label, s.points, s.frames) for s in theirs.series]
        for a, b in zip(mine.series, theirs.series, strict=True):
            np.testing.assert_allclose(a.x, b.x, atol=1e-9)
            np.testing.assert_allclose(a.y, b.y, atol=1e-6 * max(1.0, float(np.abs(b.y).max())))
    known = {(row.system, row.quantity): row.predicted for row in expected.rows}
    for row in corrected_rows(before.rows, C):
        assert row.predicted == pytest.approx(known[row.system, row.quantity], rel=1e-5)


def test_frequencies_follow_the_root_and_states_are_kept():
    """Four times the force constants double a frequency, and the integral of the density of states stays."""
    grid = np.linspace(0, 10, 401)
    bell = np.exp(-((grid - 5) ** 2))
    bands = Curve("bands", "MgO", "", "", "", (Series(DFT, grid, grid), Series(MODEL, grid, np.stack([grid, -grid]))))
    dos = Curve("dos", "MgO", "", "", "", (Series(DFT, grid, bell), Series(MODEL, grid, bell)))
    moved, spread = corrected_curves([bands, dos], 4.0)
    np.testing.assert_allclose(moved.series[1].y, np.stack([2 * grid, -2 * grid]))
    np.testing.assert_allclose(moved.series[1].x, grid)
    assert moved.series[0] is bands.series[0]
    states = np.trapezoid(spread.series[1].y, spread.series[1].x)
    assert states == pytest.approx(np.trapezoid(bell, grid))
    assert spread.series[1].x[np.argmax(spread.series[1].y)] == pytest.approx(10)
    assert spread.series[0] is dos.series[0]


@given(st.floats(0.5, 2), st.floats(0.5, 2))
def test_corrections_follow_each_other(first, second):
    """Correcting by a and then by b is correcting by a b, whatever the kind."""
    x = np.linspace(1, 2, 5)
    for kind in ("eos", "bands", "dos"):
        curve = Curve(kind, "", "", "", "", (Series(MODEL, x, x**2),))
        twice = corrected_curve(corrected_curve(curve, first), second)
        once = corrected_curve(curve, first * second)
        np.testing.assert_allclose(twice.series[0].x, once.series[0].x)
        np.testing.assert_allclose(twice.series[0].y, once.series[0].y)


def test_refuses_what_is_no_correction():
    """Nobody previews a model with its sign turned, and unknown kinds are left out rather than drawn wrongly."""
    curve = Curve("eos", "", "", "", "", ())
    for c in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="positive"):
            corrected_curve(curve, c)
    assert corrected_curve(Curve("portrait", "", "", "", "", ()), 1.1) is None


def rows(family, quantity, pairs):
    return [
        judged_row(family, f"s{k}", quantity, model="m", mode="static", predicted=y, reference=x, count=7) for k, (x, y) in enumerate(pairs)
    ]


def test_suggestions_undo_a_uniform_softening():
    """A model at 80 % of every modulus needs 1.25; at 80 % of every frequency 1.25 squared."""
    moduli = suggested_corrections(rows("eos", "bulk modulus", [(100, 80), (160, 128), (40, 32)]))
    assert (moduli.least_squares, moduli.slope_matching) == (pytest.approx(1.25), pytest.approx(1.25))
    frequencies = suggested_corrections(rows("phonons", "largest frequency", [(10, 8), (20, 16)]))
    assert frequencies.least_squares == pytest.approx(1.25**2)


def test_least_squares_is_the_minimum():
    """No c near the suggested one leaves a smaller squared error, for moduli and for frequencies."""
    for family, quantity, power in (("eos", "bulk modulus", 1), ("phonons", "largest frequency", 0.5)):
        pairs = [(100, 83), (150, 110), (60, 64)]
        c = suggested_corrections(rows(family, quantity, pairs)).least_squares
        errors = [sum((k**power * y - x) ** 2 for x, y in pairs) for k in (c, c * 1.01, c / 1.01)]
        assert errors[0] == min(errors)


def test_no_suggestion_without_signal():
    """Nothing is suggested by no rows, by noise, or by values that DFT itself has no signal for."""
    for one in ([], rows("eos", "bulk modulus", [(100, -80), (100, 90)]), rows("eos", "bulk modulus", [(1.0, 0.8)])):
        found = suggested_corrections(one)
        assert found.least_squares is None
        assert found.slope_matching is None
