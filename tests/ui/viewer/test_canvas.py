"""Real mouse and keyboard input on the canvas does what it should."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip

from guiapp.ui.theme import DARK, LIGHT
from guiapp.ui.viewer.arrows import ForceArrows
from guiapp.ui.viewer.canvas import MANY_ATOMS, StructureCanvas
from guiapp.ui.viewer.scene import build_scene

LEFT, MIDDLE, SHIFT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.ShiftModifier


def zincblende() -> Atoms:
    atoms = bulk("GaAs", "zincblende", a=5.65, cubic=True)
    atoms.rattle(0.15, seed=3)
    return atoms


def show(canvas: StructureCanvas, atoms: Atoms, **options) -> None:
    scene = build_scene(atoms.numbers, atoms.positions, atoms.cell.array, tuple(atoms.pbc), **options)
    canvas.set_scene(scene, tuple(atoms.pbc), keep_view=False)


@pytest.fixture
def canvas(qtbot):
    widget = StructureCanvas()
    qtbot.addWidget(widget)
    widget.resize(420, 360)
    show(widget, zincblende(), images=False)
    widget.show()
    return widget


def pixel(canvas: StructureCanvas, atom: int) -> QPoint:
    return canvas.atom_position(atom).toPoint()


def frontmost(canvas: StructureCanvas) -> list[int]:
    """Return atoms whose centre no other atom covers, by comparing discs on the screen."""
    scene = canvas.view.scene
    seen = canvas.camera.project(scene.positions, canvas.width(), canvas.height())
    found = []
    for k in range(scene.n_drawn):
        gap = np.hypot(*(seen[:, :2] - seen[k, :2]).T)
        if not ((gap < scene.radii * seen[:, 3] + 2) & (seen[:, 2] > seen[k, 2])).any():
            found.append(k)
    return found


def test_click_picks_the_atom_under_the_pointer(qtbot, canvas):
    """Each atom that is in front is picked at its pixel, in any orientation."""
    for camera in (canvas.camera, canvas.camera.turned(50, 20), canvas.camera.with_perspective(on=True)):
        canvas.set_camera(camera)
        atoms = frontmost(canvas)
        assert len(atoms) >= 4
        for atom in atoms:
            with qtbot.waitSignal(canvas.atom_picked) as picked:
                qtbot.mouseClick(canvas, LEFT, pos=pixel(canvas, atom))
            assert picked.args == [atom]
            assert canvas.view.picked == atom


def test_click_beside_everything_clears_the_pick(qtbot, canvas):
    """A click on empty space says -1."""
    canvas.select_atom(2)
    with qtbot.waitSignal(canvas.atom_picked) as picked:
        qtbot.mouseClick(canvas, LEFT, pos=QPoint(3, 3))
    assert picked.args == [-1]
    assert canvas.view.picked is None


def test_click_on_a_copy_picks_the_atom_it_shows(qtbot, canvas):
    """A periodic copy stands for its atom."""
    show(canvas, bulk("CsCl", "cesiumchloride", a=4.1), images=True)
    copy = max(k for k in frontmost(canvas) if canvas.view.scene.is_copy[k])
    with qtbot.waitSignal(canvas.atom_picked) as picked:
        qtbot.mouseClick(canvas, LEFT, pos=pixel(canvas, copy))
    assert picked.args == [int(canvas.view.scene.owner[copy])]


def test_shift_click_measures_distance_and_angle(qtbot, canvas):
    """Two atoms give ase's distance, the third the angle, a fourth begins anew; nearest images on demand."""
    atoms = zincblende()
    one, two, three, four = frontmost(canvas)[:4]
    qtbot.mouseClick(canvas, LEFT, SHIFT, pos=pixel(canvas, one))
    assert canvas.view.measurement is None
    with qtbot.waitSignal(canvas.measured) as measured:
        qtbot.mouseClick(canvas, LEFT, SHIFT, pos=pixel(canvas, two))
    assert measured.args == [f"{atoms.get_distance(one, two):.3f} Å"]
    assert canvas.view.measurement.value == pytest.approx(atoms.get_distance(one, two))
    canvas.set_nearest_image(on=True)
    assert canvas.view.measurement.value == pytest.approx(atoms.get_distance(one, two, mic=True))
    qtbot.mouseClick(canvas, LEFT, SHIFT, pos=pixel(canvas, three))
    assert canvas.view.measurement.value == pytest.approx(atoms.get_angle(one, two, three, mic=True))
    canvas.set_nearest_image(on=False)
    assert canvas.view.measurement.value == pytest.approx(atoms.get_angle(one, two, three))
    canvas.grab()
    qtbot.mouseClick(canvas, LEFT, SHIFT, pos=pixel(canvas, four))
    assert canvas.view.chosen == (four,)
    assert canvas.view.measurement is None
    qtbot.mouseClick(canvas, LEFT, SHIFT, pos=pixel(canvas, four))
    assert canvas.view.chosen == ()


