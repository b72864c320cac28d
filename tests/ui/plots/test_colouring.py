"""Colours mean what their legend says, and stay legible in both themes."""

from __future__ import annotations

import numpy as np
import pytest
from ase.data.colors import jmol_colors
from PySide6.QtGui import QColor

from guiapp.ui.plots.colouring import LEGIBLE_CONTRAST, color_by_element, color_by_scale, color_by_strain, contrast
from guiapp.ui.plots.recolour import recoloured, recoloured_points
from guiapp.ui.theme import DARK, LIGHT, scale_color


def blueness(rgba):
    color = QColor.fromRgba(int(rgba))
    return color.blue() - color.red()


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_scale_colours(palette):
    """Soft is blue, stiff is orange, each point takes its compound's colour, an unknown scale the hairline's."""
    scales = [0.6, 1.0, 1.3, None, float("nan")]
    made = color_by_scale(np.array([0, 1, 2, 3, 4, 0]), scales, palette)
    soft, one, stiff, unknown, nan, again = made.colors
    assert blueness(soft) > blueness(one) > blueness(stiff)
    assert soft == again
    assert QColor.fromRgba(int(one)) == QColor(palette.muted)
    assert unknown == nan == QColor(palette.line).rgba()
    labels = [entry.label for entry in made.legend]
    assert labels == ["softest 0.60", "1", "stiffest 1.30", "not enough signal"]
    assert QColor(made.legend[0].color) == scale_color(0.6, palette)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_elements_keep_their_hue_and_can_be_seen(palette):
    """Every element stands out from the background; one that already does has the viewer's own colour."""
    numbers = np.arange(1, 97)
    made = color_by_element(numbers, palette)
    background = QColor(palette.surface)
    assert all(contrast(QColor.fromRgba(int(c)), background) >= LEGIBLE_CONTRAST for c in made.colors)
    oxygen = QColor.fromRgbF(*map(float, jmol_colors[8]))
    assert QColor.fromRgba(int(made.colors[7])).rgb() == oxygen.rgb()


def test_element_legend_names_the_most_frequent():
    """The legend is short: most frequent first, the rest counted."""
    numbers = np.concatenate([np.full(50, 8), np.full(30, 12), np.arange(20, 40)])
    labels = [entry.label for entry in color_by_element(numbers, LIGHT).legend]
    assert labels[:2] == ["O", "Mg"]
    assert labels[-1] == "and 12 more"


def test_strain_classes():
    """Compressed, none, stretched and not recorded are told apart, and only classes that occur are in the legend."""
    made = color_by_strain(np.array([-0.03, 0.0, 0.001, 0.03, np.nan]), LIGHT)
    assert len(set(made.colors.tolist())) == 4
    assert made.colors[1] == made.colors[2]
    assert [entry.label for entry in made.legend] == ["compressed", "unstrained", "stretched", "not recorded"]
    assert [entry.label for entry in color_by_strain(np.array([0.0, 0.02]), LIGHT).legend] == ["unstrained", "stretched"]


@pytest.mark.parametrize("scale", [0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4])
def test_scale_colours_in_the_other_theme(scale):
    """A colour between grey and blue or orange becomes the same mixture of the other theme."""
    there = recoloured(scale_color(scale, DARK), DARK, LIGHT)
    expected = scale_color(scale, LIGHT)
    difference = max(abs(a - b) for a, b in zip(there.getRgb(), expected.getRgb(), strict=True))
    assert difference <= 4


def test_other_colours_in_the_other_theme():
    """Models map by their place; an element's colour stays where it can be seen and is darkened where it cannot."""
    for dark, light in zip(DARK.models, LIGHT.models, strict=True):
        assert recoloured(QColor(dark), DARK, LIGHT) == QColor(light)
    points = recoloured_points(np.array([0xFFFF0D0D, 0xFFFFFFFF], dtype=np.uint32), DARK, LIGHT)
    assert points[0] == 0xFFFF0D0D
    assert contrast(QColor.fromRgba(int(points[1])), QColor(LIGHT.surface)) >= LEGIBLE_CONTRAST


def test_contrast_is_the_published_ratio():
    """Black on white is 21, equal colours are 1 (WCAG's own examples)."""
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("#777777")) == pytest.approx(1)
    assert contrast(QColor("#767676"), QColor("white")) == pytest.approx(4.54, abs=0.01)
