"""The window of models: clicked, tested, questioned about a hostile file, fetched from a server on this machine, and never waited for."""

from __future__ import annotations

import hashlib
import os
import pickle
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from awkward_server import Served
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from trial_models import TrialExecutor
from window_steps import click, open_with, press

from guiapp.potentials import mace
from guiapp.potentials.local_models import add_local_model
from guiapp.potentials.registry import find_card, prediction_settings, weights_hash
from guiapp.potentials.self_test.kept import keep_report, report_key
from guiapp.potentials.self_test.report import Check, MeasuredFacts, SelfTestReport
from guiapp.potentials.trust import file_sha256, is_trusted
from guiapp.ui.models_page.consent_dialog import ConsentDialog
from guiapp.ui.theme import DARK

CHGNET, OTHER = "chgnet-0.3.0", "chgnet-0.2.0"
CONTENT = b"PK\x03\x04" + np.random.default_rng(1).bytes(700_000)


pytestmark = pytest.mark.usefixtures("bare_machine")


class Payload:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


@pytest.fixture
def executor():
    return TrialExecutor()


@pytest.fixture
def page(window, qtbot, executor):
    """The window of models."""
    window.models_desk.make_executor = lambda: executor
    return opened_page(window, qtbot)


def opened_page(window, qtbot):
    window.run_action("file.models")
    made = window.models_desk.page
    qtbot.waitUntil(lambda: CHGNET in made.list.rows and made._shelf._looking is None)
    return made


def shown(page) -> set[str]:
    """Return the words of the buttons that can be seen."""
    return {button.text() for button in page.details.buttons.by_intent.values() if not button.isHidden()}


def button(page, intent):
    return page.details.buttons.by_intent[intent]


def choose(page, name) -> None:
    click(page.list.rows[name].title)


def idle(page, name):
    shelf = page._shelf
    return lambda: not shelf.is_busy(name) and shelf._looking is None


def drop(page, *paths) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    page.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))


def keep(name, *checks) -> None:
    """Keep a self-test of a listed model."""
    card = find_card(name)
    facts = MeasuredFacts(412_525, 1900.0, "cpu", "2026-11-25T01:00:00+00:00")
    report = SelfTestReport(tuple(checks), 9.0, ("H", "Si"), facts)
    keep_report(report_key(weights_hash(card), prediction_settings(card)), report)


GOOD = Check("forces follow DFT", True, 0.95, 0.5, "r^2", "The forces of 14 compounds follow DFT: r^2 0.95, slope 0.81.")
WRONG = Check("forces are the gradient", False, 2.0, 0.1, "", "The forces have the opposite sign of the energy's gradient.")


def test_each_card_tells_where_the_model_comes_from_and_what_can_be_done(page):
    """Licence, citation, hash and file are there to be read; what is not here says how to get it."""
    facts = {label.accessibleName(): label.accessibleDescription() for label in page.details.findChildren(type(page.message))}
    assert page.details.headline.text() == "CHGNet 0.3.0"
    assert facts["Licence"] == "BSD-3-Clause-LBNL"
    assert facts["SHA-256"] == weights_hash(find_card(CHGNET))
    assert "MPtrj" in facts["Trained on"]
    assert "chgnet_0.3.0" in facts["File"]
    assert shown(page) == {"Use in this project", "Run the self-test"}
    choose(page, "mace-mp-0-small")
    assert shown(page) == {"Download", "I have it already…"}
    choose(page, "m3gnet-mp-2021.2.8")
    assert shown(page) == {"I have it already…", "Open its page"}
    choose(page, "sevennet-0")
    assert shown(page) == {"Install"}
    assert "1.8 GB on the disk" in page.details.state.text()
    assert not page.isModal()


