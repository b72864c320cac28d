"""What the wizard keeps between starts comes back as it was, and damage means a fresh start, never a crash."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from window_steps import labelled

from guiapp.correction.sampling import SamplingPlan
from guiapp.correction.training_record import Recipe
from guiapp.frames.reference_set import Provenance
from guiapp.potentials.potential import Prediction
from guiapp.ui.wizard.memory import ANSWERS, STATE, Choices, KeptLabel, WizardMemory, memory_folder
from guiapp.ui.wizard.sampling_process import Sample


@pytest.fixture
def frames():
    return tuple(labelled("MgO", [12, 8, 12, 8], 3))


@pytest.fixture
def memory(tmp_path, frames):
    kept = WizardMemory(tmp_path / "corrections" / "chgnet")
    bare = tuple(frame.with_changes(energy=None, forces=None, stress=None) for frame in frames)
    kept.save_choices(
        Choices(step=3, compounds=("MgO",), plan=SamplingPlan(temperature=700), recipe=Recipe(epochs=9, averaging=0.9), chosen=("a", "b"))
    )
    kept.save_sample(Sample(bare, tuple(Prediction(-1.5 * k, frame.forces, np.eye(3) * k) for k, frame in enumerate(frames))))
    kept.save_labels([KeptLabel(frames[0], Provenance(functional="PBE", code="GPAW"), ("✓ Converged",))])
    return kept


def test_everything_comes_back(memory, frames):
    """Choices, candidates with the model's answers, and labels with provenance and checks, to the last bit."""
    choices, sample, labels = WizardMemory(memory.folder).load()
    assert choices == Choices(
        step=3, compounds=("MgO",), plan=SamplingPlan(temperature=700), recipe=Recipe(epochs=9, averaging=0.9), chosen=("a", "b")
    )
    assert [frame.content_hash for frame in sample.frames] == [frame.content_hash for frame in frames]
    assert all(frame.forces is None for frame in sample.frames)
    np.testing.assert_array_equal(sample.predictions[2].forces, frames[2].forces)
    assert sample.predictions[2].energy == -3.0
    assert [label.frame.label_hash for label in labels] == [frames[0].label_hash]
    assert labels[0].provenance == Provenance(functional="PBE", code="GPAW")
    assert labels[0].checks == ("✓ Converged",)


def test_other_choices_leave_the_labels(memory):
    """Saving one kind of thing does not touch the others."""
    memory.save_choices(replace(memory.load()[0], step=4))
    choices, sample, labels = memory.load()
    assert (choices.step, len(sample.frames), len(labels)) == (4, 3, 1)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"step": 2, "recipe": {"no": 1}}'])
def test_a_damaged_file_is_a_fresh_start(memory, text):
    """Whatever a crash or an editor left there."""
    (memory.folder / STATE).write_text(text, encoding="utf-8")
    assert memory.load()[0] == Choices()


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_candidates_without_answers_are_no_candidates(memory, share):
    """Half of what was kept is worth nothing: nobody could rank it."""
    whole = (memory.folder / ANSWERS).read_bytes()
    (memory.folder / ANSWERS).write_bytes(whole[: round(share * len(whole))])
    assert memory.load()[1].frames == ()


def test_two_models_have_folders_of_their_own(tmp_path):
    """Also a model that is a file."""
    project = tmp_path / "work.temper"
    folders = {memory_folder(project, name) for name in ("chgnet-0.3.0", "mace-mp", str(tmp_path / "mine" / "model.pth.tar"))}
    assert len(folders) == 3
    assert {folder.parent for folder in folders} == {tmp_path / "work corrections"}
