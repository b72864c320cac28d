"""Released models are fetched by the program's one downloader, checked, and still need consent before they are opened."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from awkward_server import Served

from guiapp.errors import UserFacingError
from guiapp.frames.download import Patience
from guiapp.potentials import mace
from guiapp.potentials.registry import find_card, load_named

CONTENT = b"PK\x03\x04" + np.random.default_rng(1).bytes(700_000)
HASH = hashlib.sha256(CONTENT).hexdigest()


def test_a_released_model_is_downloaded_checked_and_still_needs_consent(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TEMPER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path / "config"))
    server.files["/x/small.model"] = Served(CONTENT)
    release = replace(mace.RELEASES[0], address=server.url("/x/small.model"), sha256=HASH)
    monkeypatch.setattr(mace, "RELEASES", (release,))
    card = find_card("mace-mp-0-small")
    assert (card.weights, card.state) == (None, "not downloaded (33 MB)")
    with pytest.raises(UserFacingError, match="not downloaded"):
        load_named("mace-mp-0-small", "cpu")
    card = mace.download_release(release)
    assert card.weights is not None
    assert card.weights.read_bytes() == CONTENT
    assert card.state.startswith("needs your consent")
    mace.download_release(release)
    assert len(server.asked) == 1


def test_every_release_has_an_official_address_and_a_hash():
    for release in mace.RELEASES:
        assert release.address.startswith("https://github.com/ACEsuit/")
        assert release.address.endswith(".model")
        assert len(release.sha256) == 64
    assert len({release.sha256 for release in mace.RELEASES}) == len(mace.RELEASES)


@pytest.mark.parametrize("content", [b"<html>log in</html>", CONTENT[:-1] + b"!", b"no model at all"])
def test_what_is_no_published_model_gets_no_name(server, tmp_path, monkeypatch, content):
    """An error page, one wrong byte, and a file whose checksum fits but that is no archive."""
    monkeypatch.setenv("TEMPER_DATA_DIR", str(tmp_path / "data"))
    server.files["/m"] = Served(content)
    expected = hashlib.sha256(content).hexdigest() if content.startswith(b"no") else HASH
    release = replace(mace.RELEASES[0], address=server.url("/m"), sha256=expected)
    with pytest.raises(UserFacingError):
        mace.download_release(release, patience=Patience(stall=1, retries=1, pause=0.01))
    assert not release.file.exists()


def test_progress_is_told_in_bytes(server, tmp_path, monkeypatch):
    """What the command line and the window show."""
    monkeypatch.setenv("TEMPER_DATA_DIR", str(tmp_path / "data"))
    server.files["/m"] = Served(CONTENT)
    told = []
    mace.download_release(replace(mace.RELEASES[0], address=server.url("/m"), sha256=HASH), told.append)
    assert (told[-1].done, told[-1].total) == (len(CONTENT), len(CONTENT))
