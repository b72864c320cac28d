"""Taking a corrected model away: its own family's file, the card, the labels, a wrapper; complete in one folder, or not there."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guiapp.correction.ase_wrapper import wrapper_source
from guiapp.correction.corrected import Correction, reference_energies
from guiapp.correction.family_file import FamilyFile, family_file
from guiapp.correction.model_card import card_data, card_text
from guiapp.correction.parent import CARD_DATA
from guiapp.correction.reload_check import ReloadCheck, check_reload
from guiapp.correction.verdict import CorrectionVerdict
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.writing import write_extxyz
from guiapp.potentials.self_test.gate import refuse_failed

CARD, LABELS, WRAPPER = "MODEL_CARD.md", "labels.extxyz", "scaled_calculator.py"
_FRAMES_CHECKED = 4
_LARGEST_CHECKED = 200  # atoms; the check is about the file, not about size

AddFigures = Callable[[Path], Sequence[tuple[str, str]]]
"""Writes plots into a folder and returns their file names with what they show."""


@dataclass(frozen=True, eq=False)
class Export:
    """What was written."""

    folder: Path
    model: Path
    """The model's own file or folder; the wrapper where the model has none."""
    files: dict[str, str]
    """Purpose by file name."""
    card: dict[str, Any]
    reload: ReloadCheck


def export_correction(
    correction: Correction,
    verdict: CorrectionVerdict,
    folder: Path,
    *,
    name: str = "",
    frames: Sequence[Frame] = (),
    reproduce: str = "",
    override: bool = False,
    add_figures: AddFigures | None = None,
) -> Export:
    """Write a corrected model with everything that belongs to it, and prove that the plain library opens it.

    Args:
        correction: What was fitted.
        verdict: What came of judging it.
        folder: New folder, or one that an earlier export made, which is replaced.
        name: Of the model and its file; made from base and target where not given.
        frames: Frames to check the file on; the smallest few are taken, and the labels where none are given.
        reproduce: Command that repeats the correction.
        override: Export although the verdict does not confirm the correction; the card says so.
        add_figures: Writes plots into the folder.

    Returns:
        What was written.

    Raises:
        UserFacingError: Where the model failed its self-test, the verdict forbids the export and there is no override, the folder is
            something else or cannot be written, or the plain library does not give the promised numbers.
    """
    refuse_failed(correction.base.card, correction.base.weights_hash)
    if not verdict.may_be_exported and not override:
        raise UserFacingError(
            f"The correction is not exported: {verdict.headline.lower()}. {verdict.reasons[0]}",
            advice="Try another label or more of them, or override; the override is written into the model card.",
        )
    own = family_file(correction)
    title = name or suggested_name(correction)
    _refuse_foreign(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise UserFacingError(f"The folder cannot be written: {error.strerror}.", advice="Choose another folder.", path=folder) from error
    try:
        export = _write(correction, verdict, part, own, title=title, frames=frames, reproduce=reproduce, override=override, add=add_figures)
        part.chmod(0o755)  # mkdtemp makes it accessible for its owner only
        if folder.exists():
            shutil.rmtree(folder)
        part.replace(folder)
    except OSError as error:
        raise UserFacingError(f"The export cannot be written: {error.strerror}.", advice="Choose another folder.", path=folder) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Export(folder, folder / export.model.name, export.files, export.card, export.reload)


def suggested_name(correction: Correction) -> str:
    """Return e.g. ``chgnet-0.3.0-LiF`` or ``chgnet-0.3.0-4-compounds``, a file name on every system."""
    compounds = list(dict.fromkeys(frame.formula or frame.compound for frame in correction.labels))
    target = compounds[0] if len(compounds) == 1 else f"{len(compounds)}-compounds"
    base = Path(correction.base.card.name.partition("#")[0]).name.removesuffix(".pth.tar").removesuffix(".model")
    return re.sub(r"[^A-Za-z0-9.+-]+", "-", f"{base}-{target}-{correction.method.value}").strip("-.")


def _refuse_foreign(folder: Path) -> None:
    """Raise where replacing the folder would destroy something that is no export."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CARD_DATA).is_file():
        raise UserFacingError(
            "The folder holds other files, which an export must not replace.", advice="Choose a new or empty folder.", path=folder
        )
    if folder.exists() and not folder.is_dir():
        raise UserFacingError("There is a file of this name.", advice="Choose another folder.", path=folder)


def _write(
    correction: Correction,
    verdict: CorrectionVerdict,
    folder: Path,
    own: FamilyFile,
    *,
    title: str,
    frames: Sequence[Frame],
    reproduce: str,
    override: bool,
    add: AddFigures | None,
) -> Export:
    files = {}
    model = folder / (f"{title}{own.ending}" if correction.has_file else WRAPPER)
    if correction.has_file:
        correction.corrected.save(model)
        files[model.name] = own.purpose
    reload = check_reload(model, correction, _to_check(frames or correction.labels))
    if reload.passed is False:
        raise UserFacingError(
            f"The exported file does not give the promised numbers. {reload.reason}", advice="Please report this: nothing was exported."
        )
    files[LABELS] = "the labels that were fitted (extended xyz, eV and Å)"
    write_extxyz(correction.labels, folder / LABELS)
    if correction.c is not None:
        files[WRAPPER] = "the same correction for any ase calculator, without changed weights"
        (folder / WRAPPER).write_text(_wrapper(correction, own, title, frames), encoding="utf-8", newline="\n")
    files |= dict(add(folder)) if add is not None else {}
    files |= {CARD: "this card", CARD_DATA: "this card as data"}
    data = card_data(
        correction,
        verdict,
        name=title,
        files=files,
        file_hash=_hash(model),
        load_lines=tuple(own.load_lines(model.name, correction.corrected).splitlines()),
        reload=reload,
        override=override,
        reproduce=reproduce,
    )
    (folder / CARD_DATA).write_text(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False), encoding="utf-8", newline="\n")
    (folder / CARD).write_text(card_text(data, verdict), encoding="utf-8", newline="\n")
    return Export(folder, model, files, data, reload)


def _to_check(frames: Sequence[Frame]) -> list[Frame]:
    small = [frame for frame in frames if frame.n_atoms <= _LARGEST_CHECKED] or list(frames)[:1]
    return sorted(small, key=lambda frame: (frame.n_atoms, frame.content_hash))[:_FRAMES_CHECKED]


def _wrapper(correction: Correction, own: FamilyFile, title: str, frames: Sequence[Frame]) -> str:
    assert correction.c is not None
    elements = sorted({z for frame in (*correction.labels, *frames) for z in frame.numbers.tolist()})
    references = reference_energies(correction.base, range(1, 95))
    known = references if set(elements) <= set(references) else None
    return wrapper_source(title, correction.c, known, module=Path(WRAPPER).stem, example=own.calculator)


def _hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files of a folder by name."""
    digest = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
        digest.update(file.read_bytes())
    return digest.hexdigest()
