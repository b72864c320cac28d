"""MACE on the program's path gives the numbers of MACECalculator, file by file, head by head and in any company."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from ase import Atoms
from ase.stress import voigt_6_to_full_3x3_stress
from crystal_frames import frame_of
from small_models import FREE_ATOMS, largest_difference, mace_network, mixed_frames

from guiapp.errors import UserFacingError
from guiapp.potentials import trust
from guiapp.potentials.potential import Prediction
from guiapp.potentials.registry import find_card, load_named, prediction_settings, weights_hash

SAME_32 = (1e-5, 1e-4, 1e-5)  # eV/atom, eV/Å, eV/Å^3
SAME_64 = (1e-9, 1e-9, 1e-9)


pytestmark = pytest.mark.usefixtures("bare_machine")


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    """Three model files: with two heads and a short-range repulsion, with neither, and a plain MACE."""
    folder = tmp_path_factory.mktemp("mace")
    networks = {
        "heads": mace_network(repulsion=True, heads=("mp_pbe", "omat_pbe")),
        "plain": mace_network(),
        "unshifted": mace_network(scale_shift=False),
    }
    paths = {name: folder / f"{name}.model" for name in networks}
    for name, network in networks.items():
        torch.save(network, paths[name])
    return paths


def loaded(path: Path, options: str = ""):
    trust.trust(trust.file_sha256(path), path.name)
    return load_named(f"{path}{options}", "cpu")


def with_calculator(path: Path, frames, precision: str, head: str | None = None) -> list[Prediction]:
    from guiapp.potentials.mace_file import torch_undisturbed

    with torch_undisturbed():
        from mace.calculators import MACECalculator

        os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"  # as the import sets it the first time
        calculator = MACECalculator(model_paths=str(path), device="cpu", default_dtype=precision, **({"head": head} if head else {}))
    answers = []
    for frame in frames:
        atoms = frame.to_atoms()
        atoms.calc = calculator
        stress = voigt_6_to_full_3x3_stress(atoms.get_stress()) if frame.volume else np.zeros((3, 3))
        answers.append(Prediction(atoms.get_potential_energy(), atoms.get_forces(), stress))
    return answers


@pytest.mark.parametrize(("precision", "same"), [("float32", SAME_32), ("float64", SAME_64)])
@pytest.mark.parametrize(("file", "head"), [("plain", None), ("heads", "mp_pbe"), ("heads", "omat_pbe"), ("unshifted", None)])
def test_a_batch_of_mixed_sizes_equals_the_packages_calculator(files, precision, same, file, head):
    frames = mixed_frames()
    ours = loaded(files[file], f"#precision={precision}" + (f"#head={head}" if head else "")).predict(frames)
    theirs = with_calculator(files[file], frames, precision, head)
    assert max(np.abs(one.forces).max() for one in theirs) > 0.02  # a network that says nothing would agree with any other
    difference = largest_difference(ours, theirs)
    assert np.all(np.array(difference) <= same), difference


def test_a_frame_does_not_feel_its_company(files):
    potential = loaded(files["plain"], "#precision=float64")
    frames = mixed_frames()
    alone = [potential.predict([frame])[0] for frame in frames]
    assert max(largest_difference(potential.predict(frames[::-1])[::-1], alone)) < 1e-10


def test_a_molecule_and_a_free_atom_can_be_predicted(files):
    frames = [
        frame_of(Atoms("O2", positions=[[0, 0, 0], [0, 0, 1.3]]), "O2"),
        frame_of(Atoms("Si", positions=[[1, 2, 3]]), "Si"),
        *mixed_frames()[:1],
    ]
    potential = loaded(files["plain"], "#precision=float64")
    ours = potential.predict(frames)
    assert max(largest_difference(ours, with_calculator(files["plain"], frames, "float64"))) < 1e-9
    assert not ours[0].stress.any()


def test_large_free_atom_energies_cost_no_digits_in_single_precision(tmp_path):
    frames, path = mixed_frames(), tmp_path / "all electrons.model"
    torch.save(mace_network(core_electrons=2000.0), path)
    exact = loaded(path, "#precision=float64").predict(frames)
    assert largest_difference(loaded(path).predict(frames), exact)[0] < 5e-6
    assert largest_difference(with_calculator(path, frames, "float32"), exact)[0] > 5e-6  # what a plain sum would give


@pytest.mark.parametrize(("file", "head"), [("heads", "omat_pbe"), ("heads", "mp_pbe"), ("plain", None), ("unshifted", None)])
def test_the_scaled_model_scales_the_interaction_energy_and_its_file_says_the_same(files, tmp_path, file, head):
    frames, c = mixed_frames(), 1.2345
    potential = loaded(files[file], "#precision=float64" + (f"#head={head}" if head else ""))
    before = potential.predict(frames)
    scaled = potential.interaction_scale(c)
    lower = 0.5 if head == "omat_pbe" else 0.0
    expected = []
    for frame, one in zip(frames, before, strict=True):
        free = sum(FREE_ATOMS[z] - lower for z in frame.numbers.tolist())
        expected.append(Prediction(free + c * (one.energy - free), c * one.forces, c * one.stress))
    assert max(largest_difference(scaled.predict(frames), expected)) < 1e-9
    assert max(largest_difference(potential.predict(frames), before)) == 0  # the original is untouched
    scaled.save(tmp_path / "scaled.model")
    assert max(largest_difference(with_calculator(tmp_path / "scaled.model", frames, "float64", head), expected)) < 1e-6
    assert scaled.weights_hash != potential.weights_hash
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_a_repulsion_that_cannot_be_scaled_is_refused(tmp_path):
    path = tmp_path / "repulsive.model"
    torch.save(mace_network(repulsion=True, scale_shift=False), path)
    with pytest.raises(UserFacingError, match="short-range repulsion"):
        loaded(path).interaction_scale(1.1)


def test_without_consent_nothing_is_unpickled(files):
    card = find_card(files["plain"])
    assert "consent" in card.state
    with pytest.raises(UserFacingError, match="not opened"):
        load_named(card.name, "cpu")
    trust.trust(weights_hash(card), "mine")
    assert find_card(files["plain"]).state == "ready"


def test_consent_for_one_file_opens_no_other(files, tmp_path):
    loaded(files["plain"])
    hostile = tmp_path / "hostile.model"
    torch.save(_Payload(tmp_path / "trace"), hostile)
    with pytest.raises(UserFacingError, match=r"not opened.*WARNING"):
        load_named(str(hostile), "cpu")
    assert not (tmp_path / "trace").exists()


class _Payload:
    def __init__(self, trace: Path):
        self.trace = trace

    def __reduce__(self):
        return (os.mkdir, (str(self.trace),))


def test_consented_files_that_hold_something_else_are_explained(tmp_path):
    checkpoint = tmp_path / "checkpoint.model"
    torch.save({"model": {}}, checkpoint)
    with pytest.raises(UserFacingError, match="dict and no MACE"):
        loaded(checkpoint)
    damaged = tmp_path / "damaged.model"
    damaged.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(UserFacingError, match="cannot be opened"):
        loaded(damaged)
    compiled = tmp_path / "compiled.model"
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), compiled)
    with pytest.raises(UserFacingError, match="compiled program"):
        loaded(compiled)


def test_heads_and_precision_are_chosen_behind_the_name_and_part_of_the_settings(files):
    with pytest.raises(UserFacingError, match=r"several kinds of data.*#head=mp_pbe.*omat_pbe"):
        loaded(files["heads"])
    with pytest.raises(UserFacingError, match="no head “dft”"):
        loaded(files["heads"], "#head=dft")
    with pytest.raises(UserFacingError, match="no choice of precision"):
        find_card(f"{files['heads']}#precision=float16")
    with pytest.raises(UserFacingError, match="no option “colour”"):
        find_card(f"{files['heads']}#colour=red")
    card = find_card(f"{files['heads']}#precision=float64#head=omat_pbe")
    assert card.name == f"{files['heads']}#head=omat_pbe#precision=float64"
    assert find_card(card.name) == card
    assert (prediction_settings(card)["precision"], prediction_settings(card)["head"]) == ("float64", "omat_pbe")
    assert card.title == "heads (omat_pbe, float64)"


def test_faster_kernels_that_cannot_be_had_are_replaced_with_a_word_and_give_the_same_numbers(files, caplog):
    """Without a GPU and NVIDIA's package e3nn computes, and the log says so; a misspelt choice is refused."""
    with pytest.raises(UserFacingError, match="no choice of kernels"):
        find_card(f"{files['plain']}#kernels=fast")
    card = find_card(f"{files['plain']}#kernels=cuequivariance")
    assert prediction_settings(card)["kernels"] == "cuequivariance"
    frames = mixed_frames()
    usual = loaded(files["plain"]).predict(frames)
    assert not caplog.records
    potential = loaded(files["plain"], "#kernels=cuequivariance")
    assert "computes with e3nn instead" in caplog.text
    assert max(largest_difference(potential.predict(frames), usual)) == 0.0


