"""How much of a model's force error one number can repair."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from guiapp.physics.softening import paired_components, root_mean_square, softening_scale


@dataclass(frozen=True)
class ErrorSplit:
    """Root-mean-square force error and its two parts, all in eV/Å: rmse^2 = systematic^2 + random^2."""

    rmse: float
    systematic: float
    """|1 - a| sqrt(mean(x^2)): the wrong slope, which a scalar correction removes."""
    random: float
    """sqrt(mean((y - a x)^2)): the scatter about the line, which it cannot remove."""

    @property
    def systematic_share(self) -> float:
        """Systematic part of the mean squared error, between 0 and 1; NaN where there is no error."""
        return systematic_share(self.rmse, self.systematic)


def systematic_share(rmse: float, systematic: float) -> float:
    """Return systematic^2 / rmse^2, NaN where there is no error to share out."""
    return (systematic / rmse) ** 2 if rmse > 0 else float("nan")


def split_error(dft: ArrayLike, model: ArrayLike) -> ErrorSplit:
    """Split the root-mean-square error into the part that is a wrong slope and the scatter about that slope.

    Args:
        dft: DFT force components x of any shape, eV/Å.
        model: Model force components y of the same shape, eV/Å.

    Returns:
        The three errors, eV/Å; systematic and random are NaN where the scale is undefined.

    Source:
        RMSE^2 = (1 - a)^2 mean(x^2) + sigma^2 with sigma^2 = mean((y - a x)^2): the residual of a least-squares fit
        through the origin is orthogonal to x, so the cross term vanishes.
    """
    x, y = paired_components(dft, model)
    a = softening_scale(x, y)
    return ErrorSplit(
        rmse=root_mean_square(y - x),
        systematic=abs(1 - a) * root_mean_square(x),
        random=root_mean_square(y - a * x),
    )
