"""The panel shows a frame, its forces and the picked atom in words and numbers, and exports what it shows."""

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QFileDialog

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Flag, Frame
from guiapp.ui.theme import DARK, LIGHT, apply_theme
from guiapp.ui.viewer.panel import ModelForces, ViewerPanel

BLUE = QColor("#0072B2")


def frame_of(atoms: Atoms, **options) -> Frame:
    return Frame(atoms.numbers, atoms.positions, atoms.cell.array, tuple(bool(p) for p in atoms.pbc), **options)


@pytest.fixture
def frame() -> Frame:
    atoms = bulk("GaAs", "zincblende", a=5.65, cubic=True)
    atoms.rattle(0.1, seed=1)
    forces = np.random.default_rng(2).normal(size=(8, 3))
    forces[5] = [-1.9, 2.2, -0.001]
    return frame_of(atoms, forces=forces, name="frame 2", compound="GaAs", info={"kind": "md1000K", "strain": 0.03})


@pytest.fixture
def panel(qtbot, qapp, frame):
    apply_theme(qapp, LIGHT)
    widget = ViewerPanel()
    qtbot.addWidget(widget)
    widget.resize(350, 800)
    widget.show()
    widget.set_frame(frame)
    yield widget
    qapp.setStyleSheet("")


def rows(panel: ViewerPanel) -> dict[str, list[str]]:
    return {cells[0]: cells[1:] for cells in panel.table.cell_texts()}


def test_empty_panel_says_what_to_do(qtbot):
    """Without a frame the panel asks for one and stays usable."""
    panel = ViewerPanel()
    qtbot.addWidget(panel)
    panel.show()
    page = panel._stack.currentWidget()
    assert "Choose a structure in the browser" in page.findChild(type(panel.title)).text()
    panel.select_atom(3)
    panel.set_model_forces([])
    panel.set_palette(DARK)
    panel.grab()


def test_title_has_subscripts_temperature_and_strain(panel):
    """The title names compound, frame and conditions, with real subscripts and plus sign."""
    assert panel.title.text() == "GaAs · frame 2 · 1000 K · +3 %"
    atoms = bulk("MgO", "rocksalt", a=4.2)
    atoms.numbers[:] = [6, 8]
    panel.set_frame(frame_of(atoms, compound="mp-1234", name="1"))
    assert panel.title.text() == "CO · mp-1234 · 1"
    panel.set_frame(frame_of(Atoms("Al2O3", positions=np.eye(5, 3) * 3), compound="Al2O3", name="frame 3", info={"strain": -0.03}))
    assert panel.title.text() == "Al₂O₃ · frame 3 · −3 %"


def test_table_shows_dft_model_and_difference_of_the_picked_atom(panel, frame):
    """Numbers have two decimals, a real minus sign, no minus zero; the difference is model minus DFT and |F| its length."""
    model = 0.5 * frame.forces
    panel.set_model_forces([ModelForces("CHGNet 0.3.0", BLUE, model)])
    panel.select_atom(5)
    assert panel.table.heading.text() == "Atom 6 · As" == f"Atom 6 · {frame.symbols[5]}"
    table = rows(panel)
    assert table["DFT"] == ["−1.90", "2.20", "0.00", "2.91"]
    assert table["CHGNet 0.3.0"] == ["−0.95", "1.10", "0.00", "1.45"]
    assert table["difference"] == ["0.95", "−1.10", "0.00", "1.45"]
    x = frame.positions[5, 0]
    assert table["position (Å)"][0] == f"{x:.3f}".replace("-", "−")
    assert "Atom 6" in panel.table.accessibleDescription()


