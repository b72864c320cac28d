"""Families give the numbers of matcalc's calculators for the same potential: bulk modulus, surface energy, phonons, barrier."""

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from emt_frames import emt, frame_of, predicted
from pymatgen.core.surface import SlabGenerator
from pymatgen.io.ase import AseAtomsAdaptor

from guiapp.benchmarks.eos import EosFamily
from guiapp.benchmarks.family import Evaluated
from guiapp.benchmarks.hops import vacancy_hop
from guiapp.benchmarks.nudged_band import climbing_band
from guiapp.benchmarks.phonons import PhononFamily
from guiapp.benchmarks.relaxation import relax
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.set_ups import SlabSetUp
from guiapp.benchmarks.surfaces import SurfaceFamily
from guiapp.frames.frame import Frame

matcalc = pytest.importorskip("matcalc", reason="matcalc comes with the test extra")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def structure_of(frame):
    return AseAtomsAdaptor.get_structure(frame.to_atoms())


def test_the_bulk_modulus_of_its_eos_calculator():
    copper = bulk("Cu", a=3.6)
    theirs = matcalc.EOSCalc(EMT(), max_abs_strain=0.03, n_points=7, allow_shape_change=False, relax_structure=False).calc(
        AseAtomsAdaptor.get_structure(copper)
    )
    frames = []
    for volume in theirs["eos"]["volumes"]:
        scaled = copper.copy()
        scaled.set_cell(copper.cell.array * (volume / copper.get_volume()) ** (1 / 3), scale_atoms=True)
        frames.append(frame_of(scaled, labels=True, compound="Cu", info={"system": "Cu"}))
    planned = EosFamily().plan(frames)
    rows = EosFamily().reduce(predicted(planned), model="emt", mode="static").rows
    modulus = next(row for row in rows if row.quantity == "bulk modulus")
    assert modulus.predicted == pytest.approx(theirs["bulk_modulus_bm"], rel=1e-3)


@pytest.mark.parametrize("relaxed", [False, True])
def test_the_surface_energy_of_its_surface_calculator(relaxed):
    cubic = bulk("Cu", a=3.6, cubic=True)
    crystal = AseAtomsAdaptor.get_structure(cubic)
    slab = SlabGenerator(crystal, (1, 1, 0), 8.0, 10.0, center_slab=True, primitive=True, lll_reduce=True).get_slabs()[0]
    calculator = matcalc.SurfaceCalc(EMT(), relax_bulk=False, relax_slab=relaxed, fmax=0.01, optimizer="FIRE")
    theirs = calculator.calc({"slab": slab, "bulk": crystal})
    family = SurfaceFamily()
    planned = family.plan(SlabSetUp(planes=((1, 1, 0),), thicknesses=(8.0,)).make([frame_of(cubic)]))
    if relaxed:
        ends = relax(planned, RelaxationSettings(fmax=0.01), emt)
        evaluated = [Evaluated(f, end.prediction, end.relaxed, end.converged, end.steps) for f, end in zip(planned, ends, strict=True)]
    else:
        evaluated = predicted(planned)
    (row,) = family.reduce(evaluated, model="emt", mode="relaxed" if relaxed else "static").rows
    assert row.predicted == pytest.approx(theirs["surface_energy"], rel=1e-3 if relaxed else 1e-6)


def test_the_phonons_of_its_phonon_calculator():
    cubic = bulk("Cu", a=3.6, cubic=True)
    calculator = matcalc.PhononCalc(EMT(), atom_disp=0.015, supercell_matrix=np.diag([2, 2, 2]), relax_structure=False)
    theirs = calculator.calc(AseAtomsAdaptor.get_structure(cubic))
    phonon = theirs["phonon"]

    def frame(cell, role):
        one = Frame(cell.numbers, cell.positions, cell.cell, info={"system": "Cu", "role": role})
        return one if role == "perfect" else one.with_changes(forces=emt([one])[0].forces)

    frames = [frame(phonon.supercell, "perfect"), *(frame(cell, "displaced") for cell in phonon.supercells_with_displacements)]
    family = PhononFamily()
    planned = family.plan(frames)
    evaluated = [Evaluated(one, prediction) for one, prediction in zip(planned, emt(planned), strict=True)]
    rows = {row.quantity: row for row in family.reduce(evaluated, model="emt", mode="static").rows}
    assert rows["largest frequency"].predicted == pytest.approx(float(np.max(theirs["frequencies"])), rel=2e-3)  # on another mesh
    at_300_k = int(np.flatnonzero(np.isclose(theirs["thermal_properties"]["temperatures"], 300))[0])
    for quantity, key in (("heat capacity at 300 K", "heat_capacity"), ("entropy at 300 K", "entropy")):
        per_atom = theirs["thermal_properties"][key][at_300_k] / len(cubic)
        assert rows[quantity].predicted == pytest.approx(per_atom, rel=2e-3)


def test_the_barrier_of_its_neb_calculator():
    hop = vacancy_hop(frame_of(bulk("Cu", a=3.6)), "Cu", repeats=(2, 2, 2))
    ends = [outcome.relaxed for outcome in relax([hop[0], hop[-1]], RelaxationSettings(fmax=0.01), emt)]
    start = [ends[0], *hop[1:-1], ends[1]]
    theirs = matcalc.NEBCalc(EMT(), optimizer="FIRE", fmax=0.02).calc({f"image{k:02d}": structure_of(one) for k, one in enumerate(start)})
    band = climbing_band(start, emt, fmax=0.02)
    assert band.converged
    assert band.barrier == pytest.approx(theirs["barrier"], abs=2e-3)
