"""Wulff shapes of DFT and models side by side: the figure, its numbers for a table, and the record of the summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from guiapp.benchmarks.slab_recognition import miller_of
from guiapp.benchmarks.surfaces import FAMILY, JOULE_PER_SQUARE_METRE
from guiapp.benchmarks.wulff import WulffShape, compared_shapes
from guiapp.frames.frame import Floats
from guiapp.report.family_evaluation import FamilyEvaluation
from guiapp.report.figure_style import MODELS, NEUTRAL, TEXT

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mpl_toolkits.mplot3d.axes3d import Axes3D  # type: ignore[import-untyped] # as matplotlib

SHAPE_COLUMNS = ("crystal", "facet", "side", "surface_energy_J_per_m2", "part_of_surface")
_LEAST_FACETS = 2  # one kind of facet has one shape whatever its energy
_LIGHT = np.array([0.35, -0.55, 0.76])
_SHADOW = 0.55  # brightness of a facet that faces away from the light


@dataclass(frozen=True, eq=False)
class ShapeSide:
    """The shape that one side, DFT or a model, gives a crystal."""

    title: str
    shape: WulffShape
    energies: dict[tuple[int, ...], float]
    """Surface energy of each kind of facet, eV/Å²."""


def crystal_shapes(evaluations: Sequence[FamilyEvaluation]) -> dict[str, tuple[ShapeSide, ...]]:
    """Return the shapes of every crystal of which several kinds of facets were measured, DFT's first.

    Args:
        evaluations: Of the surface family, one a model.

    Returns:
        Sides by crystal; empty for other families.
    """
    found: dict[str, list[ShapeSide]] = {}
    for evaluation in evaluations:
        if evaluation.result.family != FAMILY:
            continue
        for crystal in {frame.formula: frame for frame in evaluation.result.crystals}.values():
            reference, predicted = _energies(evaluation, crystal.formula)
            dft, model = compared_shapes(crystal, evaluation.result.rows)
            sides = found.setdefault(crystal.formula, [])
            if dft is not None and len(reference) >= _LEAST_FACETS and not any(side.title == "DFT" for side in sides):
                sides.insert(0, ShapeSide("DFT", dft, reference))
            if model is not None and len(predicted) >= _LEAST_FACETS:
                sides.append(ShapeSide(evaluation.title, model, predicted))
    return {crystal: tuple(sides) for crystal, sides in found.items() if sides}


def shape_lines(shapes: dict[str, tuple[ShapeSide, ...]]) -> list[tuple[str, str, str, float, float]]:
    """Return the lines of ``SHAPE_COLUMNS``, facet by facet."""
    return [
        (crystal, _name(facet), side.title, JOULE_PER_SQUARE_METRE * side.energies[facet], side.shape.fractions[facet])
        for crystal, sides in shapes.items()
        for side in sides
        for facet in sorted(side.energies, key=lambda facet: -side.shape.fractions[facet])
    ]


def shape_records(shapes: dict[str, tuple[ShapeSide, ...]]) -> list[dict[str, Any]]:
    """Return what the summary says of the shapes: plain values."""
    return [
        {
            "crystal": crystal,
            "side": side.title,
            "mean_surface_energy_J_per_m2": JOULE_PER_SQUARE_METRE * side.shape.mean_surface_energy,
            "anisotropy": side.shape.anisotropy,
            "parts_of_surface": {_name(facet): part for facet, part in side.shape.fractions.items()},
        }
        for crystal, sides in shapes.items()
        for side in sides
    ]


def shapes_figure(crystal: str, sides: Sequence[ShapeSide]) -> Figure:
    """Draw the shapes of one crystal beside each other, a colour for each kind of facet.

    Args:
        crystal: Formula.
        sides: At least one.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - a second that the window need not wait for
    from matplotlib.patches import Patch  # noqa: PLC0415

    facets = sorted(
        {facet for side in sides for facet, part in side.shape.fractions.items() if part > 0.0},
        key=lambda facet: -max(side.shape.fractions.get(facet, 0.0) for side in sides),
    )
    colors = {facet: MODELS[place] if place < len(MODELS) else NEUTRAL for place, facet in enumerate(facets)}
    figure = Figure(figsize=(2.9 * max(2, len(sides)), 3.9), layout="constrained", facecolor="white")
    figure.suptitle(f"Crystal shape of {crystal} (Wulff)", x=0.02, ha="left", fontsize=10, color=TEXT, fontweight="bold")
    for place, side in enumerate(sides, 1):
        axes: Axes3D = figure.add_subplot(1, max(2, len(sides)), place, projection="3d")
        _draw(axes, side, colors)
        mean, anisotropy = JOULE_PER_SQUARE_METRE * side.shape.mean_surface_energy, side.shape.anisotropy
        axes.set_title(f"{side.title}\nmean {mean:.2f} J/m², anisotropy {anisotropy:.3f}", fontsize=8, color=TEXT)
    parts = [Patch(color=colors[facet], label=_legend(facet, sides)) for facet in facets[: len(MODELS)]]
    if len(facets) > len(MODELS):
        parts.append(Patch(color=NEUTRAL, label=f"{len(facets) - len(MODELS)} smaller kinds"))
    title = f"part of the surface: {', '.join(side.title for side in sides)}"
    legend = figure.legend(handles=parts, loc="outside lower left", ncols=2, fontsize=7, frameon=False, labelcolor=TEXT, title=title)
    legend.get_title().set(fontsize=7, color=NEUTRAL)
    return figure