def test_a_click_fills_the_table_and_tells_the_window(qtbot, panel):
    """A pick in the picture reaches table and signal; Esc empties it; the height does not change."""
    height = panel.table.height()
    canvas = panel.canvas
    seen = canvas.camera.project(canvas.view.scene.positions, canvas.width(), canvas.height())
    front = int(seen[:, 2].argmax())
    with qtbot.waitSignal(panel.atom_picked) as picked:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.atom_position(front).toPoint())
    atom = int(canvas.view.scene.owner[front])
    assert picked.args == [atom]
    assert panel.table.heading.text().startswith(f"Atom {atom + 1} ·")
    assert panel.table.height() == height
    with qtbot.waitSignal(panel.atom_picked) as picked:
        qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert picked.args == [-1]
    assert rows(panel)["DFT"] == ["–"] * 4


def test_selecting_from_elsewhere_sends_no_signal(qtbot, panel):
    """One direction: the window's selection is shown, not sent back; an impossible index is none."""
    with qtbot.assertNotEmitted(panel.atom_picked):
        panel.select_atom(3)
        assert panel.canvas.view.picked == 3
        panel.select_atom(99)
    assert panel.canvas.view.picked is None


def test_legend_says_what_is_missing(panel, frame):
    """Without DFT forces there is nothing to compare; a model that has not run says so."""
    panel.set_model_forces([ModelForces("CHGNet 0.3.0", BLUE, None)])
    assert "not yet predicted by CHGNet 0.3.0" in panel.legend.text()
    assert not panel.controls.differences.isEnabled()
    panel.set_model_forces([ModelForces("CHGNet 0.3.0", BLUE, frame.forces)])
    assert BLUE.name() in panel.legend.text()
    assert panel.controls.differences.isEnabled()
    panel.set_frame(frame.with_changes(forces=None))
    assert "no DFT forces: nothing to compare" in panel.legend.text()
    assert not panel.canvas.view.arrows
    panel.set_model_forces([ModelForces("CHGNet 0.3.0", BLUE, np.ones((8, 3)))])
    assert "difference" not in rows(panel)
    assert len(panel.canvas.view.arrows) == 1


def test_odd_forces_are_shown_as_far_as_they_go(panel, frame):
    """Forces of another number of atoms count as none; those that are not numbers leave a dash and no arrow."""
    panel.set_frame(frame.with_changes(forces=frame.forces[:5]))
    panel.select_atom(7)
    assert "nothing to compare" in panel.legend.text()
    assert rows(panel)["DFT"] == ["–"] * 4
    forces = frame.forces.copy()
    forces[7, 0] = np.nan
    panel.set_frame(frame.with_changes(forces=forces))
    assert rows(panel)["DFT"][0] == "–"
    assert np.isfinite(panel.canvas.view.arrow_length)
    panel.grab()


def test_forces_of_another_structure_are_a_bug(panel):
    """Forces for another number of atoms are refused, not drawn on the wrong atoms."""
    with pytest.raises(ValueError, match="8 atoms"):
        panel.set_model_forces([ModelForces("CHGNet", BLUE, np.zeros((7, 3)))])


def test_flags_are_shown_with_their_advice(panel, frame):
    """Message and advice stand above the picture and are escaped."""
    panel.set_frame(frame.with_changes(flags=(Flag("net-force", "Forces add up to <1 eV/Å.", "Check the grid.", excludes=False),)))
    assert panel.warning.isVisible()
    assert "&lt;1 eV/Å" in panel.warning.text()
    assert "Check the grid." in panel.warning.text()
    panel.set_frame(frame)
    assert not panel.warning.isVisible()


def test_net_force_is_shown(panel, frame):
    """The sum of all forces, its length in eV/Å."""
    total = np.linalg.norm(frame.forces.sum(axis=0))
    assert panel.net_force.text() == f"Net force: DFT {total:.3f} eV/Å"


def test_frames_of_one_compound_keep_view_and_atom(panel, frame):
    """Stepping keeps direction, magnification and atom; another compound is fitted afresh."""
    panel.canvas.set_camera(panel.canvas.camera.turned(30, 10).zoomed(2, 10, 10, 300, 300))
    panel.select_atom(4)
    before = panel.canvas.camera
    panel.set_frame(frame.with_changes(positions=frame.positions + 0.05, name="frame 3"))
    np.testing.assert_allclose(panel.canvas.camera.rotation, before.rotation)
    assert panel.canvas.camera.half_extent == before.half_extent
    assert panel.canvas.view.picked == 4
    panel.set_frame(frame_of(bulk("Cu"), compound="Cu"))
    assert panel.canvas.camera.half_extent != before.half_extent
    assert panel.canvas.view.picked is None


