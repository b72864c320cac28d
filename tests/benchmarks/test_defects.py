"""Formation energies follow their formula, from whichever files they come, and generated cells hold what their name says."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from emt_frames import emt, frame_of, predicted, softened

from guiapp.benchmarks.defect_cells import fcc_vacancies, largest_hole, point_defects, supercell_repeats
from guiapp.benchmarks.defect_recognition import defect_name
from guiapp.benchmarks.defects import REFERENCE, DefectFamily, formation_energy
from guiapp.benchmarks.family import Evaluated
from guiapp.benchmarks.family_rows import corrected_rows
from guiapp.benchmarks.relaxation import relax
from guiapp.errors import UserFacingError
from guiapp.frames.shipped import open_shipped

FAMILY = DefectFamily()


def labelled(frames):
    return [
        frame.with_changes(energy=prediction.energy, forces=prediction.forces, info={k: v for k, v in frame.info.items() if k != "state"})
        for frame, prediction in zip(frames, emt(frames), strict=True)
    ]


@pytest.fixture(scope="module")
def alloy():
    phases = [frame_of(bulk(element, a=a), compound=element) for element, a in (("Cu", 3.6), ("Au", 4.06))]
    ordered = Atoms("AuCu3", scaled_positions=[(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)], cell=3.74 * np.eye(3), pbc=True)
    return labelled(point_defects(frame_of(ordered), phases, repeats=(2, 2, 2), interstitials=True))


def test_one_defect_of_each_kind_is_made(alloy):
    made = {str(frame.info["defect"]): frame for frame in alloy if frame.info["role"] == "defect"}
    assert set(made) == {"V_Au", "V_Cu", "Cu_Au", "Au_Cu", "Cu_i", "Au_i"}
    assert (made["V_Au"].symbols.count("Au"), made["V_Au"].symbols.count("Cu")) == (7, 24)
    assert (made["Au_Cu"].symbols.count("Au"), made["Au_Cu"].symbols.count("Cu")) == (9, 23)
    assert made["Cu_i"].n_atoms == 33


def test_a_soft_model_with_another_zero_is_found_soft(alloy):
    result = FAMILY.reduce(softened(FAMILY.plan(alloy)), model="m", mode="static")
    rows = {row.system: row for row in result.rows}
    assert set(rows) == {f"Cu3Au {name}" for name in ("V_Au", "V_Cu", "Cu_Au", "Au_Cu", "Cu_i", "Au_i")}
    for row in rows.values():
        assert row.predicted == pytest.approx(0.8 * row.reference, abs=1e-8)
    for before, after in zip(result.rows, corrected_rows(result.rows, 1.25), strict=True):
        assert after.predicted == pytest.approx(before.reference, abs=1e-8)


def test_emt_by_hand():
    crystal = bulk("Cu", a=3.6, cubic=True).repeat(2)
    vacancy = crystal.copy()
    del vacancy[5]
    crystal.calc, vacancy.calc = EMT(), EMT()
    e = crystal.get_potential_energy()
    by_hand = vacancy.get_potential_energy() - 31 / 32 * e
    frames = FAMILY.plan(point_defects(frame_of(bulk("Cu", a=3.6, cubic=True)), repeats=(2, 2, 2)))
    row = FAMILY.reduce(predicted(frames), model="emt", mode="static").rows[0]
    assert row.system == "Cu V_Cu"
    assert row.predicted == pytest.approx(by_hand, rel=1e-9)
    assert formation_energy(vacancy.get_potential_energy(), e, {"Cu": e / 32}, {"Cu": -1}) == pytest.approx(by_hand)


def test_a_users_own_pair_is_recognised_without_names(alloy):
    nameless = [frame.with_changes(info={}, name=f"file {number}") for number, frame in enumerate(alloy)]
    told = {row.system: row.reference for row in FAMILY.reduce(softened(FAMILY.plan(alloy)), model="m", mode="static").rows}
    found = {row.system: row.reference for row in FAMILY.reduce(softened(FAMILY.plan(nameless)), model="m", mode="static").rows}
    assert found == pytest.approx(told)


def test_other_sets_hold_no_defects():
    for name in ("high-energy", "eos", "surfaces"):
        assert FAMILY.plan(open_shipped(name).frames) == ()


def test_what_is_missing_is_named(alloy):
    without = [frame for frame in alloy if frame.info["role"] != "elemental phase"]
    failures = FAMILY.reduce(softened(without), model="m", mode="static").failures
    assert any("no elemental phase of Au" in failure.reason for failure in failures)
    headless = [frame for frame in alloy if frame.info["role"] != "perfect"]
    assert FAMILY.reduce(softened(headless), model="m", mode="static").rows == ()
    assert FAMILY.plan(headless) == ()
    as_made = [frame.with_changes(info={**frame.info, "state": "unrelaxed"}) for frame in alloy]
    assert "only as made" in FAMILY.reduce(softened(as_made), model="m", mode="relaxed").failures[0].reason


def test_the_table_of_fcc_vacancies(shared_data):
    table = fcc_vacancies(shared_data / "vacancy-fcc" / "Table-A1-fcc.csv", repeats=2)
    assert len(table.frames) == 2 * 57
    copper = [frame for frame in FAMILY.plan(table.frames) if frame.info["system"] == "fcc Cu"]
    assert copper[0].volume / copper[0].n_atoms == pytest.approx(11.97)
    assert copper[1].info[REFERENCE] == 1.07
    assert "relaxed" in FAMILY.reduce(predicted(copper), model="emt", mode="static").failures[0].advice
    relaxed = [
        Evaluated(frame, outcome.prediction, outcome.relaxed, outcome.converged, outcome.steps)
        for frame in copper
        for outcome in relax([frame], FAMILY.relaxation(frame), emt)
    ]
    row = FAMILY.reduce(relaxed, model="emt", mode="relaxed").rows[0]
    assert row.reference == 1.07
    assert 0.8 < row.predicted < 1.6  # EMT's copper has a vacancy of about 1.2 eV


def test_a_file_that_is_no_table_is_refused(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UserFacingError, match="no table"):
        fcc_vacancies(path)


def test_holes_and_supercells():
    octahedral = largest_hole(frame_of(bulk("Cu", a=4.0, cubic=True)))
    distances = frame_of(bulk("Cu", a=4.0, cubic=True)).to_atoms()
    distances.append("X")
    distances.positions[-1] = octahedral
    assert min(distances.get_distances(-1, range(4), mic=True)) == pytest.approx(2.0)
    assert supercell_repeats(frame_of(bulk("Cu", a=4.0, cubic=True)), 8.0) == (2, 2, 2)
    assert supercell_repeats(frame_of(bulk("Cu", a=4.0)), 8.0) == (4, 4, 4)  # planes of the primitive cell are 2.3 Å apart


def test_names():
    assert defect_name({"Mg": -1}) == "V_Mg"
    assert defect_name({"Mg": 1, "Si": -1}) == "Mg_Si"
    assert defect_name({"Mg": 1}) == "Mg_i"