def _draw(axes: Axes3D, side: ShapeSide, colors: dict[tuple[int, ...], str]) -> None:
    from matplotlib.colors import to_rgb  # noqa: PLC0415 - as above
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection  # type: ignore[import-untyped]  # noqa: PLC0415

    polygons = [(facet, corners) for facet, corners in side.shape.polygons if facet in colors and len(corners) > 2]
    # Shapes are compared by form: each is drawn at the same size, however small a soft model's energies are.
    reach = max(float(np.abs(corners).max()) for _, corners in polygons)
    light = _LIGHT / np.linalg.norm(_LIGHT)
    faces = []
    for facet, corners in polygons:
        brightness = _SHADOW + (1 - _SHADOW) * max(0.0, float(_outward(corners) @ light))
        faces.append(tuple(brightness * channel for channel in to_rgb(colors[facet])))
    axes.add_collection3d(Poly3DCollection([corners / reach for _, corners in polygons], facecolors=faces, edgecolors=TEXT, linewidths=0.5))
    axes.set(xlim=(-0.8, 0.8), ylim=(-0.8, 0.8), zlim=(-0.8, 0.8))
    axes.set_box_aspect((1, 1, 1))
    axes.view_init(elev=22, azim=-58)
    axes.set_axis_off()


def _outward(corners: Floats) -> Floats:
    """Return the unit normal of a facet that points away from the centre of the body, which is the origin."""
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    length = float(np.linalg.norm(normal))
    unit: Floats = normal / length if length > 0 else normal
    return unit if float(unit @ corners.mean(axis=0)) >= 0 else -unit


def _energies(evaluation: FamilyEvaluation, crystal: str) -> tuple[dict[tuple[int, ...], float], dict[tuple[int, ...], float]]:
    reference: dict[tuple[int, ...], float] = {}
    predicted: dict[tuple[int, ...], float] = {}
    for row in evaluation.result.rows:
        facet = miller_of(row.system)
        if row.quantity != evaluation.quantity or facet is None or row.system.partition("(")[0] != crystal:
            continue
        for known, value in ((reference, row.reference), (predicted, row.predicted)):
            if np.isfinite(value):
                known[facet] = min(value, known.get(facet, value))
    return reference, predicted


def _name(facet: Sequence[int]) -> str:
    return f"({''.join(map(str, facet))})"


def _legend(facet: tuple[int, ...], sides: Sequence[ShapeSide]) -> str:
    return f"{_name(facet)}  " + ", ".join(f"{100 * side.shape.fractions.get(facet, 0.0):.0f} %" for side in sides)
