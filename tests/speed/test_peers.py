"""The loops that are measured against compute what they claim to, and matcalc's own class is what runs where it is installed."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
from ase.calculators.emt import EMT

from guiapp.frames.frame import Frame
from guiapp.speed.peers import calculator_loop
from guiapp.speed.softening import matcalc_scales, scales_of


def _labelled(n: int) -> list[Frame]:
    """Copper cells whose labels are twice EMT's forces, so that its scale is one half."""
    random = np.random.default_rng(3)
    cell = np.array([[0.0, 1.8, 1.8], [1.8, 0.0, 1.8], [1.8, 1.8, 0.0]]) * 2
    corners = np.array([[0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]]) @ cell
    frames = [
        Frame(np.full(4, 29), corners + random.normal(scale=0.1, size=(4, 3)), cell, compound=f"Cu {k % 2}", name=str(k)) for k in range(n)
    ]
    return [frame.with_changes(forces=2 * one.forces) for frame, one in zip(frames, calculator_loop(frames, EMT()), strict=True)]


def test_the_loop_gives_the_calculators_numbers():
    frame = _labelled(1)[0]
    atoms = frame.to_atoms()
    atoms.calc = EMT()
    told = calculator_loop([frame], EMT())[0]
    assert told.energy == pytest.approx(atoms.get_potential_energy())
    np.testing.assert_allclose(told.forces, frame.forces / 2)
    np.testing.assert_allclose(told.stress, atoms.get_stress(voigt=False))


def test_where_matcalc_is_missing_its_loop_is_written_out(monkeypatch):
    """Without the package the title says so, and the scales are those of the labels."""
    monkeypatch.setitem(sys.modules, "matcalc", None)
    monkeypatch.setitem(sys.modules, "matcalc.benchmark", None)
    title, run = matcalc_scales(_labelled(4), EMT())
    assert "matcalc" in title
    assert "not installed" in title
    assert run() == pytest.approx({"Cu 0": 0.5, "Cu 1": 0.5})


@pytest.mark.slow
def test_matcalcs_own_benchmark_finds_the_same_scales(monkeypatch):
    """Its class reads our frames and fits the same slopes; what it needs for other benchmarks is stood in for."""
    pytest.importorskip("matcalc")
    try:
        import matminer  # noqa: F401
    except ImportError:
        for name in ("matminer", "matminer.featurizers", "matminer.featurizers.site", "matminer.featurizers.structure"):
            monkeypatch.setitem(sys.modules, name, ModuleType(name))
        monkeypatch.setattr(sys.modules["matminer.featurizers.site"], "CrystalNNFingerprint", object, raising=False)
        monkeypatch.setattr(sys.modules["matminer.featurizers.structure"], "SiteStatsFingerprint", object, raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    frames = _labelled(4)
    title, run = matcalc_scales(frames, EMT())
    if "not installed" in title:
        pytest.skip(title)
    assert title == "matcalc's SofteningBenchmark"
    assert run() == pytest.approx(scales_of(frames, calculator_loop(frames, EMT())), abs=1e-6)
