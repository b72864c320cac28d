"""The commands about models: list, test, install, name, consent, remove."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from guiapp.cli.main import DONE, SOME_FAILED
from guiapp.cli.progress_line import ProgressLine
from guiapp.engine.job import BenchmarkJob
from guiapp.engine.model_source import registry_source
from guiapp.engine.self_test import known_self_test, self_test
from guiapp.engine.worker_processes import WorkerProcesses
from guiapp.errors import UserFacingError
from guiapp.frames.library_words import progress_words
from guiapp.potentials.ase_calculator import PREFIX, add_calculator
from guiapp.potentials.environments.model_environment import ModelEnvironment
from guiapp.potentials.environments.recipe import find_recipe
from guiapp.potentials.model_library import Origin, bring, download_model, origin_of, page_of, remove_model
from guiapp.potentials.optional_kernel import kernel_state, turn_kernel
from guiapp.potentials.pickle_scan import ALLOWED
from guiapp.potentials.potential import PotentialCard
from guiapp.potentials.registry import find_card, potential_cards
from guiapp.potentials.self_test.report import SelfTestReport, Verdict, facts_words
from guiapp.potentials.trust import file_sha256, revoke, scan_pickle, scan_words, trust, trusted

_MARKS = {True: "ok", False: "FAILED", None: "-"}
_LIMITED = "limited"


def run_models(options: argparse.Namespace) -> int:
    """Run one of the commands and return its exit code."""
    commands: dict[str | None, Callable[[], int]] = {
        None: list_models,
        "test": lambda: test_model(options.name, options.device),
        "install": lambda: install_model(options.name),
        "add": lambda: add_model(options.place, options.name),
        "remove": lambda: take_away(options.name),
        "trust": lambda: trust_file(options.file, anyway=options.anyway) if options.file is not None else list_trusted(),
        "revoke": lambda: revoke_file(options.file),
        "kernel": lambda: switch_kernel(options.switch),
    }
    return commands[options.action]()


def list_models() -> int:
    """Print the models with their state and what their self-test said."""
    cards = potential_cards()
    width = max(len(card.name) for card in cards)
    for card in cards:
        print(f"{card.name:<{width}}  {card.title}: {card.state}")
        known = _known_test(card)
        if known is not None:
            print(f"{'':<{width}}  {known.sentence}")
        facts = [f"trained on {card.training_data}" if card.training_data else "", card.functional]
        facts.append(f"licence {card.licence}" if card.licence else "")
        if any(facts):
            print(f"{'':<{width}}  {'; '.join(fact for fact in facts if fact)}")
        if card.citation:
            print(f"{'':<{width}}  cite {card.citation}")
    print(f"\n{kernel_state().sentence}")
    print("\nYour own model: models add FILE; any ase calculator: models add 'ase:module:Class?key=value'; test one: models test NAME")
    return DONE


def test_model(name: str, device: str) -> int:
    """Test a model in a worker process and print every check."""
    card = find_card(name)
    source = registry_source(BenchmarkJob("self-test", "self-test", card.name, (), device))
    with closing(WorkerProcesses(1)) as executor:
        report = self_test(source, card.functional, executor, _tell, again=True)
    for check in report.checks:
        mark = _LIMITED if check.passed is False and not check.grave else _MARKS[check.passed]
        print(f"{mark:<8} {check.name:<30} {check.words}")
    print(f"\n{card.title}: {report.sentence} ({report.seconds:.0f} s)")
    print(facts_words(report.facts))
    if report.verdict is Verdict.FAILED:
        print("A model that fails can be looked at and measured; do not export, correct or believe it.")
    return SOME_FAILED if report.verdict is Verdict.FAILED else DONE


def install_model(name: str) -> int:
    """Download a released model or make the environment of a recipe."""
    origin = origin_of(name)
    if origin is Origin.RELEASE:
        line = ProgressLine(find_card(name).title)
        card = download_model(name, lambda progress: line.say(progress_words(progress)))
        line.clear()
        print(f"{card.title}: {card.state}")
        return DONE
    if origin is Origin.FOLDER:
        raise UserFacingError(
            f"{find_card(name).title} has to be fetched by hand.", advice=f"Get its folder from {page_of(name)}, then: models add FOLDER."
        )
    ModelEnvironment.of(find_recipe(name)).create(_tell)
    return DONE


def add_model(place: str, name: str | None) -> int:
    """Give weights a name, or allow an ase calculator."""
    if place.startswith(PREFIX):
        add_calculator(place)
        print(f"{place} can be used as a model from now on")
        return DONE
    card = bring(Path(place), name)
    print(f"{place} can be used as {card.name} from now on ({card.family}; {card.state})")
    return DONE


def take_away(name: str) -> int:
    """Forget a name or a calculator, or delete an environment or a download."""
    print(f"{name} is removed" if remove_model(name, _tell) else f"{name} is not installed")
    return DONE


def trust_file(path: Path, *, anyway: bool) -> int:
    """Show what a file would import and remember the consent."""
    sha256 = file_sha256(path)
    family = find_card(path).family
    scan = scan_pickle(path, family if family in ALLOWED else "weights")
    print(f"{path}\n    SHA-256  {sha256}\n    {scan_words(scan)}")
    for name in scan.imports:
        print(f"    {'!' if name in scan.suspicious else ' '} {name}")
    if scan.suspicious and not anyway:
        raise UserFacingError(
            "The file holds what no genuine model needs, so the consent was not kept.",
            advice="Fetch it again from its author; if you know why it does, add --anyway.",
            path=path,
        )
    trust(sha256, path.name)
    print(f"Files of this content are opened from now on; take it back with: models revoke {sha256[:12]}")
    return DONE


def revoke_file(file_or_hash: str) -> int:
    """Take a consent back, by file or by the beginning of its SHA-256."""
    path = Path(file_or_hash).expanduser()
    wanted = file_sha256(path) if path.is_file() else file_or_hash.lower()
    found = [one for one in trusted() if wanted and one.sha256.startswith(wanted)]
    if len(found) != 1:
        raise UserFacingError(
            f"{'No' if not found else 'More than one'} consent is meant by “{file_or_hash}”.", advice="models trust lists them."
        )
    revoke(found[0].sha256)
    print(f"{found[0].note} is not opened any more")
    return DONE


def switch_kernel(switch: str | None) -> int:
    """Turn the compiled kernel on or off where that is asked for, and print how things stand."""
    if switch is not None:
        turn_kernel(on=switch == "on")
    print(kernel_state().sentence)
    return DONE


def list_trusted() -> int:
    """Print every consent."""
    files = trusted()
    for one in files:
        print(f"{one.sha256[:12]}  {one.since}  {one.note}")
    if not files:
        print("No file was consented to.")
    return DONE


def _known_test(card: PotentialCard) -> SelfTestReport | None:
    try:
        return known_self_test(registry_source(BenchmarkJob("", "", card.name, ()))) if card.state == "ready" else None
    except UserFacingError:
        return None  # the list shows the card's state, which says why


def _tell(words: str) -> None:
    if words:
        print(words, file=sys.stderr, flush=True)