def test_the_self_test_runs_by_a_click_and_is_shown_check_by_check(page, qtbot, executor):
    click(button(page, "test"))
    qtbot.waitUntil(idle(page, CHGNET))
    report = page._shelf.entry(CHGNET).report
    assert set(page.details.checks.lines) == {check.name for check in report.checks}
    assert executor.asked > 100
    assert "It knows 4 elements" in page.details.elements.text()
    assert page.details.table.isVisibleTo(page.details)
    assert set(page.details.table._values) == {"O", "Mg", "Si", "Cu"}
    facts = {label.accessibleName(): label.accessibleDescription() for label in page.details.findChildren(type(page.message))}
    assert facts["Parameters"] == "1,234"
    assert "atoms a second on cpu" in facts["Speed here"]
    assert page.list.rows[CHGNET].verdict.text() == report.verdict.value
    assert "Test again" in shown(page)


def test_a_test_can_be_stopped_and_leaves_nothing(page, qtbot, executor):
    executor.hold()
    click(button(page, "test"))
    qtbot.waitUntil(lambda: executor.submitted and "Stop" in shown(page))
    assert page.details.bar.isVisibleTo(page.details)
    click(button(page, "stop"))
    qtbot.waitUntil(idle(page, CHGNET), timeout=10_000)
    assert executor.cancelled
    assert page._shelf.entry(CHGNET).report is None
    assert "Run the self-test" in shown(page)


def test_a_failed_model_is_red_everywhere_and_is_not_corrected(make_window, qtbot, tmp_path, small_set):
    """Forces of the opposite sign, found by the real checks: the card says so first, the chip is red, the wizard stays closed."""
    window = make_window()
    window.models_desk.make_executor = lambda: TrialExecutor(flipped=True)
    open_with(window, qtbot, tmp_path / "work.temper", small_set)
    window.session.run([CHGNET], window.session.structures.frames)
    qtbot.waitUntil(lambda: bool(window.session.shown_evaluations) and window.session.jobs.running is None)
    page = opened_page(window, qtbot)
    click(button(page, "test"))
    qtbot.waitUntil(idle(page, CHGNET))
    qtbot.waitUntil(lambda: bool(window.models_desk.failure(CHGNET)))
    assert "opposite sign" in page.details.verdict.text()
    assert "measured and looked at" in page.details.verdict.text()
    assert next(iter(page.details.checks.lines)) in {
        check.name for check in page._shelf.entry(CHGNET).report.checks if check.passed is False
    }
    assert window.theme.bad in page.list.rows[CHGNET].title.styleSheet()
    chip = window.top_bar._chips[CHGNET]
    assert "failed its self-test" in chip.accessibleName()
    assert "opposite sign" in chip.toolTip()
    window.run_action("correct.model")
    assert window.wiring.wizard is None
    assert "neither corrected nor exported" in window.message_bar.text
    qtbot.waitUntil(lambda: not window.session.background._writes)


@pytest.mark.parametrize("way", ["dropped here", "dropped on the main window", "file dialog"])
def test_a_hostile_file_is_shown_and_never_run(page, window, qtbot, tmp_path, monkeypatch, way):
    """What it would import is told in red; it stays closed by Esc, by Enter, and without the second tick; consent can be taken back."""
    trace, path = tmp_path / "trace", tmp_path / "hostile.model"
    path.write_bytes(pickle.dumps(Payload(trace)))
    if way == "file dialog":
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a, **_k: (str(path), ""))
        click(page.open_button)
    elif way == "dropped here":
        drop(page, path)
    else:
        window.take_paths([path])
    qtbot.waitUntil(lambda: page.details.headline.text() == "hostile")
    assert shown(page) == {"Look inside…", "Forget"}
    assert "needs your consent" in page.details.state.text()
    for leave in (Qt.Key.Key_Escape, Qt.Key.Key_Return):
        dialog = look_inside(page, qtbot)
        listed = [dialog.imports.item(row).text() for row in range(dialog.imports.count())]
        assert any(("posix.mkdir" in one or "nt.mkdir" in one) and "no genuine model needs this" in one for one in listed)
        assert file_sha256(path) in " ".join(label.text() for label in dialog.findChildren(type(page.message)))
        assert not dialog.open_button.isEnabled()
        QTest.keyClick(dialog, leave)
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
        assert not is_trusted(file_sha256(path))
    dialog = look_inside(page, qtbot)
    QTest.mouseClick(dialog.sure, Qt.MouseButton.LeftButton, pos=QPoint(8, dialog.sure.height() // 2))
    click(dialog.open_button)
    qtbot.waitUntil(lambda: "Run the self-test" in shown(page))
    assert is_trusted(file_sha256(path))
    click(page.consents_button)
    click(page.consents.buttons[file_sha256(path)])
    qtbot.waitUntil(lambda: not is_trusted(file_sha256(path)))
    qtbot.waitUntil(lambda: not page.consents.buttons)
    click(page.back_button)
    assert "Look inside…" in shown(page)
    assert not trace.exists()


def look_inside(page, qtbot) -> ConsentDialog:
    """Click and wait for the question."""
    click(button(page, "inspect"))
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), ConsentDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ConsentDialog)
    qtbot.waitUntil(idle(page, "hostile"))
    return dialog


