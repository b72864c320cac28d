"""The compiled kernel gives the numbers of the flat path in double precision, is refused where it does not, and can be done without."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import ase.io
import numpy as np
import pytest
import torch
from ase.build import bulk
from crystal_frames import frame_of, loaded

from guiapp.benchmarks.relaxation import RelaxationOutcome, relax
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.chgnet_flat import FlatChgnet
from guiapp.potentials.chgnet_native import NativeChgnet, choose_native
from guiapp.potentials.chgnet_potential import ChgnetPotential
from guiapp.potentials.chgnet_weights import ChgnetWeights
from guiapp.potentials.optional_kernel import SWITCH, kernel_state, turn_kernel
from guiapp.potentials.registry import find_card, load_potential

kernel = pytest.importorskip("temper_chgnet_kernel", reason="the optional kernel is not installed (python3 main.py build-kernel)")

NAMES = ("chgnet-0.3.0", "chgnet-0.2.0", "chgnet-r2scan")
LIMITS = (1e-5, 5e-4, 2e-5, 1e-4)
"""eV/atom, eV/Å, eV/Å^3, Bohr magnetons, from float64."""


def differences(ours, exact):
    pairs = list(zip(ours, exact, strict=True))
    return np.array(
        [
            max(
                np.abs(np.asarray(getattr(a, name)) - np.asarray(getattr(b, name))).max() / (len(b.forces) if name == "energy" else 1)
                for a, b in pairs
            )
            for name in ("energy", "forces", "stress", "magmoms")
        ]
    )


def exact(name: str, frames: list[Frame]):
    return FlatChgnet(loaded(name).weights, name, "cpu", torch.float64).predict(frames)


def native(name: str) -> NativeChgnet:
    return NativeChgnet(loaded(name).weights, name)


def with_instructions(name: str, instructions: str) -> NativeChgnet:
    one = native(name)
    weights = loaded(name).weights
    one._network = kernel.Network(weights.arguments, {key: tensor.numpy() for key, tensor in weights.tensors.items()}, instructions)
    return one


def odd_frames() -> list[Frame]:
    """No angles; one atom; straight angles; a tiny, a skewed, a compressed and a nearly empty cell; two atoms with one bond."""
    skewed = bulk("Fe", "bcc", a=3.2).repeat((1, 2, 1))
    skewed.set_cell(skewed.cell.array @ np.array([[1, 0.4, -0.3], [0, 1, 0.5], [0, 0, 0.9]]), scale_atoms=True)
    skewed.rattle(0.1, seed=2)
    compressed = bulk("LiF", "rocksalt", a=3.4, cubic=True)
    compressed.rattle(0.05, seed=3)
    sparse = bulk("Cs", "bcc", a=5.5).repeat((2, 1, 1))
    dimer = bulk("NaCl", "rocksalt", a=9.0)
    dimer.set_positions([[0, 0, 0], [2.5, 0.1, 0]])
    atoms = [bulk("Cs", "bcc", a=5.5), bulk("Cu"), bulk("NaCl", "rocksalt", a=5.6), bulk("Si"), skewed, compressed, sparse, dimer]
    return [frame_of(one, f"odd {k}") for k, one in enumerate(atoms)]


@pytest.mark.parametrize("name", NAMES)
def test_labelled_frames_have_the_numbers_of_double_precision(name, labelled_frames):
    """Shipped compounds and a supercell, every version of the weights, on the fastest code that this processor has."""
    frames = labelled_frames[:: 6 if name == "chgnet-0.3.0" else 12] + labelled_frames[-1:]
    assert (differences(native(name).predict(frames), exact(name, frames)) < LIMITS).all()


@pytest.mark.parametrize("name", NAMES)
def test_odd_cells_agree_in_any_company(name):
    """Alone, all together and backwards: a frame's numbers do not depend on its batch."""
    frames, model = odd_frames(), native(name)
    right = exact(name, frames)
    assert (differences(model.predict(frames), right) < LIMITS).all()
    assert (differences(model.predict(frames[::-1])[::-1], right) < LIMITS).all()
    assert (differences([model.predict([frame])[0] for frame in frames], right) < LIMITS).all()


