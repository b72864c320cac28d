"""CHGNet on the optional compiled kernel: beside PyTorch and beside the loop through the package's ase calculator."""

from __future__ import annotations

from collections.abc import Sequence

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.chgnet_potential import ChgnetPotential
from guiapp.speed.agreement import agreement
from guiapp.speed.measurement import Extent, Measurement, comparison
from guiapp.speed.peers import Calculator, calculator_loop, chgnet_calculator, our_chgnet, package_chgnet
from guiapp.speed.relaxing import compare_relaxations
from guiapp.speed.sample import small_cells, supercells
from guiapp.speed.timing import Case, interleave

_MODEL = "CHGNet 0.3.0 with the optional compiled kernel"
_OURS, _PYTORCH = "ours, compiled kernel", "ours, PyTorch"


def measure(extent: Extent) -> list[Measurement]:
    """Compare predictions on small cells and on supercells, and relaxations.

    Raises:
        UserFacingError: Where the kernel is not in use.
    """
    ours = our_chgnet()
    if not ours.uses_kernel:
        raise UserFacingError(f"CHGNet is computed by {ours.computed_by}.")
    calculator = chgnet_calculator(package_chgnet(ours))
    return [
        _predictions("small cells", ours, calculator, small_cells(24 if extent.quick else 100), extent),
        _predictions("supercells", ours, calculator, supercells(3 if extent.quick else 20), extent),
        compare_relaxations(_MODEL, [(_OURS, ours.predict), (_PYTORCH, ours.predict_with_pytorch)], calculator, extent),
    ]


def _predictions(what: str, ours: ChgnetPotential, calculator: Calculator, frames: Sequence[Frame], extent: Extent) -> Measurement:
    mine = ours.predict(frames)
    same = [agreement(mine, ours.predict_with_pytorch(frames)), agreement(mine, calculator_loop(frames, calculator))]
    cases = [
        Case(_OURS, lambda: ours.predict(frames)),
        Case(_PYTORCH, lambda: ours.predict_with_pytorch(frames)),
        Case("ase-calculator loop", lambda: calculator_loop(frames, calculator)),
    ]
    timings = interleave(cases, extent.rounds) if all(one.holds for one in same) else ()
    sizes = sorted({frame.n_atoms for frame in frames})
    title = f"{_MODEL}, {what}, {sizes[0]} to {sizes[-1]} atoms"
    note = f"Computed by: {ours.computed_by}. All other tables are without it."
    return comparison(title, timings, same, count=len(frames), unit="frames", notes=[note])