@pytest.mark.slow
def test_a_hostile_chgnet_file_is_refused_by_the_worker_that_loads_it(window, qtbot, tmp_path):
    """No consent opens this kind of file: it is read as numbers only, in a real worker process."""
    trace, path = tmp_path / "trace", tmp_path / "hostile.pth.tar"
    path.write_bytes(pickle.dumps(Payload(trace)))
    window.take_paths([path])
    page = window.models_desk.page
    qtbot.waitUntil(lambda: page.details.headline.text() == "hostile")
    click(button(page, "test"))
    qtbot.waitUntil(lambda: "was not opened" in page.details.problem.text(), timeout=120_000)
    assert not trace.exists()


def test_what_is_no_model_is_refused_in_words(page, qtbot, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("nothing", encoding="utf-8")
    drop(page, path)
    qtbot.waitUntil(lambda: "No model family" in page.message.text())
    assert "notes" not in page.list.rows


def test_models_are_compared_side_by_side(page, qtbot):
    keep(CHGNET, GOOD)
    keep(OTHER, GOOD, WRONG)
    page._shelf.refresh()
    qtbot.waitUntil(lambda: page._shelf.entry(OTHER).report is not None)
    assert not page.compare_button.isEnabled()
    for name in (CHGNET, OTHER):
        click(page.list.rows[name].box)
    click(page.compare_button)
    cells = page.comparison.cells
    assert page.stack.currentWidget() is page.comparison
    assert cells["Self-test", CHGNET].text() == "passed"
    assert cells["Self-test", OTHER].text() == "failed"
    assert cells["Parameters", CHGNET].text() == "412,525"
    assert "opposite sign" in cells["forces are the gradient", OTHER].text()
    assert cells["forces are the gradient", CHGNET].text() == "not tested"
    page.set_palette(DARK)
    assert DARK.bad in page.comparison.cells["forces are the gradient", OTHER].styleSheet()
    click(page.list.rows[OTHER].box)
    assert page.stack.currentWidget() is not page.comparison


def test_a_model_comes_into_the_project_by_a_key_and_a_click(window, qtbot, tmp_path):
    open_with(window, qtbot, tmp_path / "work.temper")
    press(window, "Ctrl+M")
    assert window.models_desk.page.isVisible()
    page = opened_page(window, qtbot)
    choose(page, OTHER)
    click(button(page, "use"))
    assert OTHER in window.session.models
    assert "Use in this project" not in shown(page)
    assert page.list.rows[OTHER].state.text() == "in this project"
    qtbot.waitUntil(lambda: not window.session.background._writes)


# ---- fetching


@pytest.fixture
def released(server, monkeypatch):
    release = replace(mace.RELEASES[0], address=server.url("/small.model"), sha256=hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setattr(mace, "RELEASES", (release,))
    return release


def test_a_release_is_fetched_paused_resumed_checked_and_removed(released, server, page, qtbot):
    server.files["/small.model"] = Served(CONTENT, slowly=0.4)
    name = released.name
    choose(page, name)
    click(button(page, "download"))
    qtbot.waitUntil(lambda: "from 127.0.0.1" in page.details.doing.text())
    assert shown(page) == {"Pause", "Discard"}
    click(button(page, "pause"))
    qtbot.waitUntil(lambda: "Resume" in shown(page))
    assert "downloaded so far" in page.details.state.text()
    server.files["/small.model"] = Served(CONTENT)
    click(button(page, "download"))
    qtbot.waitUntil(lambda: "Look inside…" in shown(page))
    assert released.file.read_bytes() == CONTENT
    assert "needs your consent" in page.details.state.text()
    click(button(page, "remove"))
    qtbot.waitUntil(lambda: "Download" in shown(page))
    assert not released.file.exists()


def test_a_file_that_differs_from_what_was_published_is_refused(released, server, page, qtbot, tmp_path, monkeypatch):
    server.files["/small.model"] = Served(CONTENT[:-1] + b"!")
    choose(page, released.name)
    click(button(page, "download"))
    qtbot.waitUntil(lambda: "another checksum" in page.details.problem.text())
    other = tmp_path / "other.model"
    other.write_bytes(CONTENT[:-1] + b"!")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a, **_k: (str(other), ""))
    click(button(page, "take"))
    qtbot.waitUntil(lambda: "differs from what was published" in page.details.problem.text())
    other.write_bytes(CONTENT)
    click(button(page, "take"))
    qtbot.waitUntil(lambda: "Look inside…" in shown(page))
    assert find_card(released.name).weights == other


class SlowEnvironment:
    """An environment whose installation speaks and never ends by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recipe = SimpleNamespace(disk_gb=1.8, name="sevennet-0")

    def create(self, say) -> None:
        say("installing torch")
        pause = threading.Event()
        while True:
            pause.wait(0.05)
            say("")


def test_an_environment_is_installed_in_the_background_and_can_be_stopped(page, qtbot, tmp_path, monkeypatch):
    made = SimpleNamespace(of=lambda _recipe: SlowEnvironment(tmp_path / "none"))
    monkeypatch.setattr("guiapp.ui.models_page.shelf.ModelEnvironment", made)
    choose(page, "sevennet-0")
    click(button(page, "install"))
    qtbot.waitUntil(lambda: "installing torch" in page.details.doing.text())
    assert "of about 1.8 GB" in page.details.doing.text()
    assert "installing torch" in page.list.rows["sevennet-0"].state.text()
    click(button(page, "stop"))
    qtbot.waitUntil(lambda: "Install" in shown(page), timeout=10_000)


def test_closing_the_window_ends_what_runs(make_window, qtbot):
    executor = TrialExecutor()
    executor.hold()
    window = make_window()
    window.models_desk.make_executor = lambda: executor
    page = opened_page(window, qtbot)
    click(button(page, "test"))
    qtbot.waitUntil(lambda: executor.submitted)
    window.close()
    assert executor.cancelled


# ---- without the page


def test_models_of_a_project_are_tested_by_themselves_when_nothing_runs(make_window, qtbot, tmp_path, small_set):
    """The program turns this on; the verdict is told in the chip, and in the bar where the model failed."""
    window = make_window()
    made = []
    window.models_desk.make_executor = lambda: made.append(TrialExecutor(flipped=True)) or made[-1]
    window.models_desk.test_by_itself()
    open_with(window, qtbot, tmp_path / "work.temper", small_set)
    qtbot.waitUntil(lambda: bool(window.models_desk.failure(CHGNET)))
    assert len(made) == 1
    assert "failed its self-test" in window.top_bar._chips[CHGNET].accessibleName()
    assert not window.top_bar._chips[CHGNET].icon().isNull()


def test_a_local_model_whose_file_is_gone_is_listed_and_can_be_forgotten(page, qtbot, tmp_path):
    path = tmp_path / "mine.pth.tar"
    path.write_bytes(b"x")
    add_local_model("mine", path)
    path.unlink()
    page._shelf.refresh()
    qtbot.waitUntil(lambda: "mine" in page.list.rows)
    choose(page, "mine")
    assert "there is no model at" in page.details.state.text()
    click(button(page, "remove"))
    qtbot.waitUntil(lambda: "mine" not in page.list.rows)
