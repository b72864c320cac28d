"""The registry knows the built-in potentials without loading one, and says plainly what is wrong with a name."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from guiapp.errors import UserFacingError
from guiapp.potentials.registry import find_card, load_named, potential_cards, prediction_settings, resolve_device, weights_hash


def test_cards_are_complete_and_point_at_files():
    cards = {card.name: card for card in potential_cards()}
    assert {"chgnet-0.3.0", "chgnet-0.2.0", "chgnet-r2scan"} <= set(cards)
    for card in cards.values():
        assert all((card.title, card.family, card.functional, card.training_data, card.licence, card.citation, card.state))
        if card.family == "CHGNet":  # the weights of other families do not come with their package
            assert card.state == "ready"
            assert card.weights is not None
            assert card.weights.is_file()


def test_cards_and_hashes_need_neither_torch_nor_the_model_package():
    code = (
        "import sys; from guiapp.potentials.registry import find_card, weights_hash, prediction_settings\n"
        "card = find_card('chgnet-0.3.0'); weights_hash(card); prediction_settings(card)\n"
        "print([m for m in ('torch', 'chgnet', 'pymatgen') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UserFacingError, match=r"chgnet-9\.9\.9.*chgnet-0\.3\.0.*chgnet-r2scan"):
        find_card("chgnet-9.9.9")


def test_a_missing_file_is_told_from_an_unknown_name(tmp_path):
    with pytest.raises(UserFacingError, match="no such weights file"):
        find_card(tmp_path / "model.pth.tar")


def test_a_file_of_another_kind_is_refused(tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("hello", encoding="utf-8")
    with pytest.raises(UserFacingError, match="No model family"):
        find_card(other)


def test_a_path_gives_a_card_that_is_found_again_by_its_name(tmp_path):
    path = tmp_path / "mine.pth.tar"
    path.write_bytes(b"anything")
    card = find_card(str(path))
    assert (card.title, card.family, card.weights) == ("mine", "CHGNet", path)
    assert find_card(card.name) == card


def test_the_hash_is_the_files_own_and_follows_its_content(tmp_path):
    path = tmp_path / "mine.pth.tar"
    path.write_bytes(b"one")
    assert weights_hash(find_card(path)) == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"three")
    assert weights_hash(find_card(path)) == hashlib.sha256(b"three").hexdigest()


def test_the_precision_is_part_of_the_settings():
    assert prediction_settings(find_card("chgnet-0.3.0"))["precision"] == "float32"


def test_a_device_that_is_absent_or_unknown_is_refused_in_plain_words():
    import torch

    assert resolve_device("cpu") == "cpu"
    with pytest.raises(UserFacingError, match="not a device"):
        resolve_device("tpu")
    if torch.cuda.is_available():
        assert resolve_device("auto") == resolve_device("cuda") == "cuda"
    else:
        assert resolve_device("auto") == "cpu"
        with pytest.raises(UserFacingError, match="No GPU"):
            resolve_device("cuda")


def test_loading_by_name_gives_the_cards_identity():
    card = find_card("chgnet-0.3.0")
    potential = load_named("chgnet-0.3.0", "cpu")
    assert (potential.card, potential.weights_hash, potential.device) == (card, weights_hash(card), "cpu")
