"""Crystal shapes in a run's folder are pymatgen's Wulff shapes of DFT and of the model, as numbers, record and figure."""

import csv
import json

import numpy as np
import pytest
from ase.build import bulk
from pymatgen.analysis.wulff import WulffShape
from pymatgen.core import Lattice

from guiapp.benchmarks.family import FamilyResult
from guiapp.benchmarks.family_rows import judged_row
from guiapp.frames.frame import Frame
from guiapp.report.crystal_shapes import crystal_shapes
from guiapp.report.family_evaluation import FamilyEvaluation
from guiapp.report.family_files import write_family_results

DFT = {(1, 1, 1): 0.0823, (1, 0, 0): 0.0916, (1, 1, 0): 0.0980}
MODEL = {(1, 1, 1): 0.0527, (1, 0, 0): 0.0640, (1, 1, 0): 0.0600}


def evaluation(*, facets=tuple(DFT), reference=True):
    rows = tuple(
        judged_row(
            "surfaces",
            f"Cu({''.join(map(str, facet))})",
            "surface energy",
            model="soft",
            mode="static",
            predicted=MODEL[facet],
            reference=DFT[facet] if reference else np.nan,
            count=2,
        )
        for facet in facets
    )
    copper = bulk("Cu", a=3.6)
    crystal = Frame(copper.numbers, copper.positions, copper.cell.array)
    return FamilyEvaluation("Soft", FamilyResult("surfaces", "soft", "static", rows, crystals=(crystal, crystal)))


def test_the_folder_of_a_run_holds_both_shapes(tmp_path):
    write_family_results(tmp_path, [evaluation()], formats=("png",))
    assert (tmp_path / "crystal-shape-Cu.png").stat().st_size > 10_000
    with (tmp_path / "crystal-shapes.csv").open(encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    records = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["crystal_shapes"]
    assert [record["side"] for record in records] == ["DFT", "Soft"]
    for energies, record in zip((DFT, MODEL), records, strict=True):
        theirs = WulffShape(Lattice.cubic(3.6), list(energies), list(energies.values()))
        parts = theirs.area_fraction_dict
        assert record["mean_surface_energy_J_per_m2"] == pytest.approx(16.02176634 * theirs.weighted_surface_energy, rel=1e-6)
        assert record["anisotropy"] == pytest.approx(theirs.anisotropy, rel=1e-6)
        for facet, part in parts.items():
            name = f"({''.join(map(str, facet))})"
            assert record["parts_of_surface"][name] == pytest.approx(part, abs=1e-6)
            line = next(line for line in lines if (line["facet"], line["side"]) == (name, record["side"]))
            assert float(line["part_of_surface"]) == pytest.approx(part, abs=1e-6)
            assert float(line["surface_energy_J_per_m2"]) == pytest.approx(16.02176634 * energies[facet])


def test_one_kind_of_facet_makes_no_shape_and_no_dft_leaves_the_model():
    assert crystal_shapes([evaluation(facets=((1, 0, 0),))]) == {}
    (sides,) = crystal_shapes([evaluation(reference=False)]).values()
    assert [side.title for side in sides] == ["Soft"]
