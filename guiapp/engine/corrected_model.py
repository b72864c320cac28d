"""A corrected model among the workers: written as the file that it will be, so that workers here and on a cluster load what is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from guiapp.correction.corrected import Correction
from guiapp.correction.family_file import family_file
from guiapp.engine.asked_model import Answers
from guiapp.engine.passing_model import clear_left_models, passing_model
from guiapp.frames.frame import Frame
from guiapp.potentials.model_options import join_options, split_options
from guiapp.potentials.trust import file_sha256
from guiapp.potentials.weights import weights_files

_NEEDS_CONSENT = {"MACE"}
"""Families whose files are opened only with the user's consent."""


def ask_corrected(
    correction: Correction, frames: Sequence[Frame], before: Answers, ask: Callable[[str, Sequence[Frame]], Answers], folder: Path
) -> Answers:
    """Ask a corrected model about frames.

    Args:
        correction: What was fitted.
        frames: What to ask about.
        before: What the uncorrected model says about them.
        ask: Asks a model, by the name under which workers load it; see ``ask_model``.
        folder: Where the model may be written for the time being.

    Returns:
        Its answers. Where the scalar is applied outside of a model that has no file, they follow from ``before``.

    Raises:
        UserFacingError: Where the file cannot be written, or as ``ask``.
    """
    if not correction.has_file and correction.c is not None:
        return before.times(correction.c)
    with written_for_workers(correction, folder) as name:
        return ask(name, frames)


@contextmanager
def written_for_workers(correction: Correction, folder: Path) -> Iterator[str]:
    """Write a corrected model in its family's own format, and take it away again.

    The user's consent to the uncorrected model covers what this program makes of it, for as long as it lies there.

    Args:
        correction: Of a model that has a file.
        folder: Where to write.

    Yields:
        The name under which workers load it; its file travels to workers of a cluster.

    Raises:
        UserFacingError: Where it cannot be written.
    """
    clear_left_models()
    with passing_model(folder) as model:
        path = model.place / f"corrected{family_file(correction).ending}"
        correction.corrected.save(path)
        if correction.base.card.family in _NEEDS_CONSENT:
            for file in weights_files(path):
                model.consent(file_sha256(file), correction.corrected.card.title)
        yield join_options(str(path), split_options(correction.base.card.name)[1])
