"""Batches and their outcomes as messages between the program and a worker process."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from guiapp.engine.executor import BatchOutcome
from guiapp.engine.frame_predictor import FrameResult, failure
from guiapp.engine.job import FrameFailure
from guiapp.engine.model_source import ModelSource
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame
from guiapp.potentials.potential import Prediction
from guiapp.wire import Message

PREDICT = "predict"
NOTE = "note"
LOADED = "loaded"
OUTCOME = "outcome"
REFUSED = "refused"
BUG = "bug"


def predict_message(source: ModelSource, frames: tuple[Frame, ...]) -> Message:
    """Return the order to predict frames; labels stay here."""
    return Message(
        PREDICT,
        {
            "loader": source.loader,
            "model": source.model,
            "device": source.device,
            "title": source.title,
            "weights_hash": source.weights_hash,
            "names": [[frame.name, frame.compound] for frame in frames],
        },
        {
            "starts": _starts([frame.n_atoms for frame in frames]),
            "numbers": _joined([frame.numbers for frame in frames], np.int64),
            "positions": _joined([frame.positions.reshape(-1, 3) for frame in frames], np.float64),
            "cells": np.array([frame.cell for frame in frames]).reshape(-1, 3, 3),
            "pbc": np.array([frame.pbc for frame in frames], dtype=bool).reshape(-1, 3),
        },
    )


def read_predict(message: Message) -> tuple[ModelSource, tuple[Frame, ...]]:
    """Return what ``predict_message`` was given, frames without labels."""
    values, arrays = message.values, message.arrays
    source = ModelSource(
        loader=str(values["loader"]),
        model=str(values["model"]),
        device=str(values["device"]),
        title=str(values["title"]),
        weights_hash=str(values["weights_hash"]),
    )
    frames = []
    bounds = pairwise(arrays["starts"].tolist())
    for (name, compound), (start, end), cell, pbc in zip(values["names"], bounds, arrays["cells"], arrays["pbc"].tolist(), strict=True):
        frames.append(
            Frame(
                arrays["numbers"][start:end], arrays["positions"][start:end], cell, (pbc[0], pbc[1], pbc[2]), name=name, compound=compound
            )
        )
    return source, tuple(frames)


def outcome_message(outcome: BatchOutcome) -> Message:
    """Return an outcome as a message."""
    predictions = [(index, result) for index, result in enumerate(outcome.results) if isinstance(result, Prediction)]
    failures = [[k, result.reason, result.advice] for k, result in enumerate(outcome.results) if isinstance(result, FrameFailure)]
    magmoms = [prediction.magmoms for _, prediction in predictions]
    return Message(
        OUTCOME,
        {
            "seconds": outcome.seconds,
            "device": outcome.device,
            "parameters": outcome.n_parameters,
            "computed_by": outcome.computed_by,
            "failures": failures,
            "count": len(outcome.results),
        },
        {
            "indices": np.array([index for index, _ in predictions], dtype=np.int64),
            "energies": np.array([prediction.energy for _, prediction in predictions], dtype=np.float64),
            "stresses": np.array([prediction.stress for _, prediction in predictions], dtype=np.float64).reshape(-1, 3, 3),
            "starts": _starts([len(prediction.forces) for _, prediction in predictions]),
            "forces": _joined([prediction.forces.reshape(-1, 3) for _, prediction in predictions], np.float64),
            "moment_starts": _starts([0 if moments is None else len(moments) for moments in magmoms]),
            "moments": _joined([moments for moments in magmoms if moments is not None], np.float64),
            "has_moments": np.array([moments is not None for moments in magmoms], dtype=bool),
        },
    )


def read_outcome(message: Message, frames: tuple[Frame, ...]) -> BatchOutcome:
    """Return the outcome for the frames that were sent."""
    arrays = message.arrays
    results: dict[int, FrameResult] = {
        index: failure(frames[index], reason, advice) for index, reason, advice in message.values["failures"]
    }
    starts, moment_starts = arrays["starts"].tolist(), arrays["moment_starts"].tolist()
    for k, index in enumerate(arrays["indices"].tolist()):
        results[index] = Prediction(
            energy=float(arrays["energies"][k]),
            forces=_owned(arrays["forces"][starts[k] : starts[k + 1]]),
            stress=_owned(arrays["stresses"][k]),
            magmoms=_owned(arrays["moments"][moment_starts[k] : moment_starts[k + 1]]) if arrays["has_moments"][k] else None,
        )
    ordered = tuple(results[index] for index in range(len(frames)))
    parameters = message.values["parameters"]
    return BatchOutcome(
        ordered,
        float(message.values["seconds"]),
        str(message.values["device"]),
        int(parameters) if parameters is not None else None,
        str(message.values["computed_by"]),
    )


def refusal_message(error: UserFacingError) -> Message:
    """Return an error for the user as a message."""
    return Message(REFUSED, {"what": error.what, "advice": error.advice, "path": str(error.path or "")})


def read_refusal(message: Message) -> UserFacingError:
    """Return the error that ``refusal_message`` was given."""
    return UserFacingError(message.values["what"], advice=message.values["advice"], path=message.values["path"] or None)


def _starts(counts: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)


def _joined(arrays: list[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate(arrays).astype(dtype, copy=False) if arrays else np.empty(0, dtype=dtype)


def _owned(array: Floats) -> Floats:
    # A slice would keep the whole batch's bytes alive for as long as one frame's forces are.
    return np.array(array)
