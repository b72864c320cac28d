"""The wizard from a structure that nobody has labelled: candidates, input, results that come back, GPAW."""

from __future__ import annotations

import pytest
from ase.build import bulk
from ase.io import write
from dft_results import result_of, write_result
from window_steps import click
from wizard_steps import go_to, opened_wizard

from guiapp.correction.gpaw_run import find_gpaw
from guiapp.correction.verdict import Outcome
from guiapp.engine.worker_processes import WorkerProcesses
from guiapp.ui.wizard.label_desk import input_folder


def from_cif(window, qtbot, tmp_path, atoms):
    """Read a CIF into a new project and open the wizard on it."""
    path = tmp_path / "mine.cif"
    write(path, atoms)
    window.session.open(tmp_path / "work.temper", then_read=[path])
    qtbot.waitUntil(lambda: len(window.session.structures.frames) == 1)
    wizard = opened_wizard(window, qtbot)
    qtbot.waitUntil(lambda: wizard.target.is_ready)
    return wizard


def sample(wizard, qtbot, *, rattled: int, frames: int = 0):
    """Sample candidates by the button of page 2."""
    go_to(wizard, qtbot, "Which structure?")
    panel = wizard.choice.sampling
    panel.frames.setValue(frames)
    panel.rattled.setValue(rattled)
    click(panel.start)
    qtbot.waitUntil(lambda: not panel.is_running and wizard.flow.is_ready, timeout=180_000)


def test_one_atom_becomes_candidates_input_and_labels(window, qtbot, tmp_path):
    """A one-atom cell without labels: sampled, written as input, wrong results refused, right ones taken in while the folder is watched."""
    wizard = from_cif(window, qtbot, tmp_path, bulk("Cu", "fcc", a=3.62))
    assert "no DFT label yet" in wizard.target.today.text()
    sample(wizard, qtbot, rattled=4)
    assert wizard.flow.is_sampled
    assert all(candidate.frame.n_atoms >= 8 for candidate in wizard.flow.ranking.candidates), "one atom has no force to learn from"
    wizard.choice.judges.setValue(1)
    go_to(wizard, qtbot, "Get the label")
    assert not wizard.next.isEnabled()
    click(wizard.label.input.write)
    qtbot.waitUntil(lambda: "bring back" in wizard.label.input.written.text())
    wanted = wizard.flow.to_label()
    assert len(wanted) == 2
    folders = [input_folder(wizard.flow.memory.input_folder, one) for one in wanted]
    assert all((folder / code / "README.md").is_file() for folder in folders for code in ("vasp", "quantum-espresso", "cp2k", "gpaw"))

    chosen = wizard.flow.chosen()[0]
    place = [one.frame.content_hash for one in wanted].index(chosen.content_hash)
    right, other = wanted[place], wanted[1 - place]
    write_result(result_of(right.frame, right.prediction, converged=False), folders[place] / "gpaw")
    qtbot.waitUntil(lambda: "did not converge" in wizard.label.status.text())
    assert not wizard.next.isEnabled()
    write_result(result_of(right.frame, right.prediction), folders[place] / "gpaw")
    qtbot.waitUntil(lambda: wizard.label.is_ready and wizard.flow.is_ready)
    assert wizard.next.isEnabled(), "what is to be fitted is there; the other one may still come"
    write_result(result_of(other.frame, other.prediction), folders[1 - place] / "gpaw")
    qtbot.waitUntil(lambda: not wizard.flow.to_label() and wizard.flow.is_ready)
    go_to(wizard, qtbot, "Fit")
    qtbot.waitUntil(lambda: wizard.fits.fit is not None)
    labels = wizard.flow.fitted()
    assert [frame.content_hash for frame in labels] == [right.frame.content_hash]
    qtbot.waitUntil(lambda: any(frame.forces is not None for frame in window.session.structures.frames), timeout=30_000)
    go_to(wizard, qtbot, "Verdict")
    qtbot.waitUntil(lambda: wizard.fits.verdict is not None)
    assert wizard.fits.verdict.unseen.n_frames == 1
    assert wizard.fits.verdict.outcome is not Outcome.RECOMMENDED, "one unseen frame recommends nothing"


@pytest.mark.slow
def test_sampling_can_be_cancelled_and_started_again(window, qtbot, tmp_path):
    """Cancel ends the dynamics at once, and nothing is lost."""
    wizard = from_cif(window, qtbot, tmp_path, bulk("LiF", "rocksalt", a=4.03))
    go_to(wizard, qtbot, "Which structure?")
    panel = wizard.choice.sampling
    click(panel.start)
    qtbot.waitUntil(lambda: panel.progress.maximum() > 0 and panel.progress.value() > 5, timeout=120_000)
    assert "left" in panel.note.text()
    click(panel.cancel)
    qtbot.waitUntil(lambda: not panel.is_running)
    assert wizard.flow.ranking is None
    sample(wizard, qtbot, rattled=2, frames=1)
    assert len(wizard.flow.ranking.candidates) == 3


@pytest.mark.slow
def test_an_element_that_the_model_lacks_is_told_on_the_page(window, qtbot, tmp_path):
    """Curium is beyond CHGNet's elements: the page says so, and Next stays off."""
    wizard = from_cif(window, qtbot, tmp_path, bulk("Cm", "fcc", a=5.0))
    sample(wizard, qtbot, rattled=1)
    assert "Cm" in wizard.choice.sampling.note.text()
    assert not wizard.next.isEnabled()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_from_a_cif_to_a_verdict_with_gpaw_on_this_computer(make_window, qtbot, tmp_path):
    """GPAW labels a sampled structure, is cancelled, goes on from where it was, and the scalar is fitted to its forces."""
    if find_gpaw() is None:
        pytest.skip("there is no Python with GPAW on this computer")
    wizard = from_cif(make_window(executor=WorkerProcesses(1)), qtbot, tmp_path, bulk("LiF", "rocksalt", a=4.03))
    sample(wizard, qtbot, rattled=2)
    wizard.choice.judges.setValue(0)
    go_to(wizard, qtbot, "Get the label")
    click(wizard.label.buttons["gpaw"])
    panel = wizard.label.gpaw
    qtbot.waitUntil(panel.start.isEnabled, timeout=120_000)
    click(panel.start)
    state = input_folder(wizard.flow.memory.input_folder, wizard.flow.to_label()[0]) / "gpaw" / "state.gpw"
    qtbot.waitUntil(state.is_file, timeout=600_000)
    click(panel.cancel)
    qtbot.waitUntil(lambda: not wizard.desk.is_running, timeout=60_000)
    assert not wizard.next.isEnabled()
    qtbot.waitUntil(lambda: panel.start.isEnabled() and panel.start.text() == "Go on")
    click(panel.start)
    qtbot.waitUntil(lambda: wizard.label.is_ready and not wizard.desk.is_running, timeout=900_000)
    assert "Converged" in wizard.label.status.text()
    go_to(wizard, qtbot, "Fit")
    qtbot.waitUntil(lambda: wizard.fits.fit is not None, timeout=120_000)
    assert 1.0 < wizard.fits.fit.c < 1.6, "CHGNet is too soft on LiF"
    go_to(wizard, qtbot, "Verdict")
    qtbot.waitUntil(lambda: wizard.fits.verdict is not None, timeout=60_000)
    assert wizard.fits.verdict.outcome is Outcome.TOO_FEW
