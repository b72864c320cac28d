"""The switch of the compiled kernel in the benchmark panel: what it says in each state, and that a click is kept in the settings."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from guiapp.potentials import optional_kernel
from guiapp.potentials.optional_kernel import KernelCheck, KernelState, kernel_is_turned_off
from guiapp.ui.benchmark.kernel_switch import KernelSwitch
from guiapp.ui.theme import LIGHT

CHECK = KernelCheck("CHGNet 0.3.0", "avx2", "", "2026-11-25T10:00:00+00:00")


@pytest.fixture
def switch(qtbot):
    widget = KernelSwitch(LIGHT)
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.mark.parametrize(
    ("state", "ticked", "possible", "words"),
    [
        (KernelState(installed=False, wanted=True, by_variable=False), False, False, "build-kernel"),
        (KernelState(installed=True, wanted=True, by_variable=False), True, True, "loaded next"),
        (KernelState(installed=True, wanted=True, by_variable=False, check=CHECK), True, True, "(avx2), which agreed with PyTorch"),
        (KernelState(installed=True, wanted=False, by_variable=False, check=CHECK), False, True, "turned off in the settings"),
        (KernelState(installed=True, wanted=False, by_variable=True, check=CHECK), False, False, "TEMPER_CHGNET_KERNEL"),
    ],
)
def test_each_state_says_what_computes_and_what_can_be_switched(switch, state, ticked, possible, words):
    switch.show_state(state)
    assert (switch.box.isChecked(), switch.box.isEnabled()) == (ticked, possible)
    assert words in switch.words.text()


def test_a_click_is_kept_and_shown(window, qtbot, monkeypatch, tmp_path):
    """In the real window: opened, clicked off, found off when it is opened again; no model is loaded for it."""
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv(optional_kernel.SWITCH, raising=False)
    monkeypatch.setattr(optional_kernel, "kernel_is_installed", lambda: True)
    switch = window.setup.kernel
    window.show_benchmark_setup()
    qtbot.waitUntil(switch.box.isEnabled)
    assert switch.box.isChecked()
    qtbot.mouseClick(switch.box, Qt.MouseButton.LeftButton, pos=switch.box.rect().center() / 4)
    qtbot.waitUntil(lambda: "turned off in the settings" in switch.words.text())
    assert kernel_is_turned_off()
    window.setup.reject()
    window.show_benchmark_setup()
    qtbot.waitUntil(lambda: not switch.box.isChecked())
    switch.box.click()
    qtbot.waitUntil(lambda: not kernel_is_turned_off())


def test_a_wish_that_cannot_be_kept_is_told_and_not_shown(window, qtbot, monkeypatch, tmp_path):
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv(optional_kernel.SWITCH, raising=False)
    monkeypatch.setattr(optional_kernel, "kernel_is_installed", lambda: True)
    (tmp_path / "config" / "speed.json").mkdir(parents=True)  # a folder where the file should be
    window.show_benchmark_setup()
    qtbot.waitUntil(window.setup.kernel.box.isEnabled)
    window.setup.kernel.box.click()
    qtbot.waitUntil(window.message_bar.isVisible)
    qtbot.waitUntil(window.setup.kernel.box.isChecked)
