"""The generator is a folder of scripts, not a package: its modules are found by their folder, as when a script there is run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

GENERATOR = Path(__file__).resolve().parents[2] / "resources" / "reference" / "make"


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the generator's folder, importable during one test."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(GENERATOR))
    yield GENERATOR
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "") or "").startswith(str(GENERATOR)):
            del sys.modules[name]
