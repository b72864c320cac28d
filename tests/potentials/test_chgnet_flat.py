"""The flat path gives the package's numbers: to rounding in float64, within the package's own noise in float32."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from ase.build import bulk
from crystal_frames import frame_of, loaded
from hypothesis import given, settings
from hypothesis import strategies as st

from guiapp.frames.frame import Frame
from guiapp.potentials.chgnet_bonds import frame_bonds, join_bonds
from guiapp.potentials.chgnet_flat import FlatChgnet, can_be_flat
from guiapp.potentials.chgnet_package import PackageChgnet
from guiapp.potentials.chgnet_potential import ChgnetPotential
from guiapp.potentials.chgnet_weights import ChgnetWeights

NAMES = ("chgnet-0.3.0", "chgnet-0.2.0", "chgnet-r2scan")
# eV/atom, eV/Å, eV/Å^3, Bohr magnetons. Not 1e-12: whatever the model's precision, the package keeps the composition, a constant of the
# angle basis and the unit of stress in float32.
ONE_FUNCTION = (1e-6, 5e-8, 5e-8, 1e-8)


def differences(ours, theirs):
    pairs = list(zip(ours, theirs, strict=True))
    return tuple(
        max(
            np.abs(np.asarray(getattr(a, name)) - np.asarray(getattr(b, name))).max() / (len(a.forces) if name == "energy" else 1)
            for a, b in pairs
        )
        for name in ("energy", "forces", "stress", "magmoms")
    )


@pytest.fixture
def package_in_float64(double_precision):
    """Return a function that predicts on the package's own path in double precision."""
    return lambda name, frames: PackageChgnet(loaded(name).weights, name, "cpu", torch.float64).predict(frames)


@pytest.mark.parametrize("name", NAMES)
def test_in_float64_both_paths_are_one_function(name, labelled_frames, package_in_float64):
    frames = labelled_frames[:16:4]
    flat = FlatChgnet(loaded(name).weights, name, "cpu", torch.float64).predict(frames)
    assert all(np.array(differences(flat, package_in_float64(name, frames))) < ONE_FUNCTION)


@pytest.mark.parametrize("name", NAMES)
def test_the_default_path_agrees_with_the_referee(name, labelled_frames):
    potential = loaded(name)
    frames = labelled_frames[1::5]
    assert all(np.array(differences(potential.predict(frames), potential.predict_with_package(frames))) < [1e-5, 5e-4, 2e-5, 1e-5])


def test_the_default_path_is_no_noisier_than_the_package(labelled_frames, package_in_float64):
    frames = labelled_frames[:12:4]
    exact = package_in_float64("chgnet-0.3.0", frames)
    flat = FlatChgnet(loaded("chgnet-0.3.0").weights, "x", "cpu").predict(frames)
    assert differences(flat, exact)[1] < 2e-4


@pytest.mark.parametrize("name", NAMES)
def test_frames_without_angles_or_with_one_atom_agree_in_any_company(name, rocksalt, package_in_float64):
    frames = [frame_of(bulk("Cs", "bcc", a=5.5)), rocksalt, frame_of(bulk("Cu")), frame_of(bulk("Cs", "bcc", a=5.5).repeat((2, 1, 1)))]
    flat = FlatChgnet(loaded(name).weights, name, "cpu", torch.float64)
    one_by_one = [prediction for frame in frames for prediction in package_in_float64(name, [frame])]
    assert all(np.array(differences(flat.predict(frames), one_by_one)) < ONE_FUNCTION)
    assert all(np.array(differences(flat.predict([frames[0], frames[3]]), [one_by_one[0], one_by_one[3]])) < ONE_FUNCTION)


@pytest.mark.parametrize(
    ("name", "value"), [("non_linearity", "gelu"), ("mlp_first", False), ("gMLP_norm", "batch"), ("conv_norm", "layer")]
)
def test_an_unknown_architecture_does_not_take_the_flat_path(name, value):
    weights = loaded("chgnet-0.3.0").weights
    assert can_be_flat(weights)
    assert not can_be_flat(ChgnetWeights({**weights.arguments, name: value}, weights.tensors))


