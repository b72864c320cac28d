"""What is taken away opens without this program, says what it is, and is refused where unseen frames do not confirm it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from chgnet_labels import cells, chgnet, labelled
from invented_frames import distorted

from guiapp.correction.ase_wrapper import wrapper_source
from guiapp.correction.corrected import reference_energies, scale_correction, scaled_predictions
from guiapp.correction.export import CARD, LABELS, WRAPPER, export_correction
from guiapp.correction.parent import CARD_DATA
from guiapp.correction.reload_check import check_reload
from guiapp.correction.scalar_fit import fit_scalar
from guiapp.correction.verdict import Judged, judge_correction
from guiapp.errors import UserFacingError
from guiapp.frames.reading.read import read_frames
from guiapp.frames.reference_set import Provenance

FRAMES = cells(5)


def correction_and_verdict(scale: float = 1.25, unseen_scale: float = 1.25):
    label = labelled(FRAMES[4:], scale)[0]
    unseen = labelled(FRAMES[:4], unseen_scale)
    # The cells have 2 atoms; the gate wants more components, which frames of one compound add up to.
    before = chgnet().predict(unseen)
    fit = fit_scalar([label], chgnet().predict([label]))
    correction = scale_correction(chgnet(), fit, [label], Provenance(functional="PBE", code="GPAW", licence="CC-BY-4.0"), {"split": "hash"})
    verdict = judge_correction(Judged(unseen, before, correction.corrected.predict(unseen)))
    return correction, verdict


def test_fold_is_exact_on_the_program_path():
    """E = E_ref + c (E - E_ref), F and stress times c, with references found from the outside."""
    frames = cells(2) + cells(1, symbols="NaCl", a=5.7)
    references = reference_energies(chgnet(), [8, 12, 11, 17])
    weights = chgnet().weights.tensors["composition_model.fc.weight"][0]
    for z, energy in references.items():
        assert energy == pytest.approx(float(weights[z - 1]), abs=1e-5)
    folded = chgnet().interaction_scale(1.3).predict(frames)
    outside = scaled_predictions(1.3, frames, chgnet().predict(frames), references)
    for one, other in zip(folded, outside, strict=True):
        assert one.energy == pytest.approx(other.energy, abs=2e-5)
        np.testing.assert_allclose(one.forces, other.forces, atol=5e-5)
        np.testing.assert_allclose(one.stress, other.stress, atol=5e-6)


def test_reference_energies_leave_out_what_the_model_does_not_know():
    assert set(reference_energies(chgnet(), [8, 110])) == {8}


def test_export_reopens_in_plain_chgnet_with_the_promised_numbers(tmp_path: Path):
    """One process of its own that imports chgnet alone: 1e-6 eV/atom and 1e-5 eV/Å."""
    correction, verdict = correction_and_verdict()
    told = []

    def add_figures(folder: Path):
        told.append(folder)
        (folder / "parity.png").write_bytes(b"png")
        return [("parity.png", "before and after")]

    export = export_correction(
        correction, verdict, tmp_path / "model", frames=FRAMES, reproduce="temper-cli correct x", add_figures=add_figures
    )
    assert export.reload.passed is True
    assert {a.precision for a in export.reload.agreements} == {"float32", "float64"}
    for agreement in export.reload.agreements:
        assert agreement.forces <= 1e-5
    double = next(a for a in export.reload.agreements if a.precision == "float64")
    assert double.energy <= 1e-6
    assert {p.name for p in export.folder.iterdir()} == set(export.files)
    assert {CARD, CARD_DATA, LABELS, WRAPPER, "parity.png", export.model.name} == set(export.files)
    data = json.loads((export.folder / CARD_DATA).read_text(encoding="utf-8"))
    assert data["base_model"]["weights_sha256"] == chgnet().weights_hash
    assert data["scalar"]["c"] == pytest.approx(1.25, abs=1e-3)
    assert data["scalar"]["ci95"] is not None or data["scalar"]["ci95_resampled"] is None
    assert data["reproduce"] == "temper-cli correct x"
    assert data["verdict"]["exported_against_the_verdict"] is False
    text = (export.folder / CARD).read_text(encoding="utf-8")
    assert export.model.name in text
    assert verdict.headline in text
    assert len(data["load"]) <= 5
    back = read_frames([export.folder / LABELS]).sets[0].frames
    assert [f.content_hash for f in back] == [f.content_hash for f in correction.labels]
    np.testing.assert_array_equal(back[0].forces, correction.labels[0].forces)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


@pytest.mark.slow
def test_file_that_is_not_what_was_promised_is_found_out(tmp_path: Path):
    """The check must fail for a file with another c."""
    correction, _ = correction_and_verdict()
    chgnet().interaction_scale(correction.c * 1.001).save(tmp_path / "wrong.pth.tar")
    check = check_reload(tmp_path / "wrong.pth.tar", correction, FRAMES[:1])
    assert check.passed is False


@pytest.mark.slow
def test_damaged_file_is_reported(tmp_path: Path):
    correction, _ = correction_and_verdict()
    (tmp_path / "x.pth.tar").write_bytes(b"no model")
    with pytest.raises(UserFacingError, match="cannot open"):
        check_reload(tmp_path / "x.pth.tar", correction, FRAMES[:1])


def test_rejected_correction_needs_an_override_that_its_card_tells(tmp_path: Path, monkeypatch):
    correction, verdict = correction_and_verdict(scale=1.4, unseen_scale=1.0)
    assert not verdict.may_be_exported
    with pytest.raises(UserFacingError, match="not exported"):
        export_correction(correction, verdict, tmp_path / "model")
    assert not (tmp_path / "model").exists()
    skip_process(monkeypatch)
    export = export_correction(correction, verdict, tmp_path / "model", override=True)
    assert export.card["verdict"]["exported_against_the_verdict"] is True
    assert "against the verdict" in (tmp_path / "model" / CARD).read_text(encoding="utf-8")


def skip_process(monkeypatch):
    """Leave out the fresh process where the test is about something else: it takes half a minute."""
    monkeypatch.setattr("guiapp.correction.reload_check.PLAIN_LIBRARIES", {})


def test_export_replaces_an_export_and_nothing_else(tmp_path: Path, monkeypatch):
    skip_process(monkeypatch)
    correction, verdict = correction_and_verdict()
    folder = tmp_path / "model"
    first = export_correction(correction, verdict, folder)
    assert first.reload.passed is None
    export_correction(correction, verdict, folder, name="again")
    assert (folder / "again.pth.tar").is_file()
    assert not first.model.exists()
    mine = tmp_path / "thesis"
    mine.mkdir()
    (mine / "chapter.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(UserFacingError, match="other files"):
        export_correction(correction, verdict, mine)
    assert (mine / "chapter.txt").is_file()


def test_failed_export_leaves_nothing_behind(tmp_path: Path, monkeypatch):
    skip_process(monkeypatch)
    correction, verdict = correction_and_verdict()

    def fail(folder: Path):
        raise OSError(28, "No space left on device")

    with pytest.raises(UserFacingError, match="No space left"):
        export_correction(correction, verdict, tmp_path / "model", add_figures=fail)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("references", [{11: -1.5, 17: -2.5}, None])
def test_wrapper_runs_by_itself_and_scales_any_ase_calculator(tmp_path: Path, references):
    """In a process without this program, around Lennard-Jones."""
    source = wrapper_source("test", 1.25, references, module="scaled_calculator", example="LennardJones()")
    (tmp_path / "scaled_calculator.py").write_text(source, encoding="utf-8")
    frame = distorted(1)[0]
    script = f"""
