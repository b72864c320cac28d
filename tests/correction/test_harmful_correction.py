"""Harm planted in real and in trained models is seen on unseen frames, and leaves the program only with a warning on its card."""

from __future__ import annotations

from pathlib import Path

import pytest
from chgnet_labels import cells, chgnet, labelled

from guiapp.correction.corrected import Correction, Method, scale_correction
from guiapp.correction.export import CARD, export_correction
from guiapp.correction.fine_tune import fine_tune
from guiapp.correction.label_choice import rank_label_candidates
from guiapp.correction.scalar_fit import fit_scalar
from guiapp.correction.training_record import Recipe
from guiapp.correction.verdict import Judged, Outcome, judge_correction
from guiapp.errors import UserFacingError
from guiapp.frames.reading.read import read_frames
from guiapp.frames.reference_set import Provenance

HARMLESS = {Outcome.REJECTED, Outcome.NOTHING_TO_CORRECT}
C_OF_GERMANIUM, C_OF_LITHIUM = 1.33, 1.22
"""What one label of mlearn's germanium and lithium asks for (CHGNet 0.3.0): right there, wrong in copper and nickel."""


def metal(shared_data: Path, element: str, count: int = 8):
    frames = read_frames([shared_data / "mlearn" / element / "test.json.gz"]).sets[0].frames
    usable = sorted((f for f in frames if f.usable and f.forces is not None), key=lambda f: f.content_hash)
    return [frame.with_changes(compound=element) for frame in usable[:count]]


@pytest.mark.slow
@pytest.mark.parametrize("element", ["Cu", "Ni"])
@pytest.mark.parametrize("c", [C_OF_GERMANIUM, C_OF_LITHIUM])
def test_scalar_of_another_metal_is_rejected(shared_data: Path, element: str, c: float):
    unseen = metal(shared_data, element)
    verdict = judge_correction(Judged(unseen, chgnet().predict(unseen), chgnet().interaction_scale(c).predict(unseen)))
    assert verdict.unseen.mae_ratio > 1.1
    assert verdict.outcome in HARMLESS
    assert not verdict.may_be_exported


@pytest.mark.slow
def test_copper_needs_nothing_whatever_its_label_says(shared_data: Path):
    frames = metal(shared_data, "Cu")
    label = rank_label_candidates(frames, chgnet().predict(frames)).propose(1)[0].frame
    unseen = [frame for frame in frames if frame is not label]
    fit = fit_scalar([label], chgnet().predict([label]))
    verdict = judge_correction(Judged(unseen, chgnet().predict(unseen), chgnet().interaction_scale(fit.c).predict(unseen)))
    assert verdict.outcome is Outcome.NOTHING_TO_CORRECT
    correction = scale_correction(chgnet(), fit, [label], Provenance(), {})
    with pytest.raises(UserFacingError, match="nothing to correct"):
        export_correction(correction, verdict, shared_data / "must not be written")


def test_training_on_wrong_labels_is_rejected_and_its_card_warns(tmp_path: Path, monkeypatch):
    """Labels of 0.6 times the true forces teach a model to be soft; true frames must tell."""
    truth = labelled(cells(5, seed=20), 1.0)
    trained, record = fine_tune(chgnet(), labelled(cells(3), 0.6), readout_only=True, recipe=Recipe(epochs=12))
    verdict = judge_correction(Judged(truth, chgnet().predict(truth), trained.predict(truth)), one_number=False)
    assert verdict.unseen.after.statistics.scale < 0.9
    assert verdict.outcome is Outcome.REJECTED
    correction = Correction(Method.READOUT, chgnet(), trained, tuple(truth[:1]), Provenance(), training=record)
    with pytest.raises(UserFacingError, match="override"):
        export_correction(correction, verdict, tmp_path / "model")
    assert not (tmp_path / "model").exists()
    monkeypatch.setattr("guiapp.correction.reload_check.PLAIN_LIBRARIES", {})  # another test opens files again
    export_correction(correction, verdict, tmp_path / "model", override=True)
    card = (tmp_path / "model" / CARD).read_text(encoding="utf-8")
    assert card.splitlines()[2].startswith("> **Exported against the verdict.**")
    assert verdict.reasons[0] in card
