"""What is shipped of models that not everybody has: it is complete, current, and says where it comes from."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest

from guiapp.errors import UserFacingError
from guiapp.frames.shipped import open_shipped
from guiapp.physics.force_statistics import force_statistics
from guiapp.potentials.potential import Prediction
from guiapp.potentials.registry import find_card, load_potential, prediction_settings, weights_hash
from guiapp.potentials.stored_predictions import packed, read_stored, stored_models

NAMES = ("diep-matpes-r2scan", "m3gnet-mp-2021.2.8", "sevennet-0")


pytestmark = pytest.mark.usefixtures("bare_machine")


@pytest.mark.parametrize("name", NAMES)
def test_each_is_for_shipped_frames_and_fits_the_model_that_is_listed(name):
    """A recipe or inference path that changes makes the numbers those of another model: then make.py has to be run again."""
    stored, frames = stored_models()[name], {frame.content_hash: frame for frame in open_shipped("high-energy").frames}
    predictions = read_stored(name)
    assert len(predictions) == stored.n_frames > 80
    assert len(predictions.keys() & frames.keys()) > 80
    assert dict(prediction_settings(find_card(name))) == dict(stored.settings)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", stored.computed)
    assert stored.version in stored.words
    assert stored.computed in stored.words
    assert stored.licence.startswith("the numbers CC-BY-4.0")
    for frame, prediction in predictions.items():
        if frame in frames:
            assert prediction.forces.shape == (frames[frame].n_atoms, 3)
            assert np.isfinite(prediction.forces).all()


def test_they_tell_the_papers_story():
    """Pooled over all frames: the models trained near minima are soft, the one trained on 300 K states is not."""
    frames = {frame.content_hash: frame for frame in open_shipped("high-energy").frames if frame.forces is not None}
    scales = {}
    for name in NAMES:
        pairs = [(frames[key].forces, one.forces) for key, one in read_stored(name).items() if key in frames]
        dft, model = (np.concatenate([pair[k].ravel() for pair in pairs]) for k in (0, 1))
        scales[name] = force_statistics(dft, model).scale
    assert scales["m3gnet-mp-2021.2.8"] == pytest.approx(0.80, abs=0.04)
    assert scales["sevennet-0"] == pytest.approx(0.92, abs=0.03)
    assert scales["diep-matpes-r2scan"] == pytest.approx(1.03, abs=0.03)


def test_packing_and_reading_keep_every_number(tmp_path, monkeypatch):
    rng = np.random.default_rng(3)
    made = {
        f"{k:064x}": Prediction(float(rng.normal()), rng.normal(size=(n, 3)).astype(np.float32), rng.normal(size=(3, 3)).astype(np.float32))
        for k, n in enumerate((1, 4, 2))
    }
    (tmp_path / "predictions").mkdir()
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **packed(made))
    (tmp_path / "predictions" / "mine.npz").write_bytes(buffer.getvalue())
    monkeypatch.setattr("guiapp.potentials.stored_predictions.files", lambda _package: tmp_path)
    again = read_stored("mine")
    assert again.keys() == made.keys()
    for key, one in made.items():
        assert again[key].energy == one.energy
        np.testing.assert_array_equal(again[key].forces, one.forces)
        np.testing.assert_array_equal(again[key].stress, one.stress)


def test_a_model_that_is_not_here_has_the_identity_of_its_stored_numbers_and_is_not_loaded():
    card = find_card("sevennet-0")
    assert not card.is_here
    assert weights_hash(card) == stored_models()["sevennet-0"].weights_sha256
    with pytest.raises(UserFacingError, match="cannot be loaded: environment not installed"):
        load_potential(card, "cpu")