@pytest.mark.parametrize("instructions", kernel.instruction_sets())
@pytest.mark.parametrize("name", NAMES[:2])
def test_every_kind_of_code_that_runs_here_agrees(name, instructions):
    """With and without layer norms and biases, the slower code included: another processor has nothing else."""
    frames = odd_frames()
    assert (differences(with_instructions(name, instructions).predict(frames), exact(name, frames)) < LIMITS).all()


def test_code_for_other_processors_is_not_offered():
    """What Linux says of this processor decides, and asking for anything else is refused rather than run."""
    facts = Path("/proc/cpuinfo")
    flags = set(facts.read_text(encoding="utf-8").split()) if facts.is_file() and os.uname().machine == "x86_64" else None
    if flags is None:
        pytest.skip("only Linux on x86-64 tells in this way what the processor has")
    wanted = [name for name, needs in (("avx512", "avx512f"), ("avx2", "avx2")) if {needs, "fma"} <= flags]
    assert kernel.instruction_sets() == (*wanted, "plain")
    weights = loaded("chgnet-0.3.0").weights
    tensors = {key: tensor.numpy() for key, tensor in weights.tensors.items()}
    for other in {"avx512", "avx2", "sse9"} - set(wanted):
        with pytest.raises(kernel.KernelError, match=f"has no {other}"):
            kernel.Network(weights.arguments, tensors, other)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_five_hundred_diverse_frames_agree(name, shared_data, shipped_labels):
    """Frames of the public sets and every shipped label."""
    files = sorted(path for path in shared_data.rglob("*.extxyz") if path.stat().st_size < 50e6)
    atoms = ase.io.read(shipped_labels, ":", format="extxyz")
    for path in files:
        found = ase.io.read(path, ":", format="extxyz")
        atoms += found[:: max(1, len(found) // 40)]
    known = [one for one in atoms if 0 < len(one) <= 100 and one.cell.rank == 3 and one.numbers.max() <= 94]
    frames = [frame_of(one) for one in known[:: max(1, len(known) // 500)]][:500]
    model, right = native(name), FlatChgnet(loaded(name).weights, name, "cpu", torch.float64)
    compared = 0
    for frame in frames:
        try:
            wanted = right.predict([frame])
        except UserFacingError:
            continue
        assert (differences(model.predict([frame]), wanted) < LIMITS).all(), frame.name
        compared += 1
    assert compared > 100


def test_forces_and_stress_are_derivatives_of_the_energy():
    """Central differences of the kernel's own energies, in steps that float32 can still tell apart."""
    frame = odd_frames()[4]
    model, random = native("chgnet-0.3.0"), np.random.default_rng(0)
    told = model.predict([frame])[0]
    direction = random.normal(size=frame.positions.shape)
    direction /= np.linalg.norm(direction)
    step = 0.02
    moved = [frame.with_changes(positions=frame.positions + sign * step * direction) for sign in (1, -1, 2, -2)]
    e = [one.energy for one in model.predict(moved)]
    assert -(8 * (e[0] - e[1]) - (e[2] - e[3])) / (12 * step) == pytest.approx((told.forces * direction).sum(), abs=5e-3)
    for i, j in ((0, 0), (1, 2), (0, 1), (2, 2)):
        strain = np.zeros((3, 3))
        strain[i, j] += 0.5
        strain[j, i] += 0.5
        step = 0.004
        factors = [np.eye(3) + sign * step * strain for sign in (1, -1, 2, -2)]
        e = [one.energy for one in model.predict([frame.with_changes(positions=frame.positions @ f, cell=frame.cell @ f) for f in factors])]
        slope = (8 * (e[0] - e[1]) - (e[2] - e[3])) / (12 * step)
        assert slope / frame.volume == pytest.approx((told.stress * strain).sum(), abs=1e-3)


def test_several_models_and_threads_do_not_disturb_each_other():
    """Three models alive at once, four threads on all of them: bit for bit the numbers of one thread."""
    frames = odd_frames()
    models = [native(name) for name in NAMES]
    alone = [model.predict(frames) for model in models]
    found: list[bool] = []

    def work(seed: int) -> None:
        order = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(models)), 2))
        found.extend(bool((differences(models[k].predict(frames), alone[k]) == 0).all()) for k in order)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 24
    assert all(found)


def test_the_interpreter_goes_on_during_a_call():
    """The lock is released: a counter in another thread runs while a large cell is computed."""
    frame, model = frame_of(bulk("Cu").repeat(5)), native("chgnet-0.3.0")
    times: list[float] = []
    stop = threading.Event()

    def tick() -> None:
        import time

        while not stop.wait(0.002):
            times.append(time.perf_counter())

    thread = threading.Thread(target=tick)
    thread.start()
    model.predict([frame])
    stop.set()
    thread.join()
    assert max((b - a for a, b in pairwise(times)), default=1.0) < 0.1


def test_a_model_with_other_weights_gives_other_numbers():
    """Scaled weights through the public protocol: E_ref + c (E - E_ref), forces times c, on the kernel."""
    potential, frame = loaded("chgnet-0.3.0"), odd_frames()[5]
    scaled = potential.interaction_scale(1.25)
    assert scaled.computed_by.startswith("compiled kernel")
    np.testing.assert_allclose(scaled.predict([frame])[0].forces, 1.25 * potential.predict([frame])[0].forces, atol=1e-4)


def test_a_weights_file_takes_the_kernel(tmp_path):
    """What this program wrote and reads again."""
    loaded("chgnet-0.2.0").save(tmp_path / "own.pth.tar")
    own = load_potential(find_card(tmp_path / "own.pth.tar"), "cpu")
    frames = odd_frames()
    assert own.computed_by.startswith("compiled kernel")
    assert (differences(own.predict(frames), exact("chgnet-0.2.0", frames)) < LIMITS).all()


def test_isolated_atoms_are_refused_and_coincident_ones_are_not_a_number(isolated_atom, rocksalt):
    potential = loaded("chgnet-0.3.0")
    assert potential.computed_by.startswith("compiled kernel")
    with pytest.raises(UserFacingError, match="no neighbour within 6 Å"):
        potential.predict([isolated_atom])
    doubled = np.array(rocksalt.positions)
    doubled[1] = doubled[0] + 1e-7
    doubled[3] = doubled[2]
    good, bad = potential.predict([rocksalt, rocksalt.with_changes(positions=doubled)])
    assert not np.isfinite(bad.forces).all()
    assert not np.isfinite(bad.energy)
    assert np.abs(good.forces - potential.predict([rocksalt])[0].forces).max() < 1e-4


def test_batched_relaxation_takes_the_steps_of_the_flat_path(rocksalt):
    """Through the protocol alone: equal steps, equal ends."""
    potential, settings = loaded("chgnet-0.3.0"), RelaxationSettings(fmax=0.05, most_steps=12)
    starts = [rocksalt, odd_frames()[4]]
    ours, flat = relax(starts, settings, potential.predict), relax(starts, settings, potential.predict_with_pytorch)
    for a, b in zip(ours, flat, strict=True):
        assert isinstance(a, RelaxationOutcome)
        assert abs(a.steps - b.steps) <= 1
        assert a.prediction.energy == pytest.approx(b.prediction.energy, abs=1e-4 * a.start.n_atoms)


@pytest.mark.parametrize(
    ("part", "change"),
    [("forces", 1e-3), ("energies", 1e-3), ("virials", 0.01), ("moments", 1e-3), ("forces", np.nan)],
)
def test_a_kernel_with_other_numbers_is_refused(part, change, monkeypatch, caplog):
    """PyTorch computes instead, the card's words and the log say why."""
    right = kernel.Network.evaluate

    def wrong(self, **arguments):
        answer = right(self, **arguments)
        getattr(answer, part)[...] += change
        return answer

    monkeypatch.setattr(kernel.Network, "evaluate", wrong)
    one = loaded("chgnet-0.3.0")
    refused = ChgnetPotential(one.weights, one.card, one.weights_hash, "cpu")
    assert refused._native is None
    assert "is not used: its" in refused.computed_by
    assert "is not used" in caplog.text
    frames = odd_frames()[:2]
    assert (differences(refused.predict(frames), exact("chgnet-0.3.0", frames)) < LIMITS).all()


@pytest.mark.parametrize("trouble", ["version", "crash", "width"])
def test_a_kernel_that_cannot_serve_is_refused_in_words(trouble, monkeypatch):
    """Built for another version of the program; a library that does not load; a network of another width."""
    weights = loaded("chgnet-0.3.0").weights
    if trouble == "version":
        monkeypatch.setattr(kernel, "INTERFACE", 0)
    elif trouble == "crash":
        monkeypatch.setattr(kernel.Network, "__init__", lambda *_: (_ for _ in ()).throw(OSError("cannot open shared object")))
    else:
        wide = {**weights.tensors, "site_wise.weight": torch.zeros(1, 65)}
        weights = ChgnetWeights(weights.arguments, wide)
    choice = choose_native(weights, "x")
    assert choice.native is None
    assert {"version": "build-kernel", "crash": "cannot open", "width": "site_wise.weight has the shape"}[trouble] in choice.words


@pytest.mark.parametrize("word", ["off", "0", "No"])
def test_the_switch_turns_it_off(word, monkeypatch):
    monkeypatch.setenv(SWITCH, word)
    choice = choose_native(loaded("chgnet-0.3.0").weights, "x")
    assert choice.native is None
    assert "turned off" in choice.words


@pytest.mark.parametrize(
    ("field", "value"), [("first", 99), ("second", -1), ("numbers", 95), ("numbers", 0), ("frame_of_atom", 1), ("n_short", 9)]
)
def test_what_is_out_of_range_is_refused_and_does_not_crash(field, value):
    """The compiled code trusts no index."""
    inputs = {
        "numbers": np.array([29, 29]),
        "frame_of_atom": np.zeros(2, int),
        "first": np.array([0]),
        "second": np.array([1]),
        "vectors": np.array([[2.5, 0, 0]]),
        "n_short": 1,
        "n_frames": 1,
    }
    network = native("chgnet-0.3.0")._network
    assert np.isfinite(network.evaluate(**inputs).energies).all()
    changed = value if field.startswith("n_") else np.full_like(inputs[field], value)
    with pytest.raises(kernel.KernelError, match="out of range"):
        network.evaluate(**{**inputs, field: changed})


def test_a_model_computes_the_same_with_the_kernel_turned_off():
    """A fresh process with the switch: same numbers within the limits, and another way to them."""
    code = (
        "import sys; sys.path.insert(0, 'tests/potentials')\n"
        "from test_chgnet_native import odd_frames, loaded\n"
        "p = loaded('chgnet-0.3.0'); print(p.computed_by); print([float(x.energy) for x in p.predict(odd_frames()[:3])])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        env={**os.environ, SWITCH: "off", "PYTHONPATH": os.pathsep.join([str(root), *sys.path])},
    )
    words, energies = done.stdout.splitlines()
    assert "turned off" in words
    frames = odd_frames()[:3]
    ours = [one.energy / frame.n_atoms for one, frame in zip(loaded("chgnet-0.3.0").predict(frames), frames, strict=True)]
    theirs = [float(x) / frame.n_atoms for x, frame in zip(energies.strip("[]").split(","), frames, strict=True)]
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_loaded_model_notices_that_the_switch_was_turned(tmp_path, monkeypatch):
    """Turned off: outdated, and loaded again it is PyTorch's; turned on again: the kernel's, with the check kept for the window."""
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("TEMPER_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv(SWITCH, raising=False)
    one = loaded("chgnet-0.3.0")
    with_kernel = ChgnetPotential(one.weights, one.card, one.weights_hash, "cpu")
    assert kernel_state().check.instructions == with_kernel._native.instructions
    assert not with_kernel.is_outdated
    turn_kernel(on=False)
    assert with_kernel.is_outdated
    without = ChgnetPotential(one.weights, one.card, one.weights_hash, "cpu")
    assert "turned off in the settings" in without.computed_by
    assert not without.uses_kernel
    assert not without.is_outdated
    turn_kernel(on=True)
    assert without.is_outdated
    assert not with_kernel.is_outdated
