"""Each planted fault of an energy scale is named, alignment takes it off, and real data are diagnosed as their makers say."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guiapp.errors import UserFacingError
from guiapp.frames.energy_doctor import align_energies, diagnose_energies
from guiapp.frames.energy_units import UNITS
from guiapp.frames.frame import Frame
from guiapp.frames.mp2020 import anion_correction, hubbard_correction
from guiapp.frames.reading.read import read_frames

COMPOUNDS = (
    "LiF", "Li2O", "MgO", "CaO", "NaCl", "KCl", "Al2O3", "AlN", "Li3N", "Si", "Ge", "Cu", "Al", "CuAl", "Mg2Si", "MgS", "Na2S", "CaS",
    "FeO", "Fe2O3", "Fe3O4", "MnO", "MnO2", "NiO", "CoO", "V2O3", "FeF2", "LiFeO2", "FeAl", "NiAl", "MgF2", "CaF2", "SiO2", "LiH", "MgH2",
    "ZnS", "ZnO", "TiO2", "SrTiO3", "LiCl", "KF", "TiC", "SiC", "Li2S", "AlCl3",
)  # fmt: skip


def counts_of(formula):
    from pymatgen.core import Composition

    return {str(element): int(count) for element, count in Composition(formula).items()}


COUNTS = {formula: counts_of(formula) for formula in COMPOUNDS}


def pairs(rng, *, n_frames=5, softness=0.85, noise=0.004):
    """Return frames with total energies, and the energies of a soft but otherwise perfect model."""
    base = {symbol: rng.uniform(-8, -1.5) for counts in COUNTS.values() for symbol in counts}
    frames, model = [], []
    for formula, counts in COUNTS.items():
        for number in range(n_frames):
            cells = 1 + number % 3
            symbols = [symbol for symbol, count in counts.items() for _ in range(count * cells)]
            excited = rng.uniform(0.0, 0.25) * len(symbols)
            zero = sum(base[symbol] for symbol in symbols)
            frames.append(frame_of(symbols, zero + excited, formula, number))
            model.append(zero + softness * excited + rng.normal(0, noise) * len(symbols))
    return frames, model


def frame_of(symbols, energy, compound="", number=0):
    from ase.data import atomic_numbers

    positions = np.arange(3.0 * len(symbols)).reshape(-1, 3)
    return Frame([atomic_numbers[s] for s in symbols], positions, np.eye(3) * 9, energy=energy, compound=compound, name=str(number))


def shifted(frames, shift):
    """Add an energy that depends on the composition to every frame."""
    return [frame.with_changes(energy=frame.energy + shift(Counter(frame.symbols))) for frame in frames]


def kinds(diagnosis):
    return [one.kind for one in diagnosis.suspicions]


def left_over(frames, model, diagnosis):
    aligned = align_energies(frames, model, diagnosis.alignment, diagnosis.unit)
    return np.median([abs(f.energy - e) / f.n_atoms for f, e in zip(aligned, model, strict=True)])


def test_a_good_set_is_left_alone():
    """Same zero: nothing is suspected and nothing is aligned."""
    frames, model = pairs(np.random.default_rng(0))
    found = diagnose_energies(frames, model)
    assert (found.alignment, kinds(found), found.unit.title) == ("none", [], "eV")
    assert "same zero" in found.headline
    assert align_energies(frames, model, "none") == tuple(frames)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.4, 30))
def test_constants_of_another_code_are_recovered(seed, size):
    """Random offsets for the elements: named as another code, given back within a few errors, and taken off per element."""
    rng = np.random.default_rng(seed)
    frames, model = pairs(rng)
    offsets = {symbol: rng.normal(0, size) for counts in COUNTS.values() for symbol in counts}
    wrong = shifted(frames, lambda counts: sum(offsets[s] * n for s, n in counts.items()))
    found = diagnose_energies(wrong, model)
    assert kinds(found) == ["constants"]
    assert found.alignment == "element"
    for one in found.offsets:
        assert one.offset == pytest.approx(offsets[one.symbol], abs=0.2), one.symbol
        assert one.error < 0.2
    assert found.spread_after < 0.05
    assert left_over(wrong, model, found) < 0.05


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(UNITS[1:]))
def test_another_unit_is_named(seed, unit):
    """Per atom, Hartree, Rydberg, kJ/mol, kcal/mol and meV, each from a soft model's energies alone."""
    frames, model = pairs(np.random.default_rng(seed), softness=0.7)
    wrong = [f.with_changes(energy=f.energy / unit.ev / (f.n_atoms if unit.per_atom else 1)) for f in frames]
    found = diagnose_energies(wrong, model)
    assert found.unit == unit
    assert kinds(found)[0] == "unit"
    assert unit.title in found.headline
    assert left_over(wrong, model, found) < 0.08


