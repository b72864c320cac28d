"""The words of the command line make the recipe, and a recipe makes the words that repeat it."""

from __future__ import annotations

import pytest

from guiapp.cli.correct import recipe_of
from guiapp.cli.main import build_parser
from guiapp.correction.training_record import Recipe, recipe_options
from guiapp.errors import UserFacingError

BASE = ["correct", "high-energy", "--model", "chgnet-0.3.0"]


def recipe(*words: str) -> Recipe:
    return recipe_of(build_parser().parse_args([*BASE, *words]))


def test_without_words_it_is_the_papers():
    assert recipe() == Recipe()
    assert recipe_options(Recipe()) == []


def test_every_word_arrives_and_can_be_repeated():
    words = [
        "--epochs",
        "20",
        "--learning-rate",
        "0.0005",
        "--ema",
        "0.99",
        "--early-stop",
        "5",
        "--replay",
        "1",
        "--taylor",
        "2",
        "--consistency",
        "3",
        "--displacement",
        "0.05",
    ]
    chosen = recipe(*words)
    assert (chosen.epochs, chosen.learning_rate, chosen.averaging, chosen.early_stop) == (20, 5e-4, 0.99, 5)
    assert (chosen.replay_share, chosen.taylor_weight, chosen.consistency_weight, chosen.displacement) == (1, 2, 3, 0.05)
    assert recipe(*recipe_options(chosen)) == chosen
    for word in ("20 epochs", "0.0005", "0.99", "early stop after 5", "Taylor 2", "within 0.05 Å"):
        assert word in chosen.words
    assert "replayed" not in Recipe().words


@pytest.mark.parametrize("words", [("--ema", "1"), ("--taylor", "-1"), ("--learning-rate", "0"), ("--displacement", "0")])
def test_numbers_without_sense_are_refused(words):
    with pytest.raises(UserFacingError):
        recipe(*words)
