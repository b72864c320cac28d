"""Bringing models and taking them away: by name, by content, and never by opening what a stranger wrote."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from guiapp.errors import UserFacingError
from guiapp.potentials import mace, matgl
from guiapp.potentials.local_models import local_models
from guiapp.potentials.model_library import (
    Origin,
    bring,
    downloaded_part,
    needs_consent,
    origin_of,
    page_of,
    remove_model,
    take_published,
)
from guiapp.potentials.registry import find_card
from guiapp.potentials.trust import file_sha256, is_trusted, revoke, trust

pytestmark = pytest.mark.usefixtures("bare_machine")


class Payload:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


@pytest.fixture
def pickled(tmp_path) -> Path:
    path = tmp_path / "mine.model"
    path.write_bytes(pickle.dumps(Payload(tmp_path / "trace")))
    return path


def silent(_words: str) -> None:
    return


def test_a_file_gets_its_own_name_stays_where_it_is_and_is_forgotten(pickled, tmp_path):
    card = bring(pickled)
    assert (card.name, card.weights, origin_of("mine")) == ("mine", pickled, Origin.OWN)
    assert bring(pickled).name == "mine", "the same file again is the same model"
    other = tmp_path / "other" / "mine.model"
    other.parent.mkdir()
    other.write_bytes(b"something else")
    assert bring(other).name == "mine-2"
    assert remove_model("mine", silent)
    assert pickled.is_file()
    assert "mine" not in local_models()
    assert not (tmp_path / "trace").exists()


def test_names_of_other_models_are_not_taken(pickled):
    with pytest.raises(UserFacingError, match=r"There is a model called “chgnet-0\.3\.0” already"):
        bring(pickled, "chgnet-0.3.0")
    with pytest.raises(UserFacingError, match="comes with the package"):
        remove_model("chgnet-0.3.0", silent)
    with pytest.raises(UserFacingError, match="There is no model called"):
        remove_model("nothing", silent)


def test_consent_is_asked_for_pickled_files_only_and_by_content(pickled, tmp_path):
    assert needs_consent(bring(pickled))
    trust(file_sha256(pickled), "mine")
    assert not needs_consent(find_card("mine"))
    revoke(file_sha256(pickled))
    assert needs_consent(find_card("mine"))
    assert not needs_consent(find_card("chgnet-0.3.0"))
    assert not needs_consent(find_card("mace-mp-0-small")), "it is not here yet"
    assert not (tmp_path / "trace").exists()


def test_a_released_file_that_the_user_has_is_used_after_its_content_was_compared(pickled, tmp_path, monkeypatch):
    release = replace(mace.RELEASES[0], sha256=hashlib.sha256(pickled.read_bytes()).hexdigest())
    monkeypatch.setattr(mace, "RELEASES", (release, mace.RELEASES[1]))
    with pytest.raises(UserFacingError, match="differs from what was published"):
        take_published(mace.RELEASES[1].name, pickled)
    card = take_published(release.name, pickled)
    assert (card.name, card.weights, card.title) == (release.name, pickled, release.title)
    assert bring(pickled).name == release.name, "a published model is known by its content"
    assert remove_model(release.name, silent)
    assert find_card(release.name).weights is None
    assert pickled.is_file()


def test_a_download_is_deleted_with_its_consent(pickled):
    release = mace.RELEASES[0]
    release.file.parent.mkdir(parents=True)
    release.file.write_bytes(pickled.read_bytes())
    trust(file_sha256(release.file), "x")
    assert origin_of(release.name) is Origin.RELEASE
    assert downloaded_part(release.name) == 0
    assert remove_model(release.name, silent)
    assert not release.file.exists()
    assert not is_trusted(file_sha256(pickled))
    assert not remove_model(release.name, silent)


def test_the_old_m3gnet_is_brought_as_a_folder_under_its_own_name(tmp_path, monkeypatch):
    """Its name is listed before it is there, and has to be free for the very folder that was published."""
    folder = tmp_path / "anything"
    folder.mkdir()
    described = {
        "@class": "Potential",
        "@module": "matgl.apps.pes",
        "kwargs": {"model": {"@class": "M3GNet", "@module": "matgl.models._m3gnet", "@model_version": 2, "init_args": {}}},
    }
    (folder / "model.json").write_text(json.dumps(described), encoding="utf-8")
    for name in ("model.pt", "state.pt"):
        (folder / name).write_bytes(b"weights")
    release = replace(matgl.RELEASES[0], sha256=hashlib.sha256(b"weights").hexdigest())
    monkeypatch.setattr(matgl, "RELEASES", (release,))
    assert origin_of(release.name) is Origin.FOLDER
    assert page_of(release.name).startswith("https://github.com/materialsvirtuallab/matgl")
    card = bring(folder)
    assert (card.name, card.weights, card.title) == ("m3gnet-mp-2021.2.8", folder, "M3GNet MP-2021.2.8")
    (folder / "state.pt").write_bytes(b"others")
    assert find_card(release.name).weights is None, "another content is another model"
