"""The window fits a screen of 1024 x 700 with everything in it that the demo shows: four models and a picked atom."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QScrollBar

from guiapp.ui.selection import Selection

TITLES = ("CHGNet 0.3.0", "DIEP MatPES r2SCAN (stored)", "M3GNet MP-2021.2.8 (stored)", "SevenNet-0 (stored)")


def test_four_models_and_an_atom_fit_a_small_screen(measured, qtbot):
    """No page asks for more than the screen has; a model's title gives way, and the atom's numbers scroll."""
    window = measured
    frame = window.session.structures.frames[0]
    one = window.session.shown_evaluations[0]
    shown = tuple(replace(one, title=title, color_index=k) for k, title in enumerate(TITLES))
    forces = window.viewer
    for tab in ("parity", "compounds", "elements", "summary"):
        window.results.show_tab(tab)
    window.results.set_evaluations(shown, has_frames=True, functional="PBE")
    window.resize(1200, 760)  # under 1440 px the viewer is a tab beside the browser
    window.session.selection.select(Selection(frame.compound, frame.content_hash, 0))
    models = forces.model_forces
    forces.set_model_forces([replace(models[0], title=title) for title in TITLES])
    window.layout_of_docks.bring_viewer_forward()
    for tab in ("parity", "compounds", "elements", "summary"):
        window.results.show_tab(tab)
        window.results.set_evaluations(shown, has_frames=True, functional="PBE")
        qtbot.wait(50)
        least = window.minimumSizeHint()
        assert least.width() <= 1024, (tab, least)
        assert least.height() <= 700, (tab, least)
    window.resize(1024, 700)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == (1024, 700))
    table = forces.table.cell_texts()
    assert [row[0] for row in table][1::2] == [*TITLES, "position (Å)"], "the names are whole, whatever is seen of them"
    assert any(bar.isVisible() for bar in forces.findChildren(QScrollBar)), "what does not fit can be scrolled to"
