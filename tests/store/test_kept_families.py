"""What a project keeps of its families is found again from all jobs together, and what cannot be replayed is told."""

from __future__ import annotations

import uuid

import numpy as np
import pytest

from guiapp.benchmarks.family import NEB, STATIC, system_of
from guiapp.benchmarks.registry import family
from guiapp.engine.family_run import kept_frames
from guiapp.engine.job import BenchmarkJob
from guiapp.engine.keys import settings_hash
from guiapp.errors import UserFacingError
from guiapp.frames.shipped import open_shipped
from guiapp.potentials.potential import Prediction
from guiapp.potentials.registry import find_card, prediction_settings, weights_hash
from guiapp.store import kept_families
from guiapp.store.kept_families import find_kept_families

MODEL, OTHER, GONE = "chgnet-0.3.0", "chgnet-0.2.0", "weights-that-were-deleted"


@pytest.fixture(scope="module")
def frames():
    """Return the planned frames of the equations of state of two systems."""
    planned = family("eos").plan(open_shipped("eos").frames)
    systems = list(dict.fromkeys(system_of(frame) for frame in planned))[:2]
    return {system: tuple(frame for frame in planned if system_of(frame) == system) for system in systems}


def add_job(project, model, frames, *, mode=STATIC, name="eos"):
    project.jobs.create(BenchmarkJob(uuid.uuid4().hex, name, model, tuple(frames), "cpu", mode))


def keep(project, model, frames, scale=0.8):
    """Keep what a model would say that is too soft; no model is asked."""
    card = find_card(model)
    settings = settings_hash({**prediction_settings(card), "mode": STATIC})
    told = [Prediction(scale * f.energy, np.zeros((f.n_atoms, 3)), np.zeros((3, 3))) for f in frames]
    project.predictions.keep(weights_hash(card), settings, [f.content_hash for f in frames], told)
    add_job(project, model, frames)


def find(project, **how):
    return find_kept_families(project, stop=lambda: None, **how)


def test_jobs_of_one_model_family_and_mode_are_one(project, frames):
    """Two jobs on a system each read as one on both; modes and families that are none are passed over."""
    first, second = frames
    keep(project, MODEL, frames[first])
    keep(project, OTHER, frames[first])
    keep(project, MODEL, frames[second])
    add_job(project, MODEL, frames[first], mode=NEB)
    add_job(project, MODEL, frames[first], name="high-energy")
    add_job(project, MODEL, frames[first], name="a family of another version")
    one, other = find(project)
    assert (one.key, other.key) == (("eos", MODEL, STATIC), ("eos", OTHER, STATIC))
    assert [f.content_hash for f in one.frames] == [f.content_hash for f in frames[first] + frames[second]]
    assert {row.system for row in one.result.rows} == {first, second}
    assert {row.system for row in other.result.rows} == {first}
    modulus = next(row for row in one.result.rows if row.quantity == "bulk modulus")
    assert modulus.predicted == pytest.approx(0.8 * modulus.reference, rel=1e-6)


def test_a_model_that_is_gone_takes_no_other_with_it(project, frames):
    """Nothing is found of a model without weights."""
    first, _ = frames
    add_job(project, GONE, frames[first])
    keep(project, MODEL, frames[first])
    assert [one.key[1] for one in find(project)] == [MODEL]


def test_a_job_that_cannot_be_replayed_is_told(project, frames, monkeypatch):
    """The reason reaches who asked, and the other jobs count."""
    first, _ = frames
    keep(project, OTHER, frames[first])
    keep(project, MODEL, frames[first])

    def replay(job, *rest, **how):
        if job.model == OTHER:
            raise UserFacingError("Its slabs cannot be cut.")
        return kept_frames(job, *rest, **how)

    monkeypatch.setattr(kept_families, "kept_frames", replay)
    told = []
    (one,) = find(project, refused=lambda model, error: told.append((model, error.what)))
    assert (one.key[1], told) == (MODEL, [(OTHER, "Its slabs cannot be cut.")])


def test_only_the_models_that_count(project, frames):
    """Asked for one of two models, it finds the one."""
    first, _ = frames
    keep(project, MODEL, frames[first])
    keep(project, OTHER, frames[first])
    assert [one.key[1] for one in find(project, models={OTHER})] == [OTHER]


def test_stop_ends_it(project, frames):
    """A project that is closed meanwhile is not read to its end."""
    for _ in range(3):
        add_job(project, GONE, frames[next(iter(frames))])
    asked = []

    def stop() -> None:
        asked.append(1)
        if len(asked) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        find_kept_families(project, stop=stop)
    assert len(asked) == 2
