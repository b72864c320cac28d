"""The data that come with the program open with their provenance, however many frames they hold."""

import pytest
from ase.io import read

from guiapp.errors import UserFacingError
from guiapp.frames.shipped import open_shipped, shipped_sets


def test_high_energy_set_is_listed_with_its_provenance():
    summary = next(found for found in shipped_sets() if found.name == "high-energy")
    assert summary.family == "high-energy"
    assert summary.provenance.functional == "PBE"
    assert summary.provenance.code.startswith("GPAW 22.8.0")
    assert summary.provenance.licence == "CC-BY-4.0"
    assert summary.provenance.citation == "Temper authors, 2026"


def test_every_listed_set_opens_with_all_its_frames():
    for summary in shipped_sets():
        found = open_shipped(summary.name)
        assert found.name == summary.name
        assert len(found.frames) == summary.n_frames > 0
        assert found.provenance == summary.provenance


def test_frames_of_the_high_energy_set(shipped_labels):
    """Compounds carry the names of the file, strain and kind are kept, labels equal ase's reading."""
    found = open_shipped("high-energy")
    theirs = read(shipped_labels, ":")
    assert len(found.frames) == len(theirs)
    for frame, atoms in zip(found.frames, theirs, strict=True):
        assert frame.compound == atoms.info["name"]
        assert frame.name == f"frame {atoms.info['frame']}"
        assert frame.info["strain"] == atoms.info["strain"]
        assert frame.info["kind"] == ("equilibrium" if atoms.info["frame"] == 0 else "md1000K")
        assert frame.energy == atoms.info["REF_energy"]
        assert (frame.forces == atoms.arrays["REF_forces"]).all()
        assert frame.stress[1, 2] == atoms.info["REF_stress"][3]
        assert frame.info["dft"].startswith("GPAW 22.8.0 PBE")
        assert not frame.flags


def test_unknown_set_is_explained():
    with pytest.raises(UserFacingError, match="no reference set"):
        open_shipped("nonsense")
