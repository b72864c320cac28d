"""What is written is read back as the same frame, bit for bit where labels and content are concerned."""

from pathlib import Path

import numpy as np
import pytest
from ase.io import read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reading.read import read_frames
from guiapp.frames.writing import write_extxyz

finite = st.floats(-1e6, 1e6, allow_nan=False)
text = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=12).map(lambda t: f"{t} x")
facts = st.one_of(st.booleans(), st.integers(-(10**6), 10**6), finite, text)


@st.composite
def frames(draw):
    n = draw(st.integers(1, 5))
    rows = lambda: np.array(draw(st.lists(finite, min_size=3 * n, max_size=3 * n))).reshape(n, 3)
    cell = np.diag(draw(st.lists(st.floats(1, 50), min_size=3, max_size=3))) + np.tril(np.ones((3, 3)), -1) * draw(st.floats(-3, 3))
    symmetric = np.array(draw(st.lists(finite, min_size=9, max_size=9))).reshape(3, 3)
    maybe = lambda value: value if draw(st.booleans()) else None
    return Frame(
        numbers=draw(st.lists(st.integers(1, 118), min_size=n, max_size=n)),
        positions=rows(),
        cell=cell,
        pbc=draw(st.tuples(st.booleans(), st.booleans(), st.booleans())),
        energy=maybe(draw(finite)),
        forces=maybe(rows()),
        stress=maybe((symmetric + symmetric.T) / 2),
        magmoms=maybe(rows()[:, 0]),
        name=draw(text),
        compound=draw(text),
        info={"note": draw(facts), "strain": draw(finite)},
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(frame=frames())
def test_round_trip_keeps_labels_and_content(frame, tmp_path):
    path = tmp_path / "frames.extxyz"
    write_extxyz([frame], path)
    back = read_frames([path]).sets[0].frames[0]
    assert back.content_hash == frame.content_hash
    assert back.label_hash == frame.label_hash
    assert back.pbc == frame.pbc
    assert back.symbols == frame.symbols
    assert (back.name, back.compound) == (frame.name, frame.compound)
    assert back.info["strain"] == pytest.approx(frame.info["strain"])
    assert back.info["note"] == frame.info["note"]


def test_file_is_readable_by_ase(tmp_path):
    """Other programs find the labels under the REF_ names."""
    frame = Frame(
        [14, 6], np.array([[0, 0, 0], [1, 1, 1.1]]), np.eye(3) * 4, energy=-1.25, forces=np.arange(6).reshape(2, 3), name="frame 1"
    )
    write_extxyz([frame, frame], tmp_path / "a.extxyz")
    atoms = read(tmp_path / "a.extxyz", ":")
    assert len(atoms) == 2
    assert atoms[0].info["REF_energy"] == -1.25
    np.testing.assert_array_equal(atoms[1].arrays["REF_forces"], frame.forces)


def test_failure_leaves_the_old_file_and_no_scraps(tmp_path):
    """The target is replaced only by a complete file."""
    path = tmp_path / "a.extxyz"
    path.write_text("precious")

    def failing():
        yield Frame([14], np.zeros((1, 3)), np.eye(3))
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write_extxyz(failing(), path)
    assert path.read_text() == "precious"
    assert [p.name for p in tmp_path.iterdir()] == ["a.extxyz"]


def test_folder_that_does_not_exist_is_explained(tmp_path):
    with pytest.raises(UserFacingError, match="cannot be written"):
        write_extxyz([], Path(tmp_path) / "nowhere" / "a.extxyz")
