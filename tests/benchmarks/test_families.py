"""What every family promises: a complete card, a plan that takes anything, a reduction that takes nothing, and one registry."""

import pytest

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family import NEB, RELAXED, STATIC
from guiapp.benchmarks.registry import families, family
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.shipped import open_shipped, shipped_sets

NAMES = [one.name for one in families()]


def test_names_are_unique_and_found():
    assert len(set(NAMES)) == len(NAMES)
    assert {"high-energy", "eos", "phonons"} <= set(NAMES)
    assert all(family(name).name == name for name in NAMES)
    with pytest.raises(UserFacingError, match="high-energy"):
        family("tea-leaves")


@pytest.mark.parametrize("name", NAMES)
def test_the_card_explains_every_quantity(name):
    card = describe_family(name)
    assert card.family == name
    first = next(iter(card.quantities.values()))
    assert first.softness
    assert (first.name, first.unit) == (card.quantity, card.unit)
    assert all(quantity.headline in {"ratio", "slope", "none"} for quantity in card.quantities.values())
    if name != "high-energy":
        assert set(card.quantities) <= set(card.terms)
    for term in card.terms.values():
        assert term.text
        assert term.formula


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_nothing_out(name):
    one = family(name)
    assert one.plan([]) == ()
    for mode in one.modes:
        assert mode in {STATIC, RELAXED, NEB}
        result = one.reduce([], model="m", mode=mode)
        assert (result.family, result.model, result.mode, result.curves, result.failures) == (name, "m", mode, (), ())
        assert all(row.verdict == "not enough signal" for row in result.rows)


@pytest.mark.parametrize("name", NAMES)
def test_no_family_trips_over_frames_of_another(name):
    """A family plans nothing of another's frames; only forces are judged on any labelled frame, and curvature starts at any crystal."""
    one = family(name)
    frames = [frame for summary in shipped_sets() if summary.family != name for frame in open_shipped(summary.name).frames[:8]]
    lone = Frame([1], [[0, 0, 0]], [[0, 0, 0]] * 3, (False, False, False))
    planned = one.plan([*frames, lone])
    if name == "high-energy":
        assert [frame.content_hash for frame in planned] == [frame.content_hash for frame in frames if frame.forces is not None]
    elif name == "curvature":
        assert {frame.elements for frame in planned} <= {frame.elements for frame in frames}
        assert len(planned) > len(frames)
    else:
        assert planned == ()
    assert all(frame.content_hash != lone.content_hash and one.relaxation(frame) is None for frame in planned)


@pytest.mark.parametrize("name", NAMES)
def test_built_in_sets_are_planned_by_their_family(name):
    for one in family(name).built_in_sets():
        assert one.family == name
        assert family(name).plan(one.frames)
