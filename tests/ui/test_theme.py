"""Every colour of both themes can be seen where it is used: text at 4.5 : 1, marks at 3 : 1 (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from guiapp.report import figure_style
from guiapp.ui.theme import DARK, LIGHT, scale_color

THEMES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
GROUNDS = ("window", "surface", "raised", "accent_soft")


def luminance(color: str) -> float:
    """Source: WCAG 2.2, definition of relative luminance."""
    channels = (channel / 255 for channel in QColor(color).getRgb()[:3])
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_as_defined():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@THEMES
@pytest.mark.parametrize("role", ["text", "muted", "accent", "soft", "stiff", "good", "warn", "bad"])
def test_text_can_be_read_on_every_ground(palette, role):
    assert min(contrast(getattr(palette, role), getattr(palette, ground)) for ground in GROUNDS) >= 4.5
    assert contrast(palette.on_accent, palette.accent) >= 4.5


@THEMES
def test_every_model_can_be_seen_on_every_ground(palette):
    worst = {color: min(contrast(color, getattr(palette, ground)) for ground in GROUNDS) for color in palette.models}
    assert min(worst.values()) >= 3, worst


@THEMES
@pytest.mark.parametrize("scale", [0.4, 0.7, 0.9, 1.0, 1.1, 1.3])
def test_a_scale_can_be_read_in_its_colour(palette, scale):
    assert contrast(scale_color(scale, palette).name(), palette.surface) >= 4.5


def test_figures_have_the_models_colours_of_the_light_theme():
    assert tuple(figure_style.MODELS) == LIGHT.models
    assert (LIGHT.soft, LIGHT.stiff, LIGHT.muted) == (figure_style.SOFT, figure_style.STIFF, figure_style.NEUTRAL)


def test_a_window_of_one_model_has_that_models_colour_first():
    own = LIGHT.of_model(2)
    assert own.models[0] == LIGHT.models[2]
    assert sorted(own.models) == sorted(LIGHT.models)
    assert LIGHT.of_model(len(LIGHT.models)) == LIGHT
