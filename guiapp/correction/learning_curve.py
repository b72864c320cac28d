"""Would more labels help? Read from subsets of the labels at hand, and from the best that one number can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guiapp.frames.frame import Floats, Frame
from guiapp.potentials.potential import Prediction

_DRAWS = 60
_SEED = 240507105
_WORTH_IT = 0.03
"""Fall of the MAE, as a fraction, that is worth another DFT calculation."""


@dataclass(frozen=True)
class CurvePoint:
    """The error on unseen frames after a fit to so many labels."""

    n_labels: int
    mae: float
    """Mean over subsets, eV/Å."""
    low: float
    """Fifth percentile over subsets, eV/Å."""
    high: float
    """95th percentile."""


@dataclass(frozen=True)
class LearningCurve:
    """Unseen MAE against the number of labels, for one scalar."""

    points: tuple[CurvePoint, ...]
    """The first is 0 labels: the uncorrected model."""
    limit: float
    """MAE with the scalar of the unseen frames themselves, eV/Å: where the curve ends with many labels."""
    best_mae: float
    """The smallest MAE that any scalar reaches on the unseen frames, eV/Å; least squares need not reach it."""
    more_labels_help: bool
    reason: str
    """In words."""


def scalar_learning_curve(
    labels: Sequence[Frame],
    label_predictions: Sequence[Prediction],
    unseen: Sequence[Frame],
    unseen_predictions: Sequence[Prediction],
    c: float,
) -> LearningCurve:
    """Return how the error on unseen frames falls with the number of labels.

    Args:
        labels: Frames that were fitted, or may be (labelled candidates): subsets of them are fitted.
        label_predictions: Of the uncorrected model, in the same order.
        unseen: Frames for the verdict.
        unseen_predictions: Of the uncorrected model, in the same order.
        c: The scalar in use.

    Returns:
        The curve, and whether more labels would help this scalar.
    """
    x = np.concatenate([np.ravel(frame.forces) for frame in unseen if frame.forces is not None])
    y = np.concatenate([prediction.forces.ravel() for prediction in unseen_predictions])
    xy = np.array([float((np.asarray(frame.forces) * p.forces).sum()) for frame, p in zip(labels, label_predictions, strict=True)])
    yy = np.array([float((p.forces**2).sum()) for p in label_predictions])
    points = [CurvePoint(0, mean_error(x, y, 1.0), mean_error(x, y, 1.0), mean_error(x, y, 1.0))]
    n = 1
    while n <= len(labels):
        points.append(_point(n, xy, yy, x, y))
        n = len(labels) if n < len(labels) < 2 * n else 2 * n
    now, limit = mean_error(x, y, c), mean_error(x, y, float(x @ y) / float(y @ y)) if y.any() else float("nan")
    gain = 1 - limit / now if now > 0 else 0.0
    if gain >= _WORTH_IT:
        reason = f"the scalar that many labels would give lowers the error by another {100 * gain:.0f} %"
    else:
        reason = (
            "many labels would give hardly another scalar; they help only if more than one number is fitted (readout or all parameters)"
        )
    return LearningCurve(tuple(points), limit, best_scalar_error(x, y), gain >= _WORTH_IT, reason)


def mean_error(x: Floats, y: Floats, c: float) -> float:
    """Return mean |c y - x|, eV/Å."""
    return float(np.abs(c * y - x).mean())


def best_scalar_error(x: Floats, y: Floats) -> float:
    """Return the smallest mean |c y - x| over all c, eV/Å.

    Args:
        x: (n,) DFT components, eV/Å.
        y: (n,) model components, eV/Å.

    Source:
        The minimum of a sum of |y| |c - x/y| lies at the median of x/y weighted by |y|.
    """
    told = y != 0
    if not told.any():
        return mean_error(x, y, 1.0)
    ratio, weight = x[told] / y[told], np.abs(y[told])
    order = np.argsort(ratio)
    cumulated = np.cumsum(weight[order])
    return mean_error(x, y, float(ratio[order][np.searchsorted(cumulated, cumulated[-1] / 2)]))


def _point(n: int, xy: Floats, yy: Floats, x: Floats, y: Floats) -> CurvePoint:
    random = np.random.default_rng(_SEED + n)
    if n == 1:
        subsets = [np.array([k]) for k in range(len(xy))]
    elif n == len(xy):
        subsets = [np.arange(n)]
    else:
        subsets = [random.choice(len(xy), n, replace=False) for _ in range(_DRAWS)]
    errors = [mean_error(x, y, float(xy[s].sum() / yy[s].sum())) for s in subsets if yy[s].sum() > 0]
    if not errors:
        return CurvePoint(n, float("nan"), float("nan"), float("nan"))
    low, high = np.quantile(errors, [0.05, 0.95])
    return CurvePoint(n, float(np.mean(errors)), float(low), float(high))
