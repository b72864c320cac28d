"""The switch of the compiled kernel and what is told of it: settings, variable, the check of a build; no kernel is needed here."""

from __future__ import annotations

import importlib.machinery

import pytest

from guiapp.potentials import optional_kernel
from guiapp.potentials.optional_kernel import SWITCH, kernel_is_turned_off, kernel_state, remember_check, turn_kernel


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("TEMPER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv(SWITCH, raising=False)


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A package whose library can be rebuilt."""
    folder = tmp_path / "kernel"
    folder.mkdir()
    file = folder / "_native.so"
    file.write_bytes(b"first build")
    spec = importlib.machinery.ModuleSpec(optional_kernel.PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr(optional_kernel.importlib.util, "find_spec", lambda name: spec if name == optional_kernel.PACKAGE else None)
    return file


def test_the_wish_is_kept_and_the_variable_goes_before_it(tmp_path, monkeypatch):
    """On without any setting; a damaged file keeps nothing from loading."""
    assert not kernel_is_turned_off()
    turn_kernel(on=False)
    assert kernel_is_turned_off()
    monkeypatch.setenv(SWITCH, "on")
    assert not kernel_is_turned_off()
    turn_kernel(on=True)
    monkeypatch.setenv(SWITCH, "off")
    assert kernel_is_turned_off()
    monkeypatch.setenv(SWITCH, "")
    (tmp_path / "config" / "speed.json").write_bytes(b"\xff{")
    assert not kernel_is_turned_off()
    turn_kernel(on=False)
    assert kernel_is_turned_off()


def test_where_it_is_missing_the_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(optional_kernel.importlib.util, "find_spec", lambda _name: None)
    state = kernel_state()
    assert not state.installed
    assert "python3 main.py build-kernel" in state.sentence
    monkeypatch.setattr(optional_kernel.sys, "frozen", True, raising=False)
    assert "main.py" not in state.sentence  # a packed program has none


def test_what_a_worker_found_is_told_until_the_kernel_is_built_anew(library, monkeypatch):
    """Agreement with the instructions and the model, a refusal with its reason, and neither of an older build."""
    assert "loaded next" in kernel_state().sentence
    remember_check("CHGNet 0.3.0", "avx2", "")
    assert "compiled kernel (avx2), which agreed with PyTorch when CHGNet 0.3.0 was loaded on 20" in kernel_state().sentence
    remember_check("mine", "avx2", "its forces differ by 1.0e-02 eV/Å")
    assert "was not used when mine was loaded" in kernel_state().sentence
    assert kernel_state().sentence.endswith("so PyTorch computed: its forces differ by 1.0e-02 eV/Å.")
    turn_kernel(on=False)
    assert "turned off in the settings" in kernel_state().sentence
    monkeypatch.setenv(SWITCH, "off")
    assert f"turned off by {SWITCH}" in kernel_state().sentence
    monkeypatch.setenv(SWITCH, "on")
    library.write_bytes(b"another, larger build")
    assert kernel_state().check is None


def test_the_same_check_is_written_once_a_day(library, tmp_path):
    """A correction loads dozens of copies of a model."""
    remember_check("CHGNet 0.3.0", "avx2", "")
    file = tmp_path / "cache" / "chgnet-kernel-check.json"
    first = file.stat().st_mtime_ns, file.stat().st_ino
    remember_check("CHGNet 0.3.0", "avx2", "")
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == first
    remember_check("CHGNet 0.3.0", "plain", "")
    assert kernel_state().check.instructions == "plain"


def test_a_check_that_cannot_be_kept_stops_nothing(library, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    remember_check("CHGNet 0.3.0", "avx2", "")
    assert kernel_state().check is None
