"""Where a correction was confirmed is said in as many numbers as there are: two ends that print the same are one."""

from __future__ import annotations

import pytest

from guiapp.correction.validity import Validity


def validity(strains=(None, None), volumes=(8.9, 8.9), n_frames=5):
    return Validity(("Si",), ("Si",), 3.21, 1.0, strains[0], strains[1], volumes, n_frames)


@pytest.mark.parametrize(
    ("strains", "words"),
    [
        ((0.03, 0.03), "strain +3 %,"),
        ((0.029, 0.031), "strain +3 %,"),
        ((-0.05, 0.03), "strain −5 % to +3 %,"),
        ((0.0, 0.03), "strain 0 % to +3 %,"),
        ((-0.002, 0.004), "strain within 0.5 %,"),
        ((0.0, 0.0), "unstrained cells,"),
    ],
)
def test_strain(strains, words):
    """Ends that print the same are one number, and a strain that rounds to nothing is not called none."""
    assert words in validity(strains).describe()


@pytest.mark.parametrize(
    ("volumes", "words"), [((8.91, 8.94), " 8.9 Å³ per atom"), ((8.9, 8.9), " 8.9 Å³ per atom"), ((8.9, 9.2), "8.9 to 9.2 Å³ per atom")]
)
def test_volume(volumes, words):
    """One volume where both ends print the same."""
    sentence = validity(volumes=volumes).describe()
    assert words in sentence
    assert ("to" in sentence.split("eV/Å", 1)[1].split()) == (" to " in words)


@pytest.mark.parametrize(("count", "words"), [(1, "(1 unseen frame)"), (1200, "(1,200 unseen frames)"), (0, "Confirmed nowhere")])
def test_frames_are_counted(count, words):
    """One frame is no frames."""
    assert words in validity(n_frames=count).describe()