@pytest.mark.parametrize(("sign", "who"), [(1, "model"), (-1, "set")])
def test_the_corrections_of_the_materials_project_are_named(sign, who):
    """With them on one side only, the side that has them is said, for anions and for metals with U."""
    frames, model = pairs(np.random.default_rng(2))
    wrong = shifted(frames, lambda counts: -sign * (anion_correction(counts) + hubbard_correction(counts)))
    found = diagnose_energies(wrong, model)
    assert kinds(found) == ["mp2020"]
    assert found.suspicions[0].words.startswith(f"The {who}'s energies hold")
    assert left_over(wrong, model, found) < 0.05


def test_a_hubbard_u_on_one_side_is_named():
    """Only oxides and fluorides of 3d metals are shifted, alloys are not."""
    frames, model = pairs(np.random.default_rng(4))
    others = {"MgO", "LiF", "FeAl", "NiAl", "SiO2"}
    chosen = [k for k, f in enumerate(frames) if hubbard_correction(Counter(f.symbols)) or f.compound in others]
    wrong = shifted([frames[k] for k in chosen], lambda counts: -hubbard_correction(counts))
    found = diagnose_energies(wrong, [model[k] for k in chosen])
    assert kinds(found) == ["hubbard"]
    assert "the set's energies look computed with U" in found.suspicions[0].words


def test_another_functional_leaves_what_constants_cannot_explain():
    """Offsets that differ from compound to compound: named so, aligned per composition, and then nothing is left."""
    rng = np.random.default_rng(6)
    frames, model = pairs(rng)
    own = {formula: rng.normal(0, 0.3) for formula in COMPOUNDS}
    wrong = [f.with_changes(energy=f.energy + (own[f.compound] - 2.0) * f.n_atoms) for f in frames]
    found = diagnose_energies(wrong, model)
    assert kinds(found) == ["functional"]
    assert found.alignment == "composition"
    assert left_over(wrong, model, found) < 0.03


def test_formation_energies_are_named():
    """Energies near zero where the model has total energies."""
    rng = np.random.default_rng(8)
    frames, model = pairs(rng, noise=0.002)
    base = np.random.default_rng(8)
    zero = {symbol: base.uniform(-8, -1.5) for counts in COUNTS.values() for symbol in counts}
    wrong = shifted(frames, lambda counts: -sum(zero[s] * n for s, n in counts.items()))
    assert kinds(diagnose_energies(wrong, model)) == ["formation"]


def test_too_few_compositions_say_so():
    """One compound: aligned per composition, and no claim about elements."""
    frames, model = pairs(np.random.default_rng(9))
    some = [k for k, f in enumerate(frames) if f.compound == "MgO"]
    wrong = shifted([frames[k] for k in some], lambda counts: 3.0 * sum(counts.values()))
    found = diagnose_energies(wrong, [model[k] for k in some])
    assert found.alignment == "composition"
    assert all(np.isnan(one.offset) for one in found.offsets)
    assert "cannot" in found.suspicions[0].words


def test_alignment_keeps_forces_and_drops_what_it_does_not_know():
    """Supercells share the shift of their composition; a composition without a model energy loses its energy, not its forces."""
    forces = np.ones((2, 3))
    frames = [
        frame_of(["Mg", "O"], -10.0).with_changes(forces=forces),
        frame_of(["Mg", "O", "Mg", "O"], -20.2),
        frame_of(["Li", "F"], -9.0).with_changes(forces=forces),
        frame_of(["Na", "Cl"], None),
    ]
    aligned = align_energies(frames, [-12.0, -24.0, None, None], "composition")
    np.testing.assert_allclose([aligned[0].energy, aligned[1].energy], [-11.95, -24.1], atol=1e-9)
    assert aligned[0].forces is not None
    assert aligned[2].energy is None
    assert aligned[2].forces is not None
    assert "dropped" in aligned[2].info["energy_alignment"]
    assert aligned[3] is frames[3]
    by_element = align_energies(frames, [-12.0, -24.0, None, None], "element")
    assert by_element[1].energy == pytest.approx(aligned[1].energy)
    assert by_element[2].energy is None


