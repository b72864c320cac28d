"""The scale of each compound equals what matcalc's own SofteningBenchmark finds on the same frames with the same model."""

import importlib.util
import json
import sys
import types

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT

from guiapp.benchmarks.force_table import ForceTable
from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.benchmarks.high_energy import summarise_high_energy
from guiapp.frames.frame import Frame
from guiapp.physics.softening import softening_scale
from guiapp.potentials.potential import Prediction

pytest.importorskip("matcalc", reason="matcalc comes with the test extra")


@pytest.fixture(scope="module")
def softening_benchmark():
    """Return matcalc's SofteningBenchmark.

    Its module also imports matminer, for another benchmark and not for this one; where that large package is absent, empty
    modules stand in for it during the import.
    """
    with pytest.MonkeyPatch.context() as patch:
        if importlib.util.find_spec("matminer") is None:
            for name, member in (("site", "CrystalNNFingerprint"), ("structure", "SiteStatsFingerprint")):
                stand_in = types.ModuleType(f"matminer.featurizers.{name}")
                setattr(stand_in, member, object)
                patch.setitem(sys.modules, stand_in.__name__, stand_in)
            for parent in ("matminer", "matminer.featurizers"):
                patch.setitem(sys.modules, parent, types.ModuleType(parent))
        return importlib.import_module("matcalc.benchmark").SofteningBenchmark


@pytest.fixture(scope="module")
def displaced():
    """Three metals, four displaced and strained cells each, with labels that are a stiffer and noisy effective-medium model."""
    random, sets = np.random.default_rng(0), {}
    for symbol, stiffness in (("Cu", 1.25), ("Ag", 1.1), ("Au", 0.9)):
        frames = []
        for index in range(4):
            atoms = bulk(symbol, cubic=True) * (2, 1, 1)
            atoms.set_cell(atoms.cell.array * (1 + 0.01 * index), scale_atoms=True)
            atoms.positions += random.normal(scale=0.15, size=atoms.positions.shape)
            atoms.wrap()
            atoms.calc = EMT()
            forces = stiffness * atoms.get_forces() + random.normal(scale=0.1, size=(len(atoms), 3))
            frames.append((atoms, forces - forces.mean(axis=0)))
        sets[symbol] = frames
    return sets


def test_the_same_scale_as_matcalc(softening_benchmark, displaced, tmp_path):
    """Its file format, its reader, its calculator loop and its fit, to 1e-6."""
    from pymatgen.io.ase import AseAtomsAdaptor

    data, table = {}, ForceTable("emt")
    for symbol, frames in displaced.items():
        data[f"wbm-{symbol}"] = {
            str(index): {"structure": AseAtomsAdaptor.get_structure(atoms).as_dict(), "vasp_f": forces.tolist()}
            for index, (atoms, forces) in enumerate(frames)
        }
        for atoms, forces in frames:
            frame = Frame(
                numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell.array, energy=0.0, forces=forces, compound=f"wbm-{symbol}"
            )
            table.add(frame, Prediction(0.0, atoms.get_forces(), np.zeros((3, 3))))
    path = tmp_path / "states.json"
    path.write_text(json.dumps(data, default=lambda value: value.item()), encoding="utf-8")
    theirs = softening_benchmark(benchmark_name=path).run(EMT(), "emt")
    ours = summarise_high_energy(table, FrameFilter(max_force=None)).compound_by_name
    assert len(theirs) == len(ours) == 3
    for row in theirs.to_dict("records"):
        compound = ours[row["material_id"]]
        assert compound.statistics.scale == pytest.approx(row["softening_scale_emt"], abs=1e-6)
        assert compound.formula == row["formula"]


def test_the_same_fit_as_matcalc(softening_benchmark):
    """Its fit function alone, on clouds with offset and scatter."""
    random = np.random.default_rng(1)
    for slope in (0.5, 0.9, 1.3):
        x = random.normal(scale=2, size=(40, 3))
        y = slope * x + random.normal(scale=0.5, size=x.shape) + 0.02
        assert softening_scale(x, y) == pytest.approx(softening_benchmark.get_linear_fitted_slope(x, y), abs=1e-9)
