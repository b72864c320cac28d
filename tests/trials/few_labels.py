"""By hand: ten labels chosen by the program, all weights trained, for every chemistry with enough frames; forgetting included.

python tests/trials/few_labels.py [--project FILE] [--labels 10] [--epochs 100] [--only Ge] [--readout] [--replay 0]
"""

# ruff: noqa: T201 - a script prints
from __future__ import annotations

import argparse
import time
from pathlib import Path

from one_label import chemistries, predict_all

from guiapp.correction.fine_tune import Replay, TrainingProgress, fine_tune
from guiapp.correction.label_choice import rank_label_candidates
from guiapp.correction.split import split_frames
from guiapp.correction.training_record import Recipe
from guiapp.correction.verdict import Judged, elsewhere_frames, judge_correction
from guiapp.frames.shipped import open_shipped
from guiapp.potentials.registry import find_card, load_potential


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--project", type=Path, default=Path("one-label.temper"))
    parser.add_argument("--model", default="chgnet-0.3.0")
    parser.add_argument("--labels", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--replay", type=float, default=0.0)
    parser.add_argument("--average", type=float)
    parser.add_argument("--only")
    parser.add_argument("--readout", action="store_true")
    options = parser.parse_args()
    base = load_potential(find_card(options.model), "cpu")
    general = open_shipped("high-energy").frames
    recipe = Recipe(epochs=options.epochs, replay_share=options.replay, averaging=options.average)

    def tell(progress: TrainingProgress) -> None:
        r = progress.record
        if r.epoch % 10 == 0 or r.epoch == 1:
            print(
                f"  epoch {r.epoch}: loss {r.loss:.3f}, validation {r.validation_force_mae}, {progress.seconds_left:.0f} s left", flush=True
            )

    for title, name, everything in chemistries():
        if (options.only and options.only not in name) or len(everything) < options.labels + 3:
            continue
        known = predict_all([*everything, *general], options.model, options.project)
        frames = [f for f in everything if f.content_hash in known]
        split = split_frames(frames)
        ranking = rank_label_candidates(split.candidates, [known[f.content_hash] for f in split.candidates])
        labels = [c.frame for c in ranking.propose(options.labels)]
        away = elsewhere_frames([f for f in general if f.content_hash in known], labels)
        replay, away = (away[::2], away[1::2]) if options.replay else ((), away)
        start, cpu = time.perf_counter(), time.process_time()
        trained, record = fine_tune(
            base,
            labels,
            readout_only=options.readout,
            recipe=recipe,
            replay=Replay(replay, [known[f.content_hash] for f in replay]) if replay else None,
            tell=tell,
        )
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        unseen = split.unseen(labels)
        verdict = judge_correction(
            Judged(unseen, [known[f.content_hash] for f in unseen], trained.predict(unseen)),
            Judged(away, [known[f.content_hash] for f in away], trained.predict(away)),
            one_number=False,
        )
        own, rest = verdict.unseen, verdict.elsewhere
        before, after = own.before, own.after
        print(
            f"{title} {name}: {len(labels)} labels of {labels[0].n_atoms} atoms, {len(unseen)} unseen; "
            f"scale {before.statistics.scale:.3f} -> {after.statistics.scale:.3f}, "
            f"MAE {before.statistics.mae:.3f} -> {after.statistics.mae:.3f} (x{own.mae_ratio:.2f}); "
            f"energy differences {1000 * before.energy_error:.1f} -> {1000 * after.energy_error:.1f} meV/atom; elsewhere scale "
            f"{rest.before.statistics.scale:.3f} -> {rest.after.statistics.scale:.3f}, MAE x{rest.mae_ratio:.2f}; "
            f"kept epoch {record.kept_epoch}; {wall:.0f} s wall, {cpu:.0f} s CPU; {verdict.outcome.value}"
        )
        for reason in verdict.reasons:
            print("   ", reason)


if __name__ == "__main__":
    main()
