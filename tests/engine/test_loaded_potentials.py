"""What a worker keeps loaded: a model stays until the user changes how it would be loaded."""

from __future__ import annotations

import sys
from types import SimpleNamespace

from guiapp.engine.loaded_potentials import LoadedPotentials
from guiapp.engine.model_source import ModelSource

SOURCE = ModelSource(f"{__name__}:load", "model", "cpu", "Model", "hash")
loads: list[SimpleNamespace] = []


def load(_model: str, _device: str) -> SimpleNamespace:
    loads.append(SimpleNamespace(weights_hash="hash", is_outdated=False))
    return loads[-1]


def test_an_outdated_model_is_loaded_again_and_any_other_stays(monkeypatch):
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    loads.clear()
    told: list[str] = []
    kept = LoadedPotentials()
    first = kept.get(SOURCE, told.append)
    assert kept.get(SOURCE, told.append) is first
    loads[0].is_outdated = True
    second = kept.get(SOURCE, told.append)
    assert second is not first
    assert kept.get(SOURCE, told.append) is second
    assert told == ["loading Model"] * 2
