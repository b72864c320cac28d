"""What the models window says of a model, in words and colours."""

from __future__ import annotations

from guiapp.frames.library_words import size_words
from guiapp.potentials.self_test.report import Check, Verdict
from guiapp.ui.models_page.entry import ModelEntry
from guiapp.ui.theme import Palette

NOT_TESTED = "not tested"
_HASH_SHOWN = 64


def verdict_words(entry: ModelEntry) -> str:
    """Return ``passed``, ``limited``, ``failed`` or ``not tested``."""
    return entry.verdict.value if entry.verdict is not None else NOT_TESTED


def verdict_color(verdict: Verdict | None, palette: Palette) -> str:
    """Return the colour of a verdict: green, amber, red, grey."""
    colors = {Verdict.PASSED: palette.good, Verdict.LIMITED: palette.warn, Verdict.FAILED: palette.bad}
    return colors[verdict] if verdict is not None else palette.muted


def check_mark(check: Check) -> str:
    """Return a sign for a check: passed, not judged, limits the model, or makes it wrong."""
    if check.passed is None:
        return "–"
    if check.passed:
        return "✓"
    return "✗" if check.grave else "!"


def check_color(check: Check, palette: Palette) -> str:
    """Return the colour of a check's sign."""
    if check.passed is None:
        return palette.muted
    if check.passed:
        return palette.good
    return palette.bad if check.grave else palette.warn


def state_words(entry: ModelEntry) -> str:
    """Return in a few words whether a model can be used, and what is missing."""
    if entry.part:
        return f"{size_words(entry.part)} downloaded so far"
    if entry.disk_gb and not entry.is_ready:
        state = entry.card.state.partition(" (")[0]
        return f"{state}: {entry.download_gb:g} GB to download, {entry.disk_gb:g} GB on the disk"
    return entry.card.state


def facts_of(entry: ModelEntry) -> tuple[tuple[str, str], ...]:
    """Return titles and values of a card, in the order in which they are shown; what is not known says so."""
    card, report = entry.card, entry.report
    facts = report.facts if report is not None else None
    unknown = "unknown" if report is not None else "known after the self-test"
    speed = f"{facts.atoms_per_second:,.0f} atoms a second on {facts.device} (small cells)" if facts and facts.atoms_per_second else unknown
    if facts and facts.atoms_per_second and facts.computed_by:
        speed += f"; {facts.computed_by}"
    return (
        ("Family", card.family.partition(" (")[0]),
        ("Trained on", card.training_data or "unknown"),
        ("Functional", card.functional or "unknown"),
        ("Parameters", f"{facts.n_parameters:,}" if facts and facts.n_parameters else unknown),
        ("Speed here", speed),
        ("File", f"{card.weights} ({size_words(entry.n_bytes)})" if card.weights is not None else "not on this machine"),
        ("SHA-256", entry.sha256[:_HASH_SHOWN] or "not known before it is here"),
        ("Licence", card.licence or "unknown"),
        ("Cite", card.citation or "unknown"),
    )


def elements_words(entry: ModelEntry) -> str:
    """Return how many elements a model knows."""
    if entry.report is None:
        return "Which elements it knows is found by the self-test."
    count = len(entry.report.elements)
    return f"It knows {count} element{'' if count == 1 else 's'} up to plutonium."


def test_words(entry: ModelEntry) -> str:
    """Return the verdict of the self-test in a sentence, and when it was made."""
    report = entry.report
    if report is None:
        return "Not tested yet: run the self-test before you believe its numbers."
    when = f" Tested on {report.facts.tested_on[:10]}" if report.facts.tested_on else ""
    return f"{report.sentence}{when} in {report.seconds:.0f} s." if when else report.sentence
