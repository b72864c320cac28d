"""The validator of reference sets finds planted faults and passes a sound set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from ase import Atoms
from ase.build import bulk
from ase.io import write

from guiapp.frames.validation import REQUIRED_METADATA, REQUIRED_UNITS, validate_reference_set


def sound_frames() -> list[Atoms]:
    frames = []
    rng = np.random.default_rng(3)
    for number in range(4):
        atoms = bulk("MgO", "rocksalt", a=4.25, cubic=True)
        atoms.rattle(0.05, seed=number)
        forces = rng.normal(size=(8, 3))
        atoms.arrays["REF_forces"] = forces - forces.mean(axis=0)
        atoms.info.update(
            REF_energy=-48.8 + 0.1 * number, REF_stress=np.array([0.01, 0.02, 0.0, 0.001, 0.0, 0.0]), compound="MgO", frame=f"MgO/{number}",
            dft="GPAW 22.8.0 PBE PW800 k2",
        )  # fmt: skip
        frames.append(atoms)
    return frames


def sound_metadata() -> dict[str, object]:
    return dict.fromkeys(REQUIRED_METADATA, "stated") | {"units": dict(REQUIRED_UNITS)}


def make_set(folder: Path, frames: list[Atoms], metadata: dict[str, object] | None = None) -> Path:
    write(folder / "labels.extxyz", frames, format="extxyz")
    (folder / "metadata.yaml").write_text(yaml.safe_dump(metadata or sound_metadata()), encoding="utf-8")
    return folder


def test_a_sound_set_passes(tmp_path: Path) -> None:
    """No sentence where nothing is wrong."""
    assert validate_reference_set(make_set(tmp_path, sound_frames())) == []


def _net_force(frames: list[Atoms]) -> None:
    frames[1].arrays["REF_forces"][0, 0] += 0.2


def _kilobar(frames: list[Atoms]) -> None:
    frames[1].info["REF_stress"] = frames[1].info["REF_stress"] * 1602.0


def _hartree(frames: list[Atoms]) -> None:
    frames[1].info["REF_energy"] /= 27.2


def _twice(frames: list[Atoms]) -> None:
    frames.append(frames[0].copy())
    frames[-1].info["frame"] = "MgO/again"


def _nan(frames: list[Atoms]) -> None:
    frames[1].arrays["REF_forces"][2, 1] = np.nan


def _no_forces(frames: list[Atoms]) -> None:
    del frames[1].arrays["REF_forces"]


def _no_stress(frames: list[Atoms]) -> None:
    del frames[1].info["REF_stress"]


def _two_settings(frames: list[Atoms]) -> None:
    frames[1].info["dft"] = "GPAW 22.8.0 PBE PW500 k2"


def _no_settings(frames: list[Atoms]) -> None:
    del frames[1].info["dft"]


def _huge_force(frames: list[Atoms]) -> None:
    frames[1].arrays["REF_forces"] *= 51.4


@pytest.mark.parametrize(
    ("plant", "sentence"),
    [
        (_net_force, "do not add up to zero"),
        (_kilobar, "stress of"),
        (_hartree, "lies at -6."),
        (_twice, "the same configuration as MgO/0"),
        (_nan, "not a finite number"),
        (_no_forces, "REF_forces is missing"),
        (_no_stress, "REF_stress is missing"),
        (_two_settings, "2 different settings"),
        (_no_settings, "(“dft”) are missing"),
        (_huge_force, "is implausible"),
    ],
)
def test_a_planted_fault_is_named_with_its_frame(tmp_path: Path, plant: Callable[[list[Atoms]], None], sentence: str) -> None:
    """Each fault in one frame gives a sentence about that frame or compound."""
    frames = sound_frames()
    plant(frames)
    problems = validate_reference_set(make_set(tmp_path, frames))
    assert any(sentence in problem and "MgO" in problem for problem in problems), problems


@pytest.mark.parametrize("key", REQUIRED_METADATA)
def test_metadata_that_does_not_state_something_is_refused(tmp_path: Path, key: str) -> None:
    """Provenance is complete or the set is not shipped."""
    metadata = sound_metadata()
    metadata[key] = ""
    assert any(f"“{key}”" in problem for problem in validate_reference_set(make_set(tmp_path, sound_frames(), metadata)))


def test_units_other_than_the_programs_are_refused(tmp_path: Path) -> None:
    """A set in kbar says so in its metadata, and is not shipped."""
    metadata = sound_metadata() | {"units": REQUIRED_UNITS | {"REF_stress": "kbar"}}
    assert validate_reference_set(make_set(tmp_path, sound_frames(), metadata)) == [
        "metadata.yaml does not state that REF_stress is in eV/Å^3."
    ]


def test_an_empty_folder_lacks_both_files(tmp_path: Path) -> None:
    """What is missing is named."""
    assert validate_reference_set(tmp_path) == ["metadata.yaml is missing.", "labels.extxyz is missing.", "labels.extxyz holds no frames."]


def test_broken_metadata_is_a_sentence_not_a_crash(tmp_path: Path) -> None:
    """YAML that does not parse."""
    make_set(tmp_path, sound_frames())
    (tmp_path / "metadata.yaml").write_text("title: [", encoding="utf-8")
    assert validate_reference_set(tmp_path)[0].startswith("metadata.yaml cannot be read")
