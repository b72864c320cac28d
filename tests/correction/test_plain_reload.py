"""MACE and matgl exports open in a fresh process with nothing but their own library, and give c times the interaction energy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_models import MACES, heads_of, mace, matgl, mixed_frames

from guiapp.correction.corrected import Correction, scale_correction
from guiapp.correction.export import WRAPPER, export_correction
from guiapp.correction.family_file import family_file
from guiapp.correction.parent import CARD_DATA
from guiapp.correction.reload_check import ENERGY_TOLERANCE, FORCE_TOLERANCE, check_reload
from guiapp.correction.scalar_fit import fit_scalar
from guiapp.correction.verdict import Judged, judge_correction
from guiapp.frames.reference_set import Provenance
from guiapp.potentials.potential import Potential
from guiapp.potentials.registry import load_named

C = 1.25


pytestmark = pytest.mark.usefixtures("bare_machine")


def corrected(base: Potential) -> Correction:
    """A correction by exactly C, made from labels that are C times what the model says."""
    frames = mixed_frames()[:3]
    labels = [f.with_changes(forces=C * p.forces) for f, p in zip(frames, base.predict(frames), strict=True)]
    fit = fit_scalar(labels, base.predict(labels))
    assert fit.c == pytest.approx(C, rel=1e-6)
    return scale_correction(base, fit, labels, Provenance(), {})


def departure_from_c_times(base: Potential, scaled: Potential, c: float) -> tuple[float, float, float]:
    """Return the largest departure from "E - E_ref, forces and stress times c, E_ref untouched".

    Energies an atom, forces and stresses, each as a part of its largest value; E_ref is what a model scaled by nothing says.
    """
    frames = mixed_frames()
    zeros, before, after = base.interaction_scale(0.0).predict(frames), base.predict(frames), scaled.predict(frames)
    assert all(np.abs(zero.forces).max() < 1e-12 for zero in zeros)
    atoms = np.array([len(one.forces) for one in before])
    energies = [np.array([(p.energy - zero.energy) for p, zero in zip(some, zeros, strict=True)]) / atoms for some in (before, after)]
    forces = [np.concatenate([p.forces for p in some]) for some in (before, after)]
    stresses = [np.array([p.stress for p in some]) for some in (before, after)]
    assert np.abs(forces[0]).max() > 1e-3  # else any scale would do
    energy, force, stress = (float(np.abs(new - c * old).max() / np.abs(c * old).max()) for old, new in (energies, forces, stresses))
    return energy, force, stress


# c folded into weights of single precision is rounded once, by up to 6e-8 of each value; sums lose a digit or two more.
ROUNDING = {"float32": 5e-5, "float64": 5e-7}


@pytest.mark.slow  # TorchScript compiles each of these networks for half a minute
@pytest.mark.parametrize(("kind", "precision"), [("heads", "float32"), ("unshifted heads", "float64")])
def test_mace_fold_is_exact_for_every_head(tmp_path: Path, kind: str, precision: str):
    for head in heads_of(kind):
        base = mace(tmp_path, kind, f"#precision={precision}#head={head}")
        assert max(departure_from_c_times(base, base.interaction_scale(C), C)) < ROUNDING[precision]


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("architecture", ["M3GNet", "TensorNet", "CHGNet"])
def test_matgl_fold_is_exact(tmp_path: Path, architecture: str, precision: str):
    base = matgl(tmp_path, architecture, precision)
    assert max(departure_from_c_times(base, base.interaction_scale(C), C)) < ROUNDING[precision]
    assert min(departure_from_c_times(base, base.interaction_scale(1.001 * C), C)) > 5e-4  # another scalar is told apart


def passes(correction: Correction, path: Path, library: str) -> bool:
    """Save, reopen with the plain library, and say whether both precisions agree within the tolerances."""
    correction.corrected.save(path)
    check = check_reload(path, correction, mixed_frames())
    single, double = check.agreements
    assert (single.precision, double.precision) == ("float32", "float64")
    assert check.library.startswith(library)
    within = double.energy <= ENERGY_TOLERANCE and max(single.forces, double.forces) <= FORCE_TOLERANCE
    assert check.passed is within, check
    return within


@pytest.mark.slow
@pytest.mark.parametrize("kind", MACES)
def test_mace_export_is_reopened_by_plain_mace(tmp_path: Path, kind: str):
    heads = heads_of(kind)
    correction = corrected(mace(tmp_path, kind, f"#head={heads[-1]}"))
    assert passes(correction, tmp_path / "corrected.model", "mace-torch")
    lines = family_file(correction).load_lines("corrected.model", correction.corrected)
    assert (f'head="{heads[-1]}"' in lines) is (len(heads) > 1)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["M3GNet", "TensorNet", "CHGNet"])
def test_matgl_export_is_reopened_by_plain_matgl(tmp_path: Path, architecture: str):
    assert passes(corrected(matgl(tmp_path, architecture)), tmp_path / "corrected", "matgl")


@pytest.mark.slow
def test_another_scalar_in_the_file_is_found_out(tmp_path: Path):
    correction = corrected(mace(tmp_path, "heads", "#head=omat_pbe"))
    correction.base.interaction_scale(1.001 * C).save(tmp_path / "wrong.model")
    assert check_reload(tmp_path / "wrong.model", correction, mixed_frames()[:1]).passed is False


@pytest.mark.slow
def test_mace_export_with_its_wrapper_needs_no_temper(tmp_path: Path):
    """The folder's own model, and its wrapper around the uncorrected one, give the same forces in a process without this program."""
    correction = corrected(mace(tmp_path, "heads", "#head=omat_pbe"))
    unseen = [f.with_changes(forces=C * p.forces) for f, p in zip(mixed_frames(), correction.base.predict(mixed_frames()), strict=True)]
    verdict = judge_correction(Judged(unseen, correction.base.predict(unseen), correction.corrected.predict(unseen)))
    export = export_correction(correction, verdict, tmp_path / "model", frames=unseen, override=True)
    assert export.reload.passed is True
    assert export.model.suffix == ".model"
    data = json.loads((export.folder / CARD_DATA).read_text(encoding="utf-8"))
    lines, frame = "\n".join(data["load"]), unseen[0]
    script = f"""
import sys
sys.path.insert(0, {str(export.folder)!r})
import os
os.chdir({str(export.folder)!r})
import numpy as np
from mace.calculators import MACECalculator
from ase import Atoms
atoms = Atoms(numbers={frame.numbers.tolist()}, positions={frame.positions.tolist()}, cell={frame.cell.tolist()}, pbc=True)
{lines}
inside = energy, forces
from {Path(WRAPPER).stem} import ScaledCalculator
base = MACECalculator(model_paths={str(tmp_path / "small.model")!r}, device="cpu", head="omat_pbe")
atoms.calc = ScaledCalculator(base)
assert abs(atoms.get_potential_energy() - inside[0]) / len(atoms) < 1e-6, (atoms.get_potential_energy(), inside[0])
assert np.abs(atoms.get_forces() - inside[1]).max() < 1e-5
assert not [name for name in sys.modules if name.split(".")[0] == "guiapp"]
"""
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_old_m3gnet_is_not_tried_with_a_matgl_that_gets_it_wrong(shared_data: Path):
    folder = shared_data.parent / "weights" / "M3GNet-MP-2021.2.8-PES"
    if not folder.is_dir():
        pytest.skip("the folder M3GNet-MP-2021.2.8-PES is not beside the checkout")
    correction = corrected(load_named(str(folder), "cpu"))
    check = check_reload(Path("nowhere"), correction, mixed_frames())
    assert check.passed is None
    assert "matgl 1.1.3 to 2.2.1" in check.reason
    assert "stress_weight=1 / 160.21766208" in family_file(correction).load_lines("model", correction.corrected)
