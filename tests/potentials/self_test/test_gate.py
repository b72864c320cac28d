"""A model that failed its self-test is neither corrected nor exported; the reason is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toy_potential import Toy

from guiapp.correction.corrected import scale_correction
from guiapp.correction.fine_tune import fine_tune
from guiapp.correction.scalar_fit import fit_scalar
from guiapp.errors import UserFacingError
from guiapp.frames.reference_set import Provenance
from guiapp.frames.shipped import open_shipped
from guiapp.potentials.registry import find_card, prediction_settings
from guiapp.potentials.self_test.answers import ask_potential
from guiapp.potentials.self_test.gate import known_report, refuse_failed
from guiapp.potentials.self_test.kept import keep_report, report_key
from guiapp.potentials.self_test.report import Verdict
from guiapp.potentials.self_test.run import run_self_test

IDENTITY = "f" * 64


class Flipped(Toy):
    """Forces of the opposite sign, on the card of a listed model."""

    card = replace(find_card("chgnet-0.3.0"), title="Flipped")
    weights_hash = IDENTITY

    def one(self, frame):
        answer = super().one(frame)
        return replace(answer, forces=-answer.forces)


@pytest.fixture
def failed(tmp_path, monkeypatch) -> Flipped:
    monkeypatch.setenv("TEMPER_CACHE_DIR", str(tmp_path))
    potential = Flipped()
    report = run_self_test(ask_potential(potential), "PBE")
    assert report.verdict is Verdict.FAILED
    keep_report(report_key(IDENTITY, prediction_settings(potential.card)), report)
    return potential


def labels():
    return [frame for frame in open_shipped("high-energy").frames if frame.compound == "MgO" and frame.forces is not None][:2]


def test_a_failed_model_is_not_corrected_and_the_reason_is_told(failed):
    frames = labels()
    fit = fit_scalar(frames, Toy().predict(frames))
    with pytest.raises(UserFacingError, match=r"neither corrected nor exported\. .*opposite sign") as refused:
        scale_correction(failed, fit, frames, Provenance(), {})
    assert "measured and looked at" in refused.value.advice
    with pytest.raises(UserFacingError, match="neither corrected nor exported"):
        fine_tune(failed, frames, readout_only=True)


def test_others_pass(failed, tmp_path):
    """A model that was not tested, or that is of no family of the registry, is nobody's business here."""
    refuse_failed(failed.card, "0" * 64)
    refuse_failed(Toy.card)
    assert known_report(Toy.card) is None
    assert known_report(failed.card, IDENTITY) is not None
    assert np.isfinite(known_report(failed.card, IDENTITY).seconds)
