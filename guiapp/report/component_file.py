"""Every force component, DFT and model, as one compressed table that any program reads."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

from guiapp.report.atomic_file import replaced_when_complete
from guiapp.report.evaluation import Evaluation

COMPONENTS_FILE = "components.csv.gz"
_COLUMNS = ("model", "compound", "frame", "frame_hash", "atom", "element", "axis", "dft", "predicted")
_LEVEL = 3  # compression: twice as fast as the default for a file a tenth larger
_BUFFER = 1 << 20


def write_components(path: Path, evaluations: Sequence[Evaluation]) -> None:
    """Write one line a force component: model, compound, frame, its hash, atom (from 0), element, axis, both forces in eV/Å.

    Nine significant digits are kept, so that every number of the summary can be computed again from this file to 1e-8.

    Args:
        path: The file, usually ``components.csv.gz``.
        evaluations: The models whose components are written.

    Raises:
        UserFacingError: Where the disk is full or the folder cannot be written.
    """
    with (
        replaced_when_complete(path) as temporary,
        temporary.open("wb") as raw,
        # No name and no time in the header: the same numbers give the same file.
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=_LEVEL, mtime=0) as packed,
        io.BufferedWriter(packed, _BUFFER) as stream,
    ):
        stream.write((",".join(_COLUMNS) + "\n").encode())
        for evaluation in evaluations:
            table, summary = evaluation.table, evaluation.summary
            for frame, index in zip(summary.frames, summary.frame_index.tolist(), strict=True):
                if frame.forces is None:
                    continue
                # One formatting call a frame: a call a line takes three times as long.
                start = _escaped(evaluation.model, frame.compound, frame.name, frame.content_hash).replace("%", "%%")
                pattern = "".join(
                    f"{start},{atom},{symbol},{axis},%.9g,%.9g\n" for atom, symbol in enumerate(frame.symbols) for axis in "xyz"
                )
                values: list[float] = [0.0] * (6 * frame.n_atoms)
                values[0::2] = frame.forces.ravel().tolist()
                values[1::2] = table.predictions[index].forces.ravel().tolist()
                stream.write((pattern % tuple(values)).encode())


def _escaped(*cells: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
