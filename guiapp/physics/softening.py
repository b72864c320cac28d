"""The softening scale and the errors that go with it, for one cloud of force components.

Throughout, x is the DFT and y the model value of a Cartesian force component in eV/Å. All three components of every
atom take part. A quantity that the data do not determine (no components, or DFT forces that are all zero) is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """Least-squares line y = slope * x + intercept."""

    slope: float
    """Dimensionless."""
    intercept: float
    """eV/Å. Net forces vanish in a conservative model, so a value far from 0 flags a non-conservative one."""


def paired_components(dft: ArrayLike, model: ArrayLike) -> tuple[Floats, Floats]:
    """Return both sides as flat float64 arrays of equal length.

    Args:
        dft: DFT forces of any shape, eV/Å.
        model: Model forces of the same shape, eV/Å.

    Returns:
        (n,) DFT and (n,) model components, eV/Å.

    Raises:
        ValueError: Where the shapes differ: the components would be compared with the wrong partners.
    """
    x, y = np.asarray(dft, dtype=np.float64), np.asarray(model, dtype=np.float64)
    if x.shape != y.shape:
        raise ValueError(f"DFT forces of shape {x.shape} cannot be compared with model forces of shape {y.shape}")
    return x.ravel(), y.ravel()


def ratio(numerator: float, denominator: float) -> float:
    """Return the quotient, or NaN where the denominator is 0 (the data say nothing)."""
    return float(numerator / denominator) if denominator != 0 else float("nan")


def softening_scale(dft: ArrayLike, model: ArrayLike) -> float:
    """Return the least-squares slope of model on DFT force components through the origin.

    Below 1 the model's energy surface is too flat (soft), above 1 too steep (stiff).

    Args:
        dft: DFT force components x of any shape, eV/Å.
        model: Model force components y of the same shape, eV/Å.

    Returns:
        a = sum(x y) / sum(x^2), dimensionless; NaN where every DFT force is zero.

    Source:
        Deng et al., npj Comput. Mater. 11, 9 (2025), "softening scale" of their Fig. 5; the closed form of the
        one-parameter least-squares fit y = a x.
    """
    x, y = paired_components(dft, model)
    return ratio(float(x @ y), float(x @ x))


def softening_line(dft: ArrayLike, model: ArrayLike) -> Line:
    """Return the least-squares line with intercept.

    Args:
        dft: DFT force components x of any shape, eV/Å.
        model: Model force components y of the same shape, eV/Å.

    Returns:
        Slope (dimensionless) and intercept (eV/Å); NaN where x does not vary.

    Source:
        Ordinary least squares: slope = cov(x, y) / var(x), intercept = mean(y) - slope * mean(x).
    """
    x, y = paired_components(dft, model)
    if not len(x):
        return Line(float("nan"), float("nan"))
    centre_x, centre_y = float(x.mean()), float(y.mean())
    slope = ratio(float((x - centre_x) @ (y - centre_y)), float((x - centre_x) @ (x - centre_x)))
    return Line(slope, centre_y - slope * centre_x)


def mean_absolute_error(dft: ArrayLike, model: ArrayLike) -> float:
    """Return the mean absolute error of force components.

    Args:
        dft: DFT force components x of any shape, eV/Å.
        model: Model force components y of the same shape, eV/Å.

    Returns:
        mean |y - x| over components (not over force magnitudes), eV/Å.

    Source:
        Deng et al., npj Comput. Mater. 11, 9 (2025), Fig. 5 and its caption.
    """
    x, y = paired_components(dft, model)
    return float(np.abs(y - x).mean()) if len(x) else float("nan")


def corrected_mean_absolute_error(dft: ArrayLike, model: ArrayLike, scale: float | None = None) -> float:
    """Return the mean absolute error that is left once the cloud is turned back onto the diagonal.

    Args:
        dft: DFT force components x of any shape, eV/Å.
        model: Model force components y of the same shape, eV/Å.
        scale: Softening scale a to divide by; that of these components where not given.

    Returns:
        cMAE = mean |y / a - x|, eV/Å; NaN where a is 0 or undefined.

    Source:
        Deng et al., npj Comput. Mater. 11, 9 (2025), "corrected MAE".
    """
    x, y = paired_components(dft, model)
    a = softening_scale(x, y) if scale is None else scale
    if not len(x) or not np.isfinite(a) or a == 0:
        return float("nan")
    return float(np.abs(y / a - x).mean())


def uncentred_r2(dft: ArrayLike, model: ArrayLike) -> float:
    """Return how much of the cloud lies along one line through the origin.

    Args:
        dft: DFT force components x of any shape, eV/Å.
        model: Model force components y of the same shape, eV/Å.

    Returns:
        r^2 = sum(x y)^2 / (sum(x^2) sum(y^2)), between 0 and 1; NaN where either side is all zero.

    Source:
        The squared cosine between the two force vectors (Cauchy-Schwarz). It equals the product of the softening scale
        and the least-squares correction.
    """
    x, y = paired_components(dft, model)
    return ratio(float(x @ y) ** 2, float(x @ x) * float(y @ y))


def root_mean_square(values: ArrayLike) -> float:
    """Return sqrt(mean(v^2)) in the unit of the values; NaN where there are none."""
    v = np.asarray(values, dtype=np.float64).ravel()
    return float(np.sqrt(v @ v / len(v))) if len(v) else float("nan")