def test_measurement_by_keyboard_and_escape(qtbot, canvas):
    """N walks through the atoms, M measures, Esc clears first the measurement, then the pick, then is the window's."""
    qtbot.keyClick(canvas, Qt.Key.Key_N)
    qtbot.keyClick(canvas, Qt.Key.Key_M)
    qtbot.keyClick(canvas, Qt.Key.Key_N)
    qtbot.keyClick(canvas, Qt.Key.Key_M)
    assert canvas.view.picked == 1
    assert canvas.view.measurement.value == pytest.approx(np.linalg.norm(np.subtract(*canvas.view.scene.positions[:2])))
    qtbot.keyClick(canvas, Qt.Key.Key_P)
    qtbot.keyClick(canvas, Qt.Key.Key_P)
    assert canvas.view.picked == 7
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.view.chosen == ()
    assert canvas.view.picked == 7
    with qtbot.waitSignal(canvas.atom_picked) as picked:
        qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert picked.args == [-1]


@pytest.mark.parametrize(("key", "axis"), [(Qt.Key.Key_A, 0), (Qt.Key.Key_B, 1), (Qt.Key.Key_C, 2)])
def test_keys_look_along_the_axes(qtbot, canvas, key, axis):
    """A, B and C put the lattice vector out of the screen: both its ends fall on one pixel."""
    qtbot.keyClick(canvas, key)
    lattice = canvas.view.scene.lattice
    ends = canvas.camera.project([np.zeros(3), lattice[axis]], canvas.width(), canvas.height())
    np.testing.assert_allclose(ends[0, :2], ends[1, :2], atol=1e-6)
    assert ends[1, 2] > ends[0, 2]


def test_drag_turns_and_is_no_click(qtbot, canvas):
    """A drag changes the orientation and picks nothing."""
    before = canvas.camera
    with qtbot.assertNotEmitted(canvas.atom_picked):
        qtbot.mousePress(canvas, LEFT, pos=QPoint(200, 180))
        qtbot.mouseMove(canvas, QPoint(240, 190))
        qtbot.mouseMove(canvas, QPoint(260, 200))
        qtbot.mouseRelease(canvas, LEFT, pos=QPoint(260, 200))
    np.testing.assert_allclose(canvas.camera.rotation, before.turned(30, 10).rotation, atol=0.02)
    assert canvas.camera.offset == before.offset


def test_double_click_and_f_fit(qtbot, canvas):
    """After zooming and moving, both bring the whole structure back without turning it."""
    fitted = canvas.camera
    for restore in (lambda: qtbot.mouseDClick(canvas, LEFT, pos=QPoint(5, 5)), lambda: qtbot.keyClick(canvas, Qt.Key.Key_F)):
        canvas.set_camera(fitted.zoomed(3, 10, 10, 420, 360).panned(50, 60, 420, 360))
        restore()
        assert canvas.camera.half_extent == pytest.approx(fitted.half_extent)
        assert canvas.camera.offset == (0.0, 0.0)
        np.testing.assert_allclose(canvas.camera.rotation, fitted.rotation)


