"""Results in a watched folder: taken when they are finished, told apart by structure, refused with a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dft_results import result_of, write_result

from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.ui.wizard.label_search import LabelSearch, Wanted


def crystal(seed: int, compound: str = "MgO") -> Wanted:
    rng = np.random.default_rng(seed)
    positions = np.array([[0, 0, 0], [2.1, 2.1, 0], [2.1, 0, 2.1], [0, 2.1, 2.1], [2.1, 0, 0], [0, 2.1, 0], [0, 0, 2.1], [2.1, 2.1, 2.1]])
    frame = Frame(
        np.array([12] * 4 + [8] * 4), positions + rng.normal(0, 0.08, (8, 3)), 4.2 * np.eye(3), name=f"frame {seed}", compound=compound
    )
    forces = rng.normal(0, 1, (8, 3))
    return Wanted(frame, Prediction(-40.0, forces - forces.mean(axis=0), np.zeros((3, 3))))


@pytest.fixture
def wanted():
    return crystal(1), crystal(2)


@pytest.fixture
def search():
    return LabelSearch("PBE / PBE+U")


def test_a_result_is_read_at_the_second_look_and_once(search, wanted, tmp_path):
    """A file that was not there, or differed, at the look before may still be being written."""
    write_result(result_of(wanted[1].frame, wanted[1].prediction), tmp_path / "label-2" / "gpaw")
    assert search.look([tmp_path], wanted) == ()
    (found,) = search.look([tmp_path], wanted)
    assert found.usable
    assert found.frame_hash == wanted[1].frame.content_hash, "each result finds its own structure"
    assert search.look([tmp_path], wanted) == ()


def test_results_of_structures_that_are_labelled_already_are_passed_over(search, wanted, tmp_path):
    """After a restart the folder still holds them; they are no news and no trouble."""
    write_result(result_of(wanted[0].frame, wanted[0].prediction), tmp_path)
    looks = [search.look([tmp_path], wanted[1:], (), [wanted[0].frame]) for _ in range(2)]
    assert looks == [(), ()]


def test_a_half_written_result_is_no_label_and_is_read_when_it_is_whole(search, wanted, tmp_path):
    """However often the first half is looked at, it labels nothing; the whole file does."""
    path = write_result(result_of(wanted[0].frame, wanted[0].prediction), tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    findings = [finding for _ in range(3) for finding in search.look([tmp_path], wanted)]
    assert not any(finding.usable for finding in findings)
    path.write_bytes(whole)
    findings = [finding for _ in range(2) for finding in search.look([tmp_path], wanted)]
    assert [finding.usable for finding in findings] == [True]


def test_another_structure_labels_nothing(search, wanted, tmp_path):
    """The finding says how far the nearest structure is."""
    other = crystal(9)
    (found,) = search.take([write_result(result_of(other.frame, other.prediction), tmp_path)], wanted)
    assert not found.usable
    assert "another structure" in found.checks[0].what
    assert "Å" in found.checks[0].what


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"converged": False}, "did not converge"), ({"functional": "LDA"}, "mix two functionals")],
)
def test_a_label_that_must_not_be_fitted_says_why(search, wanted, tmp_path, changes, words):
    """Not converged, or of another functional: the structure is right, the label is refused."""
    (found,) = search.take([write_result(result_of(wanted[0].frame, wanted[0].prediction, **changes), tmp_path)], wanted)
    assert found.frame_hash == wanted[0].frame.content_hash
    assert not found.usable
    assert any(words in check.what and check.passed is False for check in found.checks)


def test_labels_of_two_functionals_are_not_mixed(search, wanted, tmp_path):
    """The second label is held against the first."""
    (found,) = search.take([write_result(result_of(wanted[0].frame, wanted[0].prediction), tmp_path)], wanted, others=["r2SCAN"])
    assert not found.usable


def test_a_folder_without_results_says_what_is_expected(search, wanted, tmp_path: Path):
    """Dropping an empty folder is answered in words."""
    (found,) = search.take([tmp_path], wanted)
    assert "vasprun.xml" in found.checks[0].advice
