"""Compute the predictions that are shipped for the high-energy labels: ``python resources/predictions/make.py [MODEL ...]``.

Each model has to be on this machine (``models`` lists them, ``models install`` gets them). What is stored already under the same weights
and settings is not computed again, so that the script can be run whenever labels were added; frames that left the set are dropped.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from guiapp.engine.in_memory import InMemoryPredictions  # noqa: E402 - the checkout is put on the path first
from guiapp.engine.job import BenchmarkJob, Event, Progress  # noqa: E402
from guiapp.engine.job_control import JobControl  # noqa: E402
from guiapp.engine.model_source import job_settings_hash, registry_source  # noqa: E402
from guiapp.engine.run import run_job  # noqa: E402
from guiapp.engine.worker_processes import WorkerProcesses  # noqa: E402
from guiapp.frames.frame import Frame  # noqa: E402
from guiapp.frames.shipped import open_shipped  # noqa: E402
from guiapp.potentials.environments.recipe import recipes  # noqa: E402
from guiapp.potentials.registry import find_card, prediction_settings  # noqa: E402
from guiapp.potentials.stored_predictions import packed, read_stored, stored_models  # noqa: E402

HERE = Path(__file__).resolve().parent
SET = "high-energy"
MODELS = ("m3gnet-mp-2021.2.8", "sevennet-0", "diep-matpes-r2scan")


def package_of(name: str) -> str:
    """Return package and version that computes a model here."""
    recipe = next((recipe for recipe in recipes() if recipe.name == name), None)
    if recipe is None:
        return f"matgl {version('matgl')}, old conventions restored by Temper"
    return recipe.packages[-1].replace("==", " ")


def store(name: str, frames: list[Frame], workers: WorkerProcesses) -> dict[str, object]:
    """Compute what is missing of one model, write it, and return its line of the index."""
    card = find_card(name)
    job = BenchmarkJob("stored", SET, name, tuple(frames), "cpu")
    source = registry_source(job)
    kept, settings = InMemoryPredictions(), job_settings_hash(job, source)
    before = stored_models().get(name)
    if before is not None and (before.weights_sha256, dict(before.settings)) == (source.weights_hash, dict(prediction_settings(card))):
        known = read_stored(name)
        kept.keep(source.weights_hash, settings, list(known), list(known.values()))

    def tell(event: Event) -> None:
        if isinstance(event, Progress):
            print(f"\r{card.title}: {event.done} of {event.total} frames ", end="", file=sys.stderr, flush=True)

    outcome = run_job(job, kept, workers, tell, JobControl())
    print(file=sys.stderr)
    for failed in outcome.failures:
        print(f"  left out: {failed.compound} {failed.frame_name}: {failed.reason}", file=sys.stderr)
    found = kept.find(source.weights_hash, settings, [frame.content_hash for frame in frames])
    if not found:
        raise SystemExit(f"{card.title} gave no prediction: {outcome.reason}")
    np.savez_compressed(HERE / f"{name}.npz", **packed(found))
    computed = before.computed if before is not None and before.n_frames == len(found) == outcome.kept else str(datetime.now(UTC).date())
    return {
        "name": name,
        "title": card.title,
        "version": package_of(name),
        "computed": computed,
        "set": SET,
        "n_frames": len(found),
        "weights_sha256": source.weights_hash,
        "settings": {key: str(value) for key, value in prediction_settings(card).items()},
        "licence": f"the numbers CC-BY-4.0; the model {card.licence}",
        "citation": card.citation,
    }


def main() -> None:
    """Compute and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("models", nargs="*", default=MODELS, metavar="MODEL")
    names = parser.parse_args().models
    frames = [frame for frame in open_shipped(SET).frames if frame.usable]
    index = HERE / "index.yaml"
    lines = {one["name"]: one for one in (yaml.safe_load(index.read_text(encoding="utf-8")) if index.is_file() else None) or []}
    with closing(WorkerProcesses(1)) as workers:
        for name in names:
            lines[name] = store(name, frames, workers)
            text = yaml.safe_dump([lines[key] for key in sorted(lines)], sort_keys=False, allow_unicode=True, width=140)
            index.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