def test_wheel_zooms_to_the_pointer(canvas):
    """The atom under the pointer stays under it, larger."""
    canvas.set_camera(canvas.camera.along(np.eye(3), 2))
    position = canvas.atom_position(0)
    depth_free = canvas.camera.rotation[2] @ (canvas.view.scene.positions[0] - canvas.camera.center)
    scale = canvas.camera.pixels_per_angstrom(420, 360)
    event = QWheelEvent(
        position,
        canvas.mapToGlobal(position),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)
    assert np.isfinite(depth_free)
    assert canvas.camera.pixels_per_angstrom(420, 360) > 1.2 * scale
    assert (canvas.atom_position(0) - position).manhattanLength() < 1e-6


def test_arrow_keys_step_frames_and_with_shift_turn(qtbot, canvas):
    """Left and up ask for the frame before, right and down for the next; Space plays; Shift turns, Control moves."""
    for key, step in ((Qt.Key.Key_Left, -1), (Qt.Key.Key_Up, -1), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 1)):
        with qtbot.waitSignal(canvas.step_requested) as stepped:
            qtbot.keyClick(canvas, key)
        assert stepped.args == [step]
    with qtbot.waitSignal(canvas.play_toggled):
        qtbot.keyClick(canvas, Qt.Key.Key_Space)
    before = canvas.camera
    with qtbot.assertNotEmitted(canvas.step_requested):
        qtbot.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
        qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert not np.allclose(canvas.camera.rotation, before.rotation)
    assert canvas.camera.offset != before.offset
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.camera.half_extent < before.half_extent


def test_unknown_keys_are_left_to_the_window(qtbot, canvas):
    """Ctrl+C and letters without a meaning change nothing."""
    before = canvas.view
    qtbot.keyClick(canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(canvas, Qt.Key.Key_Q)
    assert canvas.view is before


@pytest.mark.parametrize(
    "atoms",
    [
        Atoms(),
        Atoms("H"),
        Atoms("He", cell=[3, 3, 3], pbc=True),
        molecule("CH4"),
        Atoms("Cu", cell=[[3, 0, 0], [0, 3, 0], [0, 0, 0]], pbc=True),
    ],
    ids=["no atoms", "one atom", "one atom in a cell", "molecule", "no third vector"],
)
def test_turning_never_fails(qtbot, canvas, atoms):
    """Every gesture and key works on the smallest structures, with arrows and a measurement."""
    show(canvas, atoms)
    canvas.set_arrows(
        [ForceArrows("DFT", np.ones((len(atoms), 3))), ForceArrows("model", np.full((len(atoms), 3), np.nan), (1, 2, 3))], 1.0
    )
    canvas.set_shown(differences=True)
    for perspective in (False, True):
        canvas.set_perspective(on=perspective)
        qtbot.mousePress(canvas, LEFT, pos=QPoint(200, 180))
        for x in (210, 260, 20):
            qtbot.mouseMove(canvas, QPoint(x, x))
            canvas.grab()
        qtbot.mouseRelease(canvas, LEFT, pos=QPoint(20, 20))
        for key in (Qt.Key.Key_A, Qt.Key.Key_B, Qt.Key.Key_C, Qt.Key.Key_F, Qt.Key.Key_N, Qt.Key.Key_M, Qt.Key.Key_P, Qt.Key.Key_Escape):
            qtbot.keyClick(canvas, key)
            canvas.grab()
        assert canvas.camera.perspective is perspective
        assert np.isfinite(canvas.camera.rotation).all()
        np.testing.assert_allclose(canvas.camera.rotation @ canvas.camera.rotation.T, np.eye(3), atol=1e-9)
        assert 0 < canvas.camera.half_extent < np.inf


def colored(image: QImage, color) -> int:
    """Count the pixels near a colour."""
    pixels = np.frombuffer(image.convertToFormat(QImage.Format.Format_RGBA8888).constBits(), np.uint8).reshape(-1, 4)[:, :3].astype(int)
    return int((np.abs(pixels - np.array(color)).max(axis=1) < 24).sum())


def test_atoms_are_painted_in_their_colours_where_the_camera_says(canvas):
    """A lone red oxygen in the middle: red at its pixel, background beside it, in light and dark."""
    show(canvas, Atoms("O", positions=[[0, 0, 0]]))
    for palette in (LIGHT, DARK):
        canvas.set_palette(palette)
        image = canvas.grab().toImage()
        ratio = image.devicePixelRatio()
        center = canvas.atom_position(0)
        x, y = round((center.x() + 8) * ratio), round((center.y() + 8) * ratio)
        color = image.pixelColor(x, y)
        assert color.red() > 150 > color.green()
        assert image.pixelColor(3, 3).name() == palette.surface.lower()


def test_arrows_are_painted_in_the_colours_of_their_models(canvas):
    """DFT takes the theme's text colour and a model its own; they vanish with the arrows."""
    show(canvas, Atoms("H", positions=[[0, 0, 0]]))
    blue = (0, 114, 178)
    assert colored(canvas.grab().toImage(), blue) == 0
    forces = np.array([[0, 0, 1.0]])
    canvas.set_arrows([ForceArrows("DFT", forces), ForceArrows("model", 0.8 * forces, blue)], 0.8)
    image = canvas.grab().toImage()
    assert colored(image, blue) > 50
    assert colored(image, canvas.look.text.getRgb()[:3]) > colored(image, blue)


def test_longer_forces_have_longer_arrows(canvas):
    """A model at half the force paints about half the arrow."""
    show(canvas, Atoms("H", positions=[[0, 0, 0]]))
    counts = []
    for share in (1.0, 0.5):
        canvas.set_arrows([ForceArrows("model", share * np.array([[0, 0, 1.5]]), (0, 114, 178))], 0.8)
        counts.append(colored(canvas.grab().toImage(), (0, 114, 178)))
    assert 1.4 < counts[0] / counts[1] < 2.4


def test_many_atoms_hide_bonds_while_turning(qtbot, canvas):
    """Above the limit a drag leaves bonds out, and rest brings them back."""
    atoms = bulk("Si", cubic=True) * (8, 8, 8)
    show(canvas, atoms)
    assert canvas.view.scene.n_drawn > MANY_ATOMS
    qtbot.mousePress(canvas, LEFT, pos=QPoint(200, 180))
    qtbot.mouseMove(canvas, QPoint(240, 180))
    turning = canvas.grab().toImage()
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(240, 180))
    assert not canvas._moving
    canvas.set_shown(bonds=False)
    assert turning == canvas.grab().toImage()


