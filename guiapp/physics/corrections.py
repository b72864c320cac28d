"""The one scalar c that multiplies a model's interaction energy, forces and stress."""

from __future__ import annotations

from numpy.typing import ArrayLike

from guiapp.physics.softening import paired_components, ratio, softening_scale


def least_squares_correction(dft: ArrayLike, model: ArrayLike) -> float:
    """Return the scalar that makes the corrected forces c*y closest to DFT.

    It is the exact minimum of the mean squared error, which the paper approaches by training one scalar. The slope that
    is left afterwards is c*a = r^2 <= 1 and not 1, since random error pulls c below 1/a.

    Args:
        dft: DFT force components x of any shape, eV/Å.
        model: Model force components y of the same shape, eV/Å.

    Returns:
        c = sum(x y) / sum(y^2), dimensionless; NaN where every model force is zero.

    Source:
        Minimum of sum((c y - x)^2) over c; Deng et al., npj Comput. Mater. 11, 9 (2025), linear correction.
    """
    x, y = paired_components(dft, model)
    return ratio(float(x @ y), float(y @ y))


def slope_matching_correction(dft: ArrayLike, model: ArrayLike) -> float:
    """Return the scalar after which the softening scale is exactly 1.

    Args:
        dft: DFT force components x of any shape, eV/Å.
        model: Model force components y of the same shape, eV/Å.

    Returns:
        c = 1 / a = sum(x^2) / sum(x y), dimensionless; NaN where a is 0 or undefined.

    Source:
        The scale of c*y on x is c*a, so c = 1/a brings it to 1.
    """
    return ratio(1.0, softening_scale(dft, model))