import numpy as np, sys
sys.path.insert(0, {str(tmp_path)!r})
from ase import Atoms
from ase.calculators.lj import LennardJones
from scaled_calculator import ScaledCalculator
atoms = Atoms(numbers={frame.numbers.tolist()}, positions={frame.positions.tolist()}, cell={frame.cell.tolist()}, pbc=True)
atoms.calc = LennardJones(sigma=2.5, epsilon=0.5, rc=6.0, smooth=True)
energy, forces, stress = atoms.get_potential_energy(), atoms.get_forces(), atoms.get_stress()
atoms.calc = ScaledCalculator(LennardJones(sigma=2.5, epsilon=0.5, rc=6.0, smooth=True))
zero = {4 * -1.5 + 4 * -2.5 if references else 0.0}
assert abs(atoms.get_potential_energy() - (zero + 1.25 * (energy - zero))) < 1e-9
assert np.allclose(atoms.get_forces(), 1.25 * forces) and np.allclose(atoms.get_stress(), 1.25 * stress)
assert "guiapp" not in sys.modules
if {bool(references)}:
    atoms.symbols[0] = "Fe"
    try:
        atoms.get_potential_energy()
    except ValueError as error:
        assert "Fe" in str(error)
    else:
        raise SystemExit("an element without a reference was accepted")
"""
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_card_and_json_hold_no_nan(tmp_path: Path, monkeypatch):
    """NaN is no JSON; what is not determined is null."""
    skip_process(monkeypatch)
    correction, verdict = correction_and_verdict()
    export = export_correction(correction, verdict, tmp_path / "m")
    text = (export.folder / CARD_DATA).read_text(encoding="utf-8")
    assert "NaN" not in text
    assert "Infinity" not in text
