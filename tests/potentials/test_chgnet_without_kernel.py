"""Where the optional kernel is not installed, nothing is said or missed."""

from __future__ import annotations

from crystal_frames import loaded

from guiapp.potentials import chgnet_native
from guiapp.potentials.chgnet_native import choose_native


def test_without_the_kernel_pytorch_computes_and_nothing_is_logged(monkeypatch, caplog):
    """An optional part that is absent is no trouble."""
    weights = loaded("chgnet-0.3.0").weights
    caplog.clear()
    monkeypatch.setattr(chgnet_native, "kernel_is_installed", lambda: False)
    choice = choose_native(weights, "x")
    assert (choice.native, choice.words) == (None, "PyTorch")
    assert not caplog.records


def test_the_flat_path_can_always_be_asked(rocksalt):
    """The referee of the kernel is there with and without it."""
    potential = loaded("chgnet-0.3.0")
    assert abs(potential.predict([rocksalt])[0].energy - potential.predict_with_pytorch([rocksalt])[0].energy) < 1e-5 * rocksalt.n_atoms
