"""CHGNet gives the numbers of the package's own calculator, batched, in our units, and refuses what it cannot describe."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from ase import Atoms
from ase.build import bulk
from chgnet.model import CHGNet
from chgnet.model.dynamics import CHGNetCalculator
from crystal_frames import frame_of, loaded

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.registry import find_card, load_potential

NAMES = ("0.3.0", "0.2.0", "r2scan")


def stock(version: str) -> CHGNetCalculator:
    return CHGNetCalculator(CHGNet.load(model_name=version, use_device="cpu", verbose=False), use_device="cpu")


@pytest.mark.parametrize("version", NAMES)
def test_a_mixed_batch_equals_the_packages_calculator(version, labelled_frames):
    frames = labelled_frames[::3]
    predictions = loaded(f"chgnet-{version}").predict(frames)
    calculator = stock(version)
    for frame, prediction in zip(frames, predictions, strict=True):
        atoms = frame.to_atoms()
        atoms.calc = calculator
        assert abs(prediction.energy - atoms.get_potential_energy()) / frame.n_atoms < 1e-5
        assert np.abs(prediction.forces - atoms.get_forces()).max() < 5e-4
        assert np.abs(prediction.stress - calculator.results["stress"]).max() < 2e-4
        assert np.abs(prediction.magmoms - calculator.results["magmoms"]).max() < 1e-4


def test_energy_forces_and_stress_belong_to_one_surface(rocksalt):
    """Forces are minus the slope of the energy in eV, stress the slope per strain and volume: units and signs."""
    potential = loaded("chgnet-0.3.0")
    prediction = potential.predict([rocksalt])[0]
    step = 0.01

    def energy(frame: Frame) -> float:
        return potential.predict([frame])[0].energy

    moved = np.array(rocksalt.positions)
    moved[2, 1] += step
    up = energy(rocksalt.with_changes(positions=moved))
    moved[2, 1] -= 2 * step
    down = energy(rocksalt.with_changes(positions=moved))
    assert prediction.forces[2, 1] == pytest.approx(-(up - down) / (2 * step), abs=0.02)

    def strained(strain: float) -> Frame:
        stretch = np.eye(3)
        stretch[0, 0] += strain
        return rocksalt.with_changes(positions=rocksalt.positions @ stretch, cell=rocksalt.cell @ stretch)

    slope = (energy(strained(0.003)) - energy(strained(-0.003))) / 0.006 / rocksalt.volume
    assert prediction.stress[0, 0] == pytest.approx(slope, abs=5e-4)
    assert abs(prediction.stress[0, 0]) < 1  # eV/Å^3, not GPa


def test_weights_that_miss_a_layer_are_named(tmp_path):
    weights = loaded("chgnet-0.3.0").weights
    less = {name: tensor for name, tensor in weights.tensors.items() if name != "site_wise.bias"}
    path = tmp_path / "less.pth.tar"
    torch.save({"model": {"state_dict": less, "model_args": dict(weights.arguments)}}, path)
    with pytest.raises(UserFacingError, match=r"less.*do not fit"):
        load_potential(find_card(path), "cpu")


@pytest.mark.parametrize("version", NAMES)
def test_a_frame_without_bond_angles_does_not_depend_on_its_company(version, rocksalt):
    """In 0.2.0 the package itself shifts such a frame when another frame of the batch has angles."""
    wide = frame_of(bulk("Cs", "bcc", a=5.5))
    potential = loaded(f"chgnet-{version}")
    for predict in (potential.predict, potential.predict_with_package):
        alone, together = predict([wide])[0], predict([rocksalt, wide])[1]
        assert together.energy == pytest.approx(alone.energy, abs=1e-5)
        assert np.abs(together.forces - alone.forces).max() < 1e-5


@pytest.mark.parametrize("c", [0.8, 1.25])
@pytest.mark.parametrize("version", NAMES)
def test_the_interaction_scale_survives_the_files_plain_reader(version, c, labelled_frames, tmp_path):
    potential = loaded(f"chgnet-{version}")
    frames = labelled_frames[:4]
    scaled = potential.interaction_scale(c)
    path = tmp_path / "corrected.pth.tar"
    scaled.save(path)
    reopened = CHGNetCalculator(CHGNet.from_file(str(path)), use_device="cpu")
    references = potential.weights.tensors["composition_model.fc.weight"].numpy().ravel().astype(float)
    for frame, before, promised in zip(frames, potential.predict(frames), scaled.predict(frames), strict=True):
        reference = references[frame.numbers - 1].sum()
        expected = reference + c * (before.energy - reference)
        atoms = frame.to_atoms()
        atoms.calc = reopened
        assert promised.energy == pytest.approx(expected, abs=2e-5 * frame.n_atoms)
        assert atoms.get_potential_energy() == pytest.approx(expected, abs=2e-5 * frame.n_atoms)
        assert np.abs(promised.forces - c * before.forces).max() < 1e-4
        assert np.abs(atoms.get_forces() - c * before.forces).max() < 1e-4
        assert np.abs(promised.stress - c * before.stress).max() < 1e-4
        assert np.allclose(promised.magmoms, before.magmoms, atol=1e-6)


def test_scaling_leaves_the_original_alone_and_changes_the_identity(rocksalt, tmp_path):
    potential = loaded("chgnet-0.3.0")
    before = potential.predict([rocksalt])[0].energy
    scaled = potential.interaction_scale(1.2)
    assert potential.predict([rocksalt])[0].energy == before
    assert len({potential.weights_hash, scaled.weights_hash, potential.interaction_scale(1.3).weights_hash}) == 3
    path = tmp_path / "c.pth.tar"
    scaled.save(path)
    again = load_potential(find_card(path), "cpu").predict([rocksalt])[0]
    assert again.energy == pytest.approx(scaled.predict([rocksalt])[0].energy, abs=1e-5)


def test_a_hostile_file_does_not_run(tmp_path):
    """A payload that CHGNet.from_file would run must not, and the refusal says so."""
    proof = tmp_path / "ran"

    class Payload:
        def __reduce__(self):
            return (open, (str(proof), "w"))

    path = tmp_path / "model.pth.tar"
    torch.save({"model": Payload()}, path)
    with pytest.raises(UserFacingError, match="was not opened"):
        load_potential(find_card(path), "cpu")
    assert not proof.exists()


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04 broken zip"])
def test_a_damaged_file_is_named(content, tmp_path):
    path = tmp_path / "broken.pth.tar"
    path.write_bytes(content)
    with pytest.raises(UserFacingError, match="broken"):
        load_potential(find_card(path), "cpu")


@pytest.mark.parametrize(
    "content",
    [
        {"weights": torch.zeros(3)},
        {"model": {"state_dict": {}, "model_args": {}}},
        {"model": {"state_dict": {}, "model_args": {"atom_fea_dim": 10**9}}},
        {"model": {"state_dict": {}, "model_args": {"composition_model": "no such"}}},
    ],
)
def test_another_kind_of_checkpoint_is_named(content, tmp_path):
    path = tmp_path / "strange.pth.tar"
    torch.save(content, path)
    with pytest.raises(UserFacingError, match="strange"):
        load_potential(find_card(path), "cpu")


def test_an_isolated_atom_is_refused_in_plain_words(isolated_atom):
    with pytest.raises(UserFacingError, match="no neighbour within 6 Å"):
        loaded("chgnet-0.3.0").predict([isolated_atom])


@pytest.mark.parametrize(
    ("atoms", "message"),
    [
        (Atoms("AmO", positions=[[0, 0, 0], [2, 0, 0]], cell=np.eye(3) * 4, pbc=True), "element Am"),
        (Atoms("H2", positions=[[0, 0, 0], [0.8, 0, 0]]), "no cell"),
        (Atoms("Cu", cell=[3, 3, 1e-3], pbc=True), "thick"),
        (Atoms("Cu", positions=[[np.nan, 0, 0]], cell=[3, 3, 3], pbc=True), "not a number"),
        (Atoms(cell=[3, 3, 3], pbc=True), "no atoms"),
    ],
)
def test_what_no_crystal_potential_can_take_is_refused_at_once(atoms, message):
    with pytest.raises(UserFacingError, match=message):
        loaded("chgnet-0.3.0").predict([frame_of(atoms)])


def test_atoms_on_top_of_each_other_spoil_no_other_frame(rocksalt):
    potential = loaded("chgnet-0.3.0")
    doubled = np.array(rocksalt.positions)
    doubled[1] = doubled[0]
    good, bad = potential.predict([rocksalt, rocksalt.with_changes(positions=doubled)])
    assert not np.isfinite(bad.forces).all()
    assert np.abs(good.forces - potential.predict([rocksalt])[0].forces).max() < 1e-4


def test_loading_and_predicting_print_nothing(capfd, rocksalt):
    load_potential(find_card("chgnet-0.3.0"), "cpu").predict([rocksalt])
    assert capfd.readouterr().out == ""