def test_an_unknown_architecture_is_predicted_by_the_package(rocksalt):
    weights = loaded("chgnet-0.3.0").weights
    other = ChgnetWeights({**weights.arguments, "non_linearity": "tanh"}, weights.tensors)
    potential = ChgnetPotential(other, loaded("chgnet-0.3.0").card, "", "cpu")
    ours, package = potential.predict([rocksalt])[0], PackageChgnet(other, "x", "cpu").predict([rocksalt])[0]
    assert ours.energy == pytest.approx(package.energy, abs=1e-6)
    assert abs(ours.energy - loaded("chgnet-0.3.0").predict([rocksalt])[0].energy) > 0.1


def test_predicting_on_the_flat_path_does_not_import_the_package():
    """Importing chgnet takes as long again as torch; the first result must not wait for it."""
    code = (
        "import sys, numpy as np; from guiapp.frames.frame import Frame; from guiapp.potentials.registry import load_named\n"
        "load_named('chgnet-0.3.0', 'cpu').predict([Frame([29], np.zeros((1, 3)), np.eye(3) * 2.5)])\n"
        "print([m for m in ('chgnet', 'matplotlib', 'pymatgen.core') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]"


def all_bonds(frame: Frame, cutoff: float) -> list[float]:
    """Return all bond lengths, each bond once, by trying every image: an independent, slow search."""
    lengths = []
    for shift in product(range(-4, 5), repeat=3):
        ends = frame.positions + np.array(shift) @ frame.cell
        lengths += list(np.linalg.norm(frame.positions[:, None] - ends[None], axis=2).ravel())
    found = sorted(length for length in lengths if 1e-6 < length < cutoff)
    assert len(found) % 2 == 0
    return found[::2]


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(0, 10**6))
def test_bonds_and_angles_are_those_of_a_slow_search(n_atoms, seed):
    rng = np.random.default_rng(seed)
    cell = np.eye(3) * 3.2 + rng.normal(scale=0.2, size=(3, 3))
    frame = Frame(np.full(n_atoms, 29), rng.random((n_atoms, 3)) @ cell, cell)
    bonds = frame_bonds(frame, 5.0, 3.0, "x")
    np.testing.assert_allclose(np.sort(np.linalg.norm(bonds.vectors, axis=1)), all_bonds(frame, 5.0), atol=1e-8)
    assert bonds.n_short == len(all_bonds(frame, 3.0))
    ends = np.concatenate([bonds.first[: bonds.n_short], bonds.second[: bonds.n_short]])
    per_atom = np.bincount(ends, minlength=n_atoms)
    assert len(bonds.angle_at) == (per_atom * (per_atom - 1)).sum()
    assert (ends[bonds.angle_from] == bonds.angle_at).all()
    assert (ends[bonds.angle_to] == bonds.angle_at).all()
    assert (bonds.angle_from != bonds.angle_to).all()
    assert len(set(zip(bonds.angle_from.tolist(), bonds.angle_to.tolist(), strict=True))) == len(bonds.angle_at)


def test_a_joined_batch_keeps_short_bonds_first_and_every_angle_at_its_atom(rocksalt):
    frames = [rocksalt, frame_of(bulk("Cu")), rocksalt]
    batch = join_bonds(frames, [frame_bonds(frame, 6.0, 3.0, "x") for frame in frames])
    lengths = np.linalg.norm(batch.vectors, axis=1)
    assert (lengths[: batch.n_short] <= 3.0).all()
    assert (lengths[batch.n_short :] > 3.0).all()
    ends = np.concatenate([batch.first[: batch.n_short], batch.second[: batch.n_short]])
    assert (ends[batch.angle_from] == batch.angle_at).all()
    assert (ends[batch.angle_to] == batch.angle_at).all()
    assert (batch.frame_of_atom[batch.first] == batch.frame_of_bond).all()
    assert (batch.frame_of_atom[batch.second] == batch.frame_of_bond).all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_the_gpu_gives_the_numbers_of_the_cpu(labelled_frames):
    from guiapp.potentials.registry import find_card, load_potential

    on_gpu = load_potential(find_card("chgnet-0.3.0"), "cuda").predict(labelled_frames)
    assert all(np.array(differences(on_gpu, loaded("chgnet-0.3.0").predict(labelled_frames))) < [1e-5, 5e-4, 2e-5, 1e-4])
