"""The camera maps points and pixels consistently, in both projections."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiapp.ui.viewer.camera import Camera

SIZE = (640.0, 400.0)
angles = st.floats(-180, 180)


def turned(a: float, b: float, *, perspective: bool = False) -> Camera:
    return Camera(center=np.array([1.0, 2.0, 3.0]), half_extent=6.0, reach=7.0, perspective=perspective).turned(a, b).panned(30, -12, *SIZE)


@given(angles, angles, st.booleans(), st.tuples(*[st.floats(-4, 4)] * 3))
def test_ray_through_a_projected_point_passes_the_point(a, b, perspective, point):
    """Project and ray are inverse to each other: the line of sight through a point's pixel meets the point."""
    camera = turned(a, b, perspective=perspective)
    x, y = camera.project([point], *SIZE)[0, :2]
    start, direction = camera.ray(x, y, *SIZE)
    to_point = np.array(point) - start
    assert np.linalg.norm(direction) == pytest.approx(1, abs=1e-12)
    assert np.linalg.norm(to_point - (to_point @ direction) * direction) < 1e-6
    assert to_point @ direction > 0


@given(st.lists(st.tuples(angles, angles), max_size=30))
def test_rotation_stays_a_rotation(turns):
    """Many turns leave right, up and back orthonormal and right-handed."""
    camera = Camera()
    for a, b in turns:
        camera = camera.turned(a, b)
    np.testing.assert_allclose(camera.rotation @ camera.rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(camera.rotation) == pytest.approx(1)


def test_dragging_moves_the_front_with_the_pointer():
    """A point in front of the centre follows the hand: right for a drag to the right, down for a drag down."""
    camera = Camera()
    front = camera.rotation[2] * 2
    x0, y0 = camera.project([front], *SIZE)[0, :2]
    x1, y1 = camera.turned(10, 0).project([front], *SIZE)[0, :2]
    x2, y2 = camera.turned(0, 10).project([front], *SIZE)[0, :2]
    assert x1 > x0 + 1
    assert y1 == pytest.approx(y0)
    assert y2 > y0 + 1
    assert x2 == pytest.approx(x0)


@pytest.mark.parametrize("perspective", [False, True])
@given(st.floats(0.2, 5), st.floats(10, 630), st.floats(10, 390))
def test_zoom_keeps_the_point_under_the_pointer(perspective, factor, x, y):
    """What lies in the plane of the centre under the pointer stays there."""
    camera = turned(20, 30, perspective=perspective)
    start, direction = camera.ray(x, y, *SIZE)
    back = camera.rotation[2]
    point = start + direction * ((camera.center - start) @ back) / (direction @ back)
    zoomed = camera.zoomed(factor, x, y, *SIZE)
    np.testing.assert_allclose(zoomed.project([point], *SIZE)[0, :2], [x, y], atol=1e-6)
    assert zoomed.pixels_per_angstrom(*SIZE) == pytest.approx(factor * camera.pixels_per_angstrom(*SIZE))


def test_pan_moves_the_picture_by_the_pixels_dragged():
    """Every point in the centre's plane moves by exactly the drag."""
    camera = turned(12, 40)
    before = camera.project([camera.center], *SIZE)[0, :2]
    after = camera.panned(17, -9, *SIZE).project([camera.center], *SIZE)[0, :2]
    np.testing.assert_allclose(after - before, [17, -9], atol=1e-9)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize(
    "cell",
    [
        np.diag([4.0, 5.0, 6.0]),
        np.array([[3.0, 0.1, 0], [-1.5, 2.6, 0.2], [0.4, 0.3, 5.0]]),
        np.array([[0, 2.1, 2.1], [2.1, 0, 2.1], [2.1, 2.1, 0]]),
    ],
    ids=["orthorhombic", "triclinic", "primitive fcc"],
)
def test_view_along_a_lattice_vector(cell, axis):
    """The vector points out of the screen; c, or b along c, has no sideways part and points up."""
    rotation = Camera().along(cell, axis).rotation
    np.testing.assert_allclose(rotation @ cell[axis], [0, 0, np.linalg.norm(cell[axis])], atol=1e-9)
    right, up, _ = rotation @ cell[1 if axis == 2 else 2]
    assert right == pytest.approx(0, abs=1e-9)
    assert up > 0
    assert np.linalg.det(rotation) == pytest.approx(1)


def test_view_along_without_a_cell_uses_cartesian_axes():
    """A molecule can be looked at along x, y and z."""
    for axis in range(3):
        np.testing.assert_allclose(Camera().along(np.zeros((3, 3)), axis).rotation[2], np.eye(3)[axis])


@pytest.mark.parametrize("perspective", [False, True])
@given(angles, angles)
def test_fitted_sphere_stays_inside_the_window_however_it_turns(perspective, a, b):
    """No point of the sphere leaves the smaller window side, and the sphere fills at least nine tenths of it."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(400, 3))
    points = 3.7 * points / np.linalg.norm(points, axis=1, keepdims=True) + [1, 2, 3]
    camera = Camera(perspective=perspective).fitted([1, 2, 3], 3.7).turned(a, b)
    seen = camera.project(points, *SIZE)
    assert seen[:, 0].min() >= 0
    assert seen[:, 0].max() <= SIZE[0]
    assert seen[:, 1].min() >= 0
    assert seen[:, 1].max() <= SIZE[1]
    assert seen[:, 1].max() - seen[:, 1].min() > 0.9 * SIZE[1]


def test_parallel_rays_keep_sizes_and_perspective_enlarges_what_is_near():
    """Depth changes the magnification in perspective only."""
    points = [[0, 0, 0], [0, 0, 2]]
    camera = Camera(rotation=np.eye(3))
    scales = camera.project(points, *SIZE)[:, 3]
    assert scales[0] == scales[1]
    near = camera.with_perspective(on=True).project(points, *SIZE)[:, 3]
    assert near[1] > near[0] == pytest.approx(scales[0])
