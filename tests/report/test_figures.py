"""Figures show what they claim: labels with units, counts and filter; every state can be drawn; nothing global changes."""

import sys

import numpy as np
import pytest

from guiapp.report.figure_style import LINE, MODELS, save_figure, scale_color
from guiapp.report.figures import DENSITY_FROM, RANKED_UP_TO, error_split_figure, models_figure, parity_figure, scales_figure


def texts(figure):
    from matplotlib.text import Text

    return "\n".join(item.get_text() for item in figure.findobj(Text))


def test_parity(soft):
    """Points, diagonal and fitted line; axes with units; counts, interval and filter beside them."""
    figure = parity_figure(soft)
    axes = figure.axes[0]
    assert len(axes.collections[0].get_offsets()) == soft.summary.n_components
    diagonal, fitted = axes.get_lines()
    assert np.diff(diagonal.get_ydata()) == pytest.approx(np.diff(diagonal.get_xdata()))
    assert np.diff(fitted.get_ydata()) / np.diff(fitted.get_xdata()) == pytest.approx(soft.summary.pooled.value)
    assert axes.get_xlim() == pytest.approx(axes.get_ylim())
    shown = texts(figure)
    for words in ("DFT force component (eV/Å)", "95 % CI", "5 compounds", "25 frames", "PBE", "|F| ≤ 30 eV/Å", "MAE", "pooled scale 0.8"):
        assert words in shown


def test_many_points_become_a_density(make_evaluation):
    """Above the threshold the counts of all cells add up to the number of components."""
    crowd = make_evaluation(names=("Al2O3",), n_frames=400)
    assert crowd.summary.n_components > DENSITY_FROM
    figure = parity_figure(crowd)
    assert figure.axes[0].collections[0].get_array().sum() == crowd.summary.n_components
    assert "force components in a cell" in texts(figure)


def test_no_line_without_a_signal(silent):
    """Near-relaxed frames are drawn, but no slope is claimed."""
    figure = parity_figure(silent)
    assert len(figure.axes[0].get_lines()) == 1
    assert "Not enough signal" in texts(figure)
    assert "no compound has enough signal" in texts(scales_figure(silent))


def test_ranking(soft):
    """Softest on top, names with subscripts and case, an interval each."""
    axes = scales_figure(soft).axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    scales = {compound.name: compound.statistics.scale for compound in soft.summary.compounds}
    plain = [label.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")) for label in labels]
    assert plain == sorted(scales, key=scales.get)
    assert {"CO", "Co", "Al₂O₃", "mp-973966"} <= set(labels)
    bottom, top = axes.get_ylim()
    assert bottom > top  # the first is the softest


def test_many_compounds_become_a_distribution(make_evaluation):
    """Above the threshold a histogram counts every judged compound once, split at 1."""
    many = make_evaluation(names=tuple(f"c{i}" for i in range(RANKED_UP_TO + 5)), n_frames=1, noise=0.5, scale=0.95)
    axes = scales_figure(many).axes[0]
    assert sum(patch.get_height() for patch in axes.patches if patch.get_width() < 0.1 and patch.get_height() >= 1) >= many.summary.n_judged
    assert f"below 1: {many.summary.n_below}" in texts(axes.figure)


def test_error_split(soft, make_evaluation):
    """Coloured and grey parts add up to the whole; an exact model has nothing to split."""
    exact = make_evaluation(scale=1.0, noise=0.0)
    axes = error_split_figure([soft, exact]).axes[0]
    systematic, random = axes.patches[:2]
    assert systematic.get_width() == pytest.approx(100 * soft.summary.statistics.systematic_share)
    assert systematic.get_width() + random.get_width() == pytest.approx(100)
    assert len(axes.patches) == 2
    assert "no force error to split" in texts(axes.figure)


def test_models_side_by_side(soft, silent):
    """One dot a model; a model without a signal is named and has no dot."""
    axes = models_figure([soft, silent]).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [soft.title, silent.title]
    assert sum(line.get_marker() == "o" for line in axes.get_lines()) == 1
    assert "not enough signal" in texts(axes.figure)


def test_formats(soft, tmp_path):
    """PNG, SVG and PDF, and no pyplot: its global list of figures would grow with every export."""
    files = save_figure(error_split_figure([soft]), tmp_path / "model-0.3.0")
    assert [path.name for path in files] == ["model-0.3.0.png", "model-0.3.0.svg", "model-0.3.0.pdf"]
    assert files[2].read_bytes().startswith(b"%PDF")
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_colours_are_those_of_the_window():
    """A model has one colour on screen and on paper, and so have soft and stiff."""
    theme = pytest.importorskip("guiapp.ui.theme", reason="needs Qt", exc_type=ImportError)
    assert theme.LIGHT.models == MODELS
    assert theme.LIGHT.line == LINE
    for scale in (0.3, 0.8, 1.0, 1.2, 1.9):
        assert scale_color(scale) == theme.scale_color(scale, theme.LIGHT).name().upper()
