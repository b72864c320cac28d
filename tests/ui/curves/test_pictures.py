"""What is drawn of a system, and how axes follow it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiapp.ui.curves.pictures import picture_of
from guiapp.ui.curves.steady_range import data_bounds, fitted, followed


def test_dft_once_and_every_model(make):
    """Two models and one DFT on the same axes, lines and points each."""
    panel = picture_of([make["eos"](0.8), make["eos"](0.9, 1)], "eos", "MgO").panels[0]
    assert [(s.title, s.points) for s in panel.series] == [
        ("DFT", False),
        ("DFT", True),
        ("Model 0", False),
        ("Model 0", True),
        ("Model 1", False),
        ("Model 1", True),
    ]
    assert panel.series[0].color_index is None
    dft, model = panel.series[1], panel.series[3]
    np.testing.assert_allclose(model.y, 0.8 * dft.y, atol=1e-6)
    assert len(set(model.frames)) == 7


def test_correction_moves_the_model_and_keeps_its_ghost(make):
    """The corrected line lies on DFT's, what holds without it is still there, faintly; DFT does not move."""
    plain = picture_of([make["eos"](0.8)], "eos", "MgO").panels[0]
    panel = picture_of([make["eos"](0.8)], "eos", "MgO", 1.25).panels[0]
    dft = next(s for s in panel.series if s.title == "DFT" and s.points)
    model = next(s for s in panel.series if s.title == "Model 0" and s.points and not s.ghost)
    ghost = next(s for s in panel.series if s.ghost and s.points)
    np.testing.assert_allclose(model.y, dft.y, atol=1e-6)
    np.testing.assert_allclose(ghost.y, plain.series[3].y)
    assert model.hollow
    np.testing.assert_allclose(dft.y, plain.series[1].y)


def test_states_stand_beside_the_bands(make):
    """Frequencies go up in both panels."""
    bands, dos = picture_of([make["phonons"](0.8)], "phonons", "NaCl").panels
    assert [name for _, name in bands.ticks] == ["Γ", "X", "L"]
    assert dos.shares_y
    np.testing.assert_allclose(dos.series[0].y, np.linspace(0, 10, 80))


def test_profile_is_joined_without_a_summit_of_its_own(make):
    """The line through the images goes through all of them and nowhere higher."""
    panel = picture_of([make["migration"](0.8)], "migration", "MgO hop").panels[0]
    line = next(s for s in panel.series if s.title == "Model 0" and not s.points)
    points = next(s for s in panel.series if s.title == "Model 0" and s.points)
    assert line.y.max() == pytest.approx(points.y.max(), abs=1e-3)
    assert line.y.min() >= points.y.min() - 1e-9


def test_facets_make_one_parity_picture(make):
    """Every facet is a point that knows its system, and another facet is the same picture."""
    entries = [make["surfaces"](0.7)]
    picture, other = picture_of(entries, "surfaces", "MgO(100)"), picture_of(entries, "surfaces", "CaO(100)")
    series = picture.panels[0].series[0]
    assert dict(zip(series.systems, series.y.tolist(), strict=True))["MgO(110)"] == pytest.approx(0.084)
    assert picture.panels[0].parity
    assert picture.key == other.key


def test_numbers_are_those_drawn(make):
    """The CSV has a header and one row a point of a line or set."""
    picture = picture_of([make["phonons"](0.8)], "phonons", "NaCl")
    rows = list(picture.csv_rows())
    assert rows[0][:3] == ["system", "panel", "x axis"]
    assert len(rows) == 1 + 2 * 6 * 60 + 2 * 80


def test_tooltip_names_value_and_unit(make):
    """The resting mouse tells model, volume and energy."""
    panel = picture_of([make["eos"](0.8)], "eos", "MgO").panels[0]
    words = panel.series[3].words(panel, 0)
    assert words.startswith("Model 0\nvolume 18.4 Å³/atom\nE − E₀ ")
    assert words.endswith(" meV/atom")


@given(st.tuples(st.floats(-1e3, 1e3), st.floats(0, 1e3)), st.tuples(st.floats(-1e3, 1e3), st.floats(0, 1e3)))
def test_axes_stand_still_or_grow(first, second):
    """A range never shrinks while data arrive, holds all of them, and does not move while they stay inside."""
    before = fitted((first[0], first[0] + first[1]))
    bounds = (second[0], second[0] + second[1])
    after = followed(before, bounds)
    assert after[0] <= before[0]
    assert after[1] >= before[1]
    assert after[0] <= bounds[0]
    assert bounds[1] <= after[1]
    assert followed(after, bounds) == after


def test_parity_has_one_range_for_both_axes(make):
    """The diagonal is a diagonal."""
    x, y = data_bounds(picture_of([make["surfaces"](0.7)], "surfaces", "MgO(100)").panels[0])
    assert x == y == (0.0, pytest.approx(0.12))


def test_corrected_models_are_hollow(make):
    """A corrected model keeps its parent's colour with a hollow marker."""
    entry = replace(make["eos"](0.8), corrected=True)
    panel = picture_of([entry], "eos", "MgO").panels[0]
    assert [s.hollow for s in panel.series if s.title == "Model 0"] == [True, True]
