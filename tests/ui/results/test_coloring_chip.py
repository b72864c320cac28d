"""The chip tells what colours mean: it never claims compounds while several models are told apart by colour."""

from __future__ import annotations

from window_steps import settled

from guiapp.ui.results.coloring_chip import ColoringChip


def test_the_chip_follows_the_number_of_models(qtbot):
    chip = ColoringChip()
    qtbot.addWidget(chip)
    assert chip.text() == "colour by compound"
    with qtbot.waitSignal(chip.chosen) as told:
        chip.menu().actions()[1].trigger()
    assert told.args == ["element"]
    chip.set_several(True)
    assert (chip.text(), chip.isEnabled()) == ("coloured by model", False)
    chip.set_several(False)
    assert (chip.text(), chip.isEnabled()) == ("colour by element", True), "what was chosen is not forgotten"


def test_two_models_in_the_window(measured, qtbot):
    measured.results.show_tab("parity")
    assert measured.results.coloring.isEnabled()
    measured.session.run(["chgnet-0.2.0"], measured.session.structures.frames)
    qtbot.waitUntil(lambda: len(measured.session.shown_evaluations) == 2 and settled(measured))
    assert measured.results.coloring.text() == "coloured by model"