def test_nothing_to_compare_is_told():
    """No energies at all, or none that is a number."""
    with pytest.raises(UserFacingError, match="energy from both"):
        diagnose_energies([frame_of(["Mg", "O"], None)], [1.0])
    with pytest.raises(UserFacingError, match="energy from both"):
        diagnose_energies([frame_of(["Mg", "O"], -1.0)], [float("nan")])


@pytest.mark.parametrize(
    ("formula", "oxidation", "hubbards"),
    [
        ("LiF", {"Li": 1, "F": -1}, {}), ("MgO", {"Mg": 2, "O": -2}, {}), ("NaCl", {"Na": 1, "Cl": -1}, {}),
        ("Li2S", {"Li": 1, "S": -2}, {}),
        ("Si3N4", {"Si": 4, "N": -3}, {}), ("MgH2", {"Mg": 2, "H": -1}, {}), ("Fe2O3", {"Fe": 3, "O": -2}, {"Fe": 5.3, "O": 0}),
        ("NiF2", {"Ni": 2, "F": -1}, {"Ni": 6.2, "F": 0}), ("NaClO4", {"Na": 1, "Cl": 7, "O": -2}, {}), ("ZnSe", {"Zn": 2, "Se": -2}, {}),
        ("CaTe", {"Ca": 2, "Te": -2}, {}), ("Mg2Si", {"Mg": 2, "Si": -4}, {}), ("KI", {"K": 1, "I": -1}, {}),
    ],
)  # fmt: skip
def test_corrections_equal_those_of_pymatgen(formula, oxidation, hubbards):
    """The estimate from electronegativities equals the published scheme, computed by its authors' code, for ordinary compounds."""
    from pymatgen.analysis.compatibility import MaterialsProject2020Compatibility
    from pymatgen.core import Composition
    from pymatgen.entries.computed_entries import ComputedEntry

    parameters = {"run_type": "GGA+U" if hubbards else "GGA", "is_hubbard": bool(hubbards), "hubbards": hubbards}
    entry = ComputedEntry(Composition(formula), -10.0, parameters=parameters, data={"oxidation_states": oxidation, "oxide_type": "oxide"})
    scheme = MaterialsProject2020Compatibility(check_potcar=False)
    expected = sum(adjustment.value for adjustment in scheme.get_adjustments(entry))
    counts = counts_of(formula)
    assert anion_correction(counts) + (hubbard_correction(counts) if hubbards else 0.0) == pytest.approx(expected, abs=1e-6)


def test_raw_vasp_energies_against_a_model_trained_on_corrected_ones(shared_data):
    """MatterSim's frames carry raw VASP energies, CHGNet learned MP2020-corrected ones: that is what is found, with the known amounts."""
    from guiapp.potentials.registry import load_named

    frames = read_frames([shared_data / "mattersim-sets" / "mpf-alkali-TP.xyz.gz"]).sets[0].frames
    chosen = [f for f in frames if f.usable and f.n_atoms <= 10][::5][:50]
    potential = load_named("chgnet-0.3.0", "cpu")
    model = [p.energy for start in range(0, len(chosen), 20) for p in potential.predict(chosen[start : start + 20])]
    found = diagnose_energies(chosen, model)
    assert kinds(found) == ["mp2020"]
    assert found.suspicions[0].words.startswith("The model's energies hold")
    assert 0.3 < found.median_difference < 0.6
    assert found.alignment in {"element", "composition"}
    assert left_over(chosen, model, found) < 0.4 * np.median([abs(f.energy - e) / f.n_atoms for f, e in zip(chosen, model, strict=True)])
    known = {one.symbol: one for one in found.offsets}
    for symbol, correction in (("O", 0.687), ("F", 0.462), ("Cl", 0.614)):
        if not np.isnan(known[symbol].offset):
            assert abs(known[symbol].offset - correction) < 0.35