def test_buttons_do_what_they_say(qtbot, panel, frame):
    """Images, bonds, differences, forces, arrow length, repeated cells and perspective change the view."""
    panel.set_model_forces([ModelForces("CHGNet", BLUE, frame.forces)])
    canvas, controls = panel.canvas, panel.controls
    with_images = canvas.view.scene.n_drawn
    qtbot.mouseClick(controls.images, Qt.MouseButton.LeftButton)
    assert canvas.view.scene.n_drawn == frame.n_atoms < with_images
    qtbot.mouseClick(controls.bonds, Qt.MouseButton.LeftButton)
    assert not canvas.view.show_bonds
    qtbot.mouseClick(controls.differences, Qt.MouseButton.LeftButton)
    assert canvas.view.show_differences
    length = canvas.view.arrow_length
    qtbot.mouseClick(controls.longer, Qt.MouseButton.LeftButton)
    assert canvas.view.arrow_length > length
    qtbot.mouseClick(controls.shorter, Qt.MouseButton.LeftButton)
    assert canvas.view.arrow_length == length
    qtbot.mouseClick(controls.forces, Qt.MouseButton.LeftButton)
    assert not canvas.view.arrows
    controls.repeat_actions[1].trigger()
    assert canvas.view.scene.n_drawn == 8 * frame.n_atoms
    controls.perspective.trigger()
    assert canvas.camera.perspective
    qtbot.mouseClick(controls.axes[1], Qt.MouseButton.LeftButton)
    np.testing.assert_allclose(canvas.camera.rotation[2], [0, 1, 0], atol=1e-12)
    qtbot.mouseClick(controls.fit, Qt.MouseButton.LeftButton)
    panel.grab()


def test_steps_and_play_reach_the_window(qtbot, panel):
    """Arrow keys and Space on the picture are the window's business."""
    with qtbot.waitSignal(panel.step_requested) as stepped:
        qtbot.keyClick(panel.canvas, Qt.Key.Key_Right)
    assert stepped.args == [1]
    with qtbot.waitSignal(panel.play_toggled):
        qtbot.keyClick(panel.canvas, Qt.Key.Key_Space)


def test_everything_has_a_name_and_a_tooltip(panel):
    """Whoever cannot see or does not know a button can ask it; all can be reached by Tab."""
    for button in panel.findChildren(QAbstractButton):
        assert button.accessibleName(), button.text()
        assert button.toolTip(), button.text()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus, button.text()
    assert panel.canvas.accessibleName() == "Structure of GaAs · frame 2 · 1000 K · +3 %"
    assert "Net force" in panel.net_force.toolTip()
    assert "Force arrow" in panel.legend.toolTip()


def test_nothing_is_cut_off_in_a_narrow_dock(panel):
    """At the dock's 350 pixels every button lies inside the panel and none overlaps another."""
    QGuiApplication.processEvents()
    assert panel.width() == 350
    boxes = []
    for button in panel.findChildren(QAbstractButton):
        box = button.rect().translated(button.mapTo(panel, QPoint(0, 0)))
        assert panel.rect().contains(box), button.text()
        assert button.width() >= button.minimumSizeHint().width(), button.text()
        assert not any(box.intersects(other) for other in boxes), button.text()
        boxes.append(box)


