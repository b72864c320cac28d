"""A softening scale of every compound: our batches beside matcalc's SofteningBenchmark and chgnet's own batches, same frames."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from guiapp.frames.frame import Frame
from guiapp.physics.softening import softening_scale
from guiapp.potentials.potential import Potential, Prediction
from guiapp.speed.agreement import agreement
from guiapp.speed.measurement import Extent, Measurement, comparison
from guiapp.speed.peers import Calculator, calculator_loop, chgnet_batches, chgnet_calculator, our_chgnet, package_chgnet
from guiapp.speed.sample import small_cells, supercells
from guiapp.speed.timing import Case, interleave

_SCALE_LIMIT = 5e-4
"""Two softening scales from forces that differ by float32's rounding only."""

Scales = dict[str, float]


def measure(extent: Extent) -> list[Measurement]:
    """Compare end to end on small cells, and the predictions alone on supercells."""
    ours, model = our_chgnet(), package_chgnet(our_chgnet())
    calculator = chgnet_calculator(model)
    frames = small_cells(24 if extent.quick else 300)
    return [
        _softening(ours, calculator, frames, extent),
        _predictions("CHGNet 0.3.0, small cells", ours, model, calculator, frames=frames, extent=extent),
        _predictions("CHGNet 0.3.0, supercells", ours, model, calculator, frames=supercells(3 if extent.quick else 20), extent=extent),
    ]


def scales_of(frames: Sequence[Frame], predictions: Sequence[Prediction]) -> Scales:
    """Return the softening scale of each compound."""
    members: dict[str, list[int]] = {}
    for index, frame in enumerate(frames):
        members.setdefault(frame.compound, []).append(index)
    return {
        name: softening_scale(
            np.concatenate([np.asarray(frames[k].forces).ravel() for k in indices]),
            np.concatenate([predictions[k].forces.ravel() for k in indices]),
        )
        for name, indices in members.items()
    }


def matcalc_scales(frames: Sequence[Frame], calculator: Calculator) -> tuple[str, Callable[[], Scales]]:
    """Return matcalc's benchmark of the same frames, ready to run; where matcalc is missing, the loop it makes written out.

    Returns:
        What it is called, and a function that returns the scale of each compound.
    """
    try:
        from matcalc.benchmark import SofteningBenchmark  # noqa: PLC0415 - an optional package
    except ImportError as error:
        missing = error.name or "matcalc"
        return (
            f"the ase-calculator loop that matcalc makes, written out ({missing} is not installed)",
            lambda: scales_of(frames, calculator_loop(frames, calculator)),
        )
    logging.getLogger("matcalc").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "states.json"
        path.write_text(json.dumps(_matcalc_data(frames)), encoding="utf-8")
        benchmark = SofteningBenchmark(path)

    def run() -> Scales:
        table = benchmark.run(calculator, "chgnet")
        return dict(zip(table["material_id"], table["softening_scale_chgnet"].astype(float), strict=True))

    return "matcalc's SofteningBenchmark", run


def _matcalc_data(frames: Sequence[Frame]) -> dict[str, dict[str, Any]]:
    """Return frames as matcalc reads them: compound to frame to structure and forces."""
    from pymatgen.core import Lattice, Structure  # noqa: PLC0415 - seconds to import

    data: dict[str, dict[str, Any]] = {}
    for frame in frames:
        structure = Structure(Lattice(frame.cell), frame.symbols, frame.positions, coords_are_cartesian=True)
        of_compound = data.setdefault(frame.compound, {})
        of_compound[str(len(of_compound))] = {"structure": structure.as_dict(), "vasp_f": np.asarray(frame.forces).tolist()}
    return data


def _softening(ours: Potential, calculator: Calculator, frames: Sequence[Frame], extent: Extent) -> Measurement:
    labelled = [frame for frame in frames if frame.forces is not None]
    title, theirs = matcalc_scales(labelled, calculator)

    def our_scales() -> Scales:
        return scales_of(labelled, ours.predict(labelled))

    mine, other = our_scales(), theirs()
    difference = max(abs(mine[name] - other[name]) for name in mine)
    same = agreement(ours.predict(labelled), calculator_loop(labelled, calculator))
    equal = same.holds and difference <= _SCALE_LIMIT
    timings = interleave([Case("ours", our_scales), Case(title, theirs)], extent.rounds) if equal else ()
    note = f"Scales of {len(mine)} compounds differ by {difference:.1e} at most"
    note += "." if equal else f", more than {_SCALE_LIMIT:g} or with forces that differ, so nothing was timed."
    return comparison("Softening scales, end to end, CHGNet 0.3.0", timings, [same], count=len(labelled), unit="frames", notes=[note])


def _predictions(
    title: str, ours: Potential, model: Any, calculator: Calculator, *, frames: Sequence[Frame], extent: Extent
) -> Measurement:
    batches = chgnet_batches(frames, model)
    mine = ours.predict(frames)
    same = [agreement(mine, calculator_loop(frames, calculator)), agreement(mine, batches())]
    cases = [
        Case("ours", lambda: ours.predict(frames)),
        Case("ase-calculator loop", lambda: calculator_loop(frames, calculator)),
        Case("chgnet's own batches of 8", batches),
    ]
    timings = interleave(cases, extent.rounds) if all(one.holds for one in same) else ()
    sizes = sorted({frame.n_atoms for frame in frames})
    return comparison(f"{title}, {sizes[0]} to {sizes[-1]} atoms", timings, same, count=len(frames), unit="frames")