def test_unknown_elements_and_frames_without_a_cell_are_refused(files):
    potential = loaded(files["plain"])
    with pytest.raises(UserFacingError, match="does not know the element Fe"):
        potential.predict([frame_of(Atoms("Fe", cell=np.eye(3) * 3, pbc=True))])
    with pytest.raises(UserFacingError, match="no cell"):
        potential.predict([frame_of(Atoms("Si", cell=np.zeros((3, 3)), pbc=True))])


def test_loading_leaves_torchs_guard_and_precision_as_they_were(files):
    code = (
        "import os, sys, torch\n"
        "from guiapp.potentials.registry import load_named\n"
        f"load_named({str(files['plain'])!r}, 'cpu')\n"
        "print('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD' in os.environ, torch.get_default_dtype())\n"
        "import io, pickle\n"
        "try: torch.load(io.BytesIO(pickle.dumps(os.getcwd)))\n"
        "except pickle.UnpicklingError: print('guarded')\n"
    )
    trust.trust(trust.file_sha256(files["plain"]), "plain")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "torch.float32", "guarded"]


def test_genuine_files_raise_no_suspicion(files):
    """Every file that MACE itself writes stays within the allow-list that consent shows deviations from."""
    from guiapp.potentials.pickle_scan import scan_pickle

    for path in files.values():
        scan = scan_pickle(path, "MACE")
        assert scan.suspicious == ()
        assert scan.runs_text