@pytest.mark.parametrize("palette", [LIGHT, DARK, None], ids=["light", "dark", "as on screen"])
def test_svg_and_pdf_are_vector_drawings(panel, frame, tmp_path: Path, palette):
    """The SVG holds one gradient sphere an atom, strokes and text, and no pixels; so does the PDF."""
    panel.set_model_forces([ModelForces("CHGNet", BLUE, 0.8 * frame.forces)])
    panel.export(tmp_path / "view.svg", palette=palette)
    svg = (tmp_path / "view.svg").read_text(encoding="utf-8")
    assert svg.count("<radialGradient") >= panel.canvas.view.scene.n_drawn
    assert svg.count("<circle") + svg.count("<ellipse") >= panel.canvas.view.scene.n_drawn
    assert svg.count("<polyline") + svg.count("<line") >= 12
    assert "eV/Å" in svg
    assert "<image" not in svg
    assert BLUE.name() in svg.lower()
    panel.export(tmp_path / "view.pdf", palette=palette)
    pdf = (tmp_path / "view.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert b"%%EOF" in pdf[-32:]
    assert b"/ShadingType 3" in pdf
    assert b"/Subtype /Image" not in pdf
    assert panel.canvas.colors is LIGHT


def test_png_has_the_size_asked_for(panel, tmp_path: Path):
    """Scale 2 doubles the pixels; the picture is not blank."""
    from PySide6.QtGui import QImage

    panel.export(tmp_path / "one.png", scale=1)
    panel.export(tmp_path / "two.png", scale=2)
    one, two = QImage(str(tmp_path / "one.png")), QImage(str(tmp_path / "two.png"))
    assert one.size() == panel.canvas.size()
    assert two.size() == 2 * panel.canvas.size()
    colors = {two.pixel(x, y) for x in range(0, two.width(), 7) for y in range(0, two.height(), 7)}
    assert len(colors) > 30


def test_csv_holds_atoms_and_forces(panel, frame, tmp_path: Path):
    """One row an atom, in full precision."""
    panel.export(tmp_path / "atoms.csv")
    lines = (tmp_path / "atoms.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].split(",")[:6] == ["atom", "element", "x (Å)", "y (Å)", "z (Å)", "DFT Fx (eV/Å)"]
    assert len(lines) == 1 + frame.n_atoms
    assert [float(v) for v in lines[6].split(",")[5:]] == frame.forces[5].tolist()


@pytest.mark.parametrize(("name", "scale"), [("view.bmp", 3), ("missing/view.png", 3), ("missing/view.png", 2), ("missing/view.svg", 3)])
def test_export_that_cannot_work_says_why(panel, tmp_path: Path, name, scale):
    """An unknown ending and a missing folder give a message with advice."""
    with pytest.raises(UserFacingError) as error:
        panel.export(tmp_path / name, scale=scale)
    assert error.value.advice


def test_export_dialog_adds_the_ending_and_reports(qtbot, panel, tmp_path: Path, monkeypatch):
    """The chosen kind of file decides where no ending was typed; failures become a signal."""
    answers = iter([(str(tmp_path / "figure"), "SVG drawing (*.svg)"), (str(tmp_path / "no" / "f.png"), "PNG picture (*.png)"), ("", "")])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: next(answers))
    with qtbot.waitSignal(panel.exported) as exported:
        panel.export_dialog()
    assert exported.args == [tmp_path / "figure.svg"]
    assert (tmp_path / "figure.svg").stat().st_size > 1000
    with qtbot.waitSignal(panel.export_failed):
        panel.export_dialog()
    with qtbot.assertNotEmitted(panel.exported):
        panel.export_dialog()


def test_clipboard_takes_picture_and_numbers(panel):
    """A slide gets the picture, a text editor the table."""
    panel.copy_to_clipboard()
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert "DFT Fx" in data.text()


def test_shipped_labels_can_all_be_shown(qtbot, shipped_labels):
    """Every frame that the program ships is drawn, in both themes."""
    from guiapp.frames.reading.read import read_frames

    panel = ViewerPanel(DARK)
    qtbot.addWidget(panel)
    panel.resize(350, 800)
    panel.show()
    for frame in read_frames([shipped_labels]).sets[0].frames[::4]:
        panel.set_frame(frame)
        panel.set_model_forces([ModelForces("half", BLUE, 0.5 * frame.forces)])
        panel.select_atom(0)
        assert not panel.grab().isNull()
