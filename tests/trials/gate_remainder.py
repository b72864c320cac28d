"""By hand: the gate on two fifths of a public set, and what the other three fifths, which it never saw, say of the same correction.

    PYTHONPATH=. python tests/trials/gate_remainder.py [--only Li] [--labels 10 --epochs 100] [--project FILE] [--checkpoint FILE]

Both parts follow from content hashes. With one label a scalar is fitted, with more all weights are trained, as ``correct`` does.
"""

# ruff: noqa: T201 - a script prints
from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from one_label import DATA, LARGEST_FORCE, predict_all

from guiapp.correction.choosing_labels import AUTO, choose_labels
from guiapp.correction.fine_tune import fine_tune
from guiapp.correction.independent_units import same_run
from guiapp.correction.label_choice import rank_label_candidates
from guiapp.correction.scalar_fit import fit_scalar
from guiapp.correction.split import split_frames
from guiapp.correction.training_record import Recipe
from guiapp.correction.verdict import Judged, judge_correction
from guiapp.frames.frame import Frame
from guiapp.frames.reading.read import read_frames
from guiapp.physics.force_statistics import force_statistics
from guiapp.physics.paired_change import grouped_mean
from guiapp.potentials.potential import Prediction
from guiapp.potentials.registry import find_card, load_potential

MODEL = "chgnet-0.3.0"
SETS = {
    "Li": ("mlearn/Li/training", "mlearn/Li/test"),
    "Ge": ("mlearn/Ge/training", "mlearn/Ge/test"),
    "Cu": ("mlearn/Cu/test", *(f"snap-cu-ni/Cu_{kind}" for kind in ("AIMD", "Vacancy", "Surface", "Elastic"))),
    "Ni": ("mlearn/Ni/test", *(f"snap-cu-ni/Ni_{kind}" for kind in ("Vacancy", "Surface", "Elastic", "Surface_test"))),
}
SHARE = 0.4


def frames_of(element: str) -> list[Frame]:
    """Return the labelled frames of an element, each geometry once."""
    found: dict[str, Frame] = {}
    for one in read_frames([DATA / f"{name}.json.gz" for name in SETS[element]]).sets:
        for frame in one.frames:
            if frame.usable and frame.forces is not None and (frame.largest_force or 0) <= LARGEST_FORCE:
                found.setdefault(frame.content_hash, frame)
    return list(found.values())


def parts(frames: Sequence[Frame]) -> tuple[list[Frame], list[Frame]]:
    """Return the user's frames and the remainder."""
    order = sorted(frames, key=lambda frame: hashlib.sha256(f"user {frame.content_hash}".encode()).hexdigest())
    mine = {frame.content_hash for frame in order[: round(SHARE * len(order))]}
    return [f for f in frames if f.content_hash in mine], [f for f in frames if f.content_hash not in mine]


def chance_over_runs(frames: Sequence[Frame], before: Sequence[Prediction], after: Sequence[Prediction]) -> tuple[int, float, float]:
    """Return the number of runs, and the p value over all of them weighed by error and every run once."""
    old, new = (np.array([np.abs(p.forces - f.forces).sum() for f, p in zip(frames, side, strict=True)]) for side in (before, after))
    runs = same_run(frames)
    old, new = (np.array([side[list(run)].sum() for run in runs]) for side in (old, new))
    change, each = (new - old) / (new + old), np.arange(len(runs))
    return len(runs), grouped_mean(change, each, new + old).p_value, grouped_mean(change, each).p_value


def of_all(frames: Sequence[Frame], predictions: Sequence[Prediction]) -> tuple[float, float]:
    """Return scale and MAE of all components."""
    found = force_statistics(np.concatenate([f.forces for f in frames]), np.concatenate([p.forces for p in predictions]))
    return found.scale, found.mae


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=list(SETS))
    parser.add_argument("--labels", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--project", type=Path, default=Path("one-label.temper"))
    parser.add_argument("--checkpoint", type=Path, help="goes on from there")
    options = parser.parse_args()
    for element in [options.only] if options.only else list(SETS):
        frames = frames_of(element)
        known = predict_all(frames, MODEL, options.project)
        mine, remainder = parts(frames)
        split = split_frames(mine)
        ranking = rank_label_candidates(split.candidates, [known[f.content_hash] for f in split.candidates], mine)
        scalar = options.labels == 1
        labels = choose_labels(ranking, (AUTO,), options.labels, spread=not scalar)
        unseen = split.unseen(labels)
        before, rest = ([known[f.content_hash] for f in some] for some in (unseen, remainder))
        if scalar:
            c = fit_scalar(labels, [known[f.content_hash] for f in labels]).c
            after, rest_after = ([Prediction(c * p.energy, c * p.forces, c * p.stress) for p in some] for some in (before, rest))
        else:
            base = load_potential(find_card(MODEL), "cpu")
            recipe = Recipe(epochs=options.epochs)
            trained, _ = fine_tune(base, labels, readout_only=False, recipe=recipe, checkpoint=options.checkpoint)
            after, rest_after = trained.predict(unseen), trained.predict(remainder)
        verdict = judge_correction(Judged(unseen, before, after), None, one_number=scalar)
        own = verdict.unseen
        print(f"{element}, {options.labels} label(s), {len(unseen)} unseen of {len(mine)}: {verdict.outcome.value}")
        for word, side in (("before", own.before), ("after", own.after)):
            within = f"{side.interval.low:.2f} to {side.interval.high:.2f}" if side.interval else "no interval"
            print(f"  {word}: scale {side.statistics.scale:.3f} ({within}), MAE {side.statistics.mae:.4f}")
        runs, weighed, unweighed = chance_over_runs(unseen, before, after)
        print(f"  {own.test.words}, p = {own.test.p_value:.2g}; {runs} runs: weighed p = {weighed:.2g}, every run once p = {unweighed:.2g}")
        (old_scale, old_mae), (new_scale, new_mae) = of_all(remainder, rest), of_all(remainder, rest_after)
        print(
            f"  remainder, {len(remainder)} frames: scale {old_scale:.3f} -> {new_scale:.3f}, MAE {old_mae:.4f} -> {new_mae:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