def test_resting_pointer_names_the_atom(qtbot, canvas):
    """The tooltip says element and number, counted from 1; elsewhere it explains mouse and keys."""
    atom = frontmost(canvas)[0]
    for position, expected in (
        (pixel(canvas, atom), f"{zincblende().get_chemical_symbols()[atom]} · atom {atom + 1}"),
        (QPoint(2, 2), "Drag turns"),
    ):
        QApplication.sendEvent(canvas, QHelpEvent(QEvent.Type.ToolTip, position, canvas.mapToGlobal(position)))
        assert QToolTip.text().startswith(expected)
        QToolTip.hideText()
        qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_shift_drag_and_middle_drag_move_the_picture(qtbot, canvas):
    """Both move every point with the pointer and turn nothing."""
    for button, modifier in ((LEFT, SHIFT), (MIDDLE, Qt.KeyboardModifier.NoModifier)):
        before = canvas.camera
        start = canvas.atom_position(0)
        qtbot.mousePress(canvas, button, modifier, pos=QPoint(200, 180))
        move_with(canvas, QPointF(232, 170), button, modifier)
        qtbot.mouseRelease(canvas, button, modifier, pos=QPoint(232, 170))
        np.testing.assert_allclose(canvas.camera.rotation, before.rotation)
        assert (canvas.atom_position(0) - start - QPointF(32, -10)).manhattanLength() < 1e-6


def move_with(canvas: StructureCanvas, position: QPointF, button: Qt.MouseButton, modifier: Qt.KeyboardModifier) -> None:
    """Send a move with a button held and a modifier, which QTest's mouseMove cannot."""
    from PySide6.QtGui import QMouseEvent

    QApplication.sendEvent(
        canvas, QMouseEvent(QEvent.Type.MouseMove, position, canvas.mapToGlobal(position), Qt.MouseButton.NoButton, button, modifier)
    )
