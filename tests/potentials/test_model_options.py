"""Options behind a model's name survive the way through a name, and names the user gave lead to the right files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiapp.errors import UserFacingError
from guiapp.potentials.local_models import add_local_model, local_models, remove_local_model
from guiapp.potentials.model_options import join_options, split_options
from guiapp.potentials.registry import find_card, potential_cards

KEYS = st.text("abcxyz_", min_size=1, max_size=6)
VALUES = st.text("aZ09_.+-", min_size=1, max_size=6)


@given(st.text("ab/.# -", max_size=12).filter(lambda name: "=" not in name), st.dictionaries(KEYS, VALUES, max_size=3))
def test_a_name_with_options_splits_into_what_it_was_made_of(name, options):
    assert split_options(join_options(name, options)) == (name, options)


@pytest.mark.parametrize("name", ["chgnet-0.3.0", "a#b.model", "C#/x.model", "x#=1", "x#a="])
def test_a_name_without_options_stays_whole(name):
    assert split_options(name) == (name, {})


pytestmark = pytest.mark.usefixtures("bare_machine")


def test_a_name_the_user_gave_is_listed_found_and_forgotten(tmp_path):
    weights = tmp_path / "tuned.pth.tar"
    weights.write_bytes(b"anything")
    add_local_model("my tuned model", weights)
    assert dict(local_models()) == {"my tuned model": weights}
    card = find_card("my tuned model")
    assert (card.name, card.title, card.weights, card.family) == ("my tuned model", "tuned", weights, "CHGNet")
    assert card in potential_cards()
    weights.unlink()
    gone = find_card("my tuned model")
    assert gone.weights is None
    assert "there is no model at" in gone.state
    assert remove_local_model("my tuned model")
    assert not remove_local_model("my tuned model")
    with pytest.raises(UserFacingError, match="no potential called"):
        find_card("my tuned model")


def test_a_built_in_name_keeps_its_meaning(tmp_path):
    weights = tmp_path / "other.pth.tar"
    weights.write_bytes(b"anything")
    add_local_model("chgnet-0.3.0", weights)
    assert find_card("chgnet-0.3.0").weights != weights


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", "a#b", "a,b", " a"])
def test_impossible_names_are_refused(tmp_path, name):
    with pytest.raises(UserFacingError, match="cannot be a model's name"):
        add_local_model(name, tmp_path)


def test_a_place_where_nothing_lies_is_refused(tmp_path):
    with pytest.raises(UserFacingError, match="no such weights"):
        add_local_model("mine", tmp_path / "nothing")


def test_a_family_without_options_says_so():
    with pytest.raises(UserFacingError, match="has no option “precision”"):
        find_card("chgnet-0.3.0#precision=float64")


def test_a_file_whose_name_looks_like_an_option_is_taken_as_it_is(tmp_path):
    weights = tmp_path / "a#b=c.pth.tar"
    weights.write_bytes(b"anything")
    assert find_card(weights).weights == weights
