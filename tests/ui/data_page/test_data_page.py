"""Data sets in the window: clicked, fetched from a server on this machine, opened, questioned, and never waited for."""

from __future__ import annotations

import gzip
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from awkward_server import Served
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from small_sets import wbm_bytes
from window_steps import click, labelled, open_with, press

from guiapp.frames.catalogue import CatalogueFile, find_in_catalogue
from guiapp.frames.download import Home, Patience
from guiapp.frames.library import DataLibrary
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.frames.shipped import shipped_sets
from guiapp.ui.data_page.downloads import Downloads
from guiapp.ui.data_page.facts import with_links
from guiapp.ui.data_page.page import DataPage
from guiapp.ui.data_page.provenance_card import ProvenanceCard
from guiapp.ui.theme import DARK, LIGHT

WBM = "wbm-high-energy"
BODY = wbm_bytes(2, 40)
QUICK = Patience(stall=3.0, retries=2, pause=0.01)


@pytest.fixture
def public(server):
    """The paper's set on the test's server, and one that has to be fetched by hand."""
    one = replace(find_in_catalogue(WBM), files=(CatalogueFile("wbm.json", (Home(server.url("/data")),)),))
    return (one, find_in_catalogue("phonondb"))


@pytest.fixture
def downloads(qtbot, public, tmp_path):
    made = Downloads(DataLibrary(tmp_path / "library", QUICK), find={one.name: one for one in public}.__getitem__)
    made.crashes = []
    made.crashed.connect(made.crashes.append)
    yield made
    made.shut_down()
    QApplication.processEvents()
    assert not made.crashes


@pytest.fixture
def page(qtbot, public, downloads):
    made = DataPage(shipped_sets(), public, downloads, LIGHT)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def buttons(card):
    """Return the words of the buttons that can be seen."""
    all_of_them = (card.open_button, card.fetch_button, card.pause_button, card.discard_button, card.page_button, card.file_button)
    return {button.text() for button in (*all_of_them, card.remove_button) if not button.isHidden()}


def test_every_card_says_what_it_is_and_offers_what_is_possible(page):
    """Shipped sets open; public ones are downloaded, brought, or looked up; licence and citation are there to be read."""
    for name, card in page.shipped_cards.items():
        assert buttons(card) == {"Open"}, name
        assert dict(card.content.facts)["Licence"] == "CC-BY-4.0"
    card = page.public_cards[WBM]
    assert buttons(card) == {"Download", "I have the file already…"}
    assert card.state_label.text() == "not on this machine"
    assert buttons(page.public_cards["phonondb"]) == {"Open its page", "I have the file already…"}
    assert not page.isModal()


def test_a_set_is_fetched_by_a_click_and_can_be_opened(page, server, qtbot):
    """Progress is shown while it comes; then Open tells which set is wanted, and Remove takes it away again."""
    server.files["/data"] = Served(BODY, slowly=0.4)
    card = page.public_cards[WBM]
    click(card.fetch_button)
    qtbot.waitUntil(lambda: "from 127.0.0.1" in card.state_label.text(), timeout=5000)
    assert buttons(card) == {"Pause", "Cancel"}
    assert card.progress_bar.isVisible()
    qtbot.waitUntil(lambda: "Open" in buttons(card), timeout=10_000)
    assert "downloaded on" in card.state_label.text()
    assert not card.progress_bar.isVisible()
    with qtbot.waitSignal(page.open_public_requested) as told:
        click(card.open_button)
    assert told.args == [WBM]
    click(card.remove_button)
    qtbot.waitUntil(lambda: "Download" in buttons(card), timeout=5000)


def test_pause_keeps_and_resume_goes_on(page, server, qtbot, downloads):
    """Paused in the middle, the card says how much is there; Resume asks only for the rest."""
    server.files["/data"] = Served(BODY, slowly=0.4)
    card = page.public_cards[WBM]
    click(card.fetch_button)
    qtbot.waitUntil(lambda: downloads.state(WBM).n_bytes > 20_000, timeout=5000)
    click(card.pause_button)
    qtbot.waitUntil(lambda: "Resume" in buttons(card), timeout=2000)
    assert "downloaded so far" in card.state_label.text()
    kept = downloads.state(WBM).n_bytes
    server.files["/data"] = Served(BODY)
    server.asked.clear()
    click(card.fetch_button)
    qtbot.waitUntil(lambda: downloads.state(WBM).here, timeout=5000)
    assert server.asked == [("/data", f"bytes={kept}-")]


def test_cancel_throws_away(page, server, qtbot, downloads, tmp_path):
    """Cancelled while the server is silent: at once, and nothing is left on the disk."""
    server.files["/data"] = Served(BODY, stall_after=[20_000])
    card = page.public_cards[WBM]
    click(card.fetch_button)
    qtbot.waitUntil(lambda: downloads.state(WBM).n_bytes >= 20_000, timeout=5000)
    start = time.monotonic()
    click(card.discard_button)
    qtbot.waitUntil(lambda: "Download" in buttons(card), timeout=3000)
    assert time.monotonic() - start < 1.5
    assert not [path for path in (tmp_path / "library").rglob("*") if path.is_file()]


def test_the_window_stays_alive_while_a_silent_server_is_waited_for(page, server, qtbot):
    """A timer of 10 ms is never late by more than a quarter of a second; closing everything takes moments."""
    server.files["/data"] = Served(BODY, stall_after=[1000] * 9)
    beats = [time.monotonic()]
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.monotonic()))
    timer.start(10)
    click(page.public_cards[WBM].fetch_button)
    qtbot.wait(700)
    timer.stop()
    assert max(later - earlier for earlier, later in pairwise(beats)) < 0.25
    start = time.monotonic()
    page._downloads.shut_down()
    assert time.monotonic() - start < 1.0


@pytest.mark.parametrize(
    ("served", "words"), [(Served(b"<html>sign in</html>"), "web page"), (Served(wbm_bytes(forces=False)), "no forces"), (None, "404")]
)
def test_what_goes_wrong_is_told_on_the_card(page, server, qtbot, served, words):
    """In words, with what to do; and Download can be tried again."""
    if served is not None:
        server.files["/data"] = served
    card = page.public_cards[WBM]
    click(card.fetch_button)
    qtbot.waitUntil(lambda: words in card.state_label.text(), timeout=5000)
    assert "Download" in buttons(card)
    server.files["/data"] = Served(BODY)
    click(card.fetch_button)
    qtbot.waitUntil(lambda: "Open" in buttons(card), timeout=5000)


def test_a_file_of_the_user_is_taken_or_refused(page, qtbot, monkeypatch, tmp_path):
    """The file dialog's choice is checked in the background; a wrong file is explained, the right one can be forgotten again."""
    mine, wrong = tmp_path / "mine.json", tmp_path / "wrong.json"
    mine.write_bytes(BODY)
    wrong.write_text("{}", encoding="utf-8")
    card = page.public_cards[WBM]
    for path, done in ((wrong, lambda: str(wrong) in card.state_label.text()), (mine, lambda: "your file" in card.state_label.text())):
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a, p=path: (str(p), ""))
        click(card.file_button)
        qtbot.waitUntil(done, timeout=5000)
    assert buttons(card) == {"Open", "Forget"}
    click(card.remove_button)
    qtbot.waitUntil(lambda: "Download" in buttons(card), timeout=5000)
    assert mine.is_file()


def test_addresses_become_links_and_nothing_else_becomes_markup():
    """DOIs and https addresses only; the rest is shown as it is written."""
    text = with_links("See <b> doi:10.1/x; (https://a.org/b) & more", DARK)
    assert '<a href="https://doi.org/10.1/x"' in text
    assert '<a href="https://a.org/b"' in text
    assert "&lt;b&gt;" in text
    assert "&amp; more" in text


# ---- in the main window


@pytest.fixture
def desk_window(window, public, server, tmp_path, monkeypatch):
    """The window with the small catalogue and a library of its own."""
    monkeypatch.setattr("guiapp.ui.data_page.desk.data_folder", lambda: tmp_path / "home")
    window.desk.public = lambda: public
    server.files["/data"] = Served(gzip.compress(wbm_bytes(2, 3)))
    return window


def test_from_the_key_to_frames_in_the_project(desk_window, qtbot, tmp_path):
    """Ctrl+D, Open on a shipped set: it is in the project and marked; a second look shows the same page."""
    open_with(desk_window, qtbot, tmp_path / "work.temper")
    press(desk_window, "Ctrl+D")
    page = desk_window.desk.page
    assert page.isVisible()
    click(page.shipped_cards["high-energy"].open_button)
    qtbot.waitUntil(lambda: len(desk_window.session.structures.sets) == 1, timeout=20_000)
    (one,) = desk_window.session.structures.sets
    assert (one.name, one.provenance.functional) == ("high-energy", "PBE")
    assert "open in this project" in page.shipped_cards["high-energy"].state_label.text()
    desk_window.set_theme(DARK)
    press(desk_window, "Ctrl+D")
    assert desk_window.desk.page is page
    qtbot.waitUntil(lambda: not desk_window.session.background._writes)


def test_mixing_is_asked_before_it_happens(desk_window, qtbot, tmp_path):
    """A +U set beside a plain PBE one waits; left out it is gone, added it is in, and undo takes it out again."""
    plain = ReferenceSet("plain", "Plain PBE", tuple(labelled("MgO", [12, 8], 2)), Provenance(functional="PBE"))
    open_with(desk_window, qtbot, tmp_path / "work.temper", plain)
    desk_window.show_data_page()
    card, bar, structures = desk_window.desk.page.public_cards[WBM], desk_window.desk.mixing_bar, desk_window.session.structures
    click(card.fetch_button)
    qtbot.waitUntil(lambda: "Open" in buttons(card), timeout=10_000)
    for answer, names in ((bar.leave_button, ["plain"]), (bar.add_button, ["plain", WBM])):
        click(card.open_button)
        qtbot.waitUntil(bar.isVisible, timeout=10_000)
        assert [one.name for one in structures.sets] == ["plain"]
        assert "Hubbard U" in bar.text
        click(answer)
        assert not bar.isVisible()
        assert [one.name for one in structures.sets] == names
    assert len(structures.sets[1].frames) == 6
    desk_window.session.undo_stack.undo()
    assert [one.name for one in structures.sets] == ["plain"]
    qtbot.waitUntil(lambda: not desk_window.session.background._writes)


def test_a_question_does_not_outlive_its_project(desk_window, qtbot, tmp_path):
    """Another project is opened while a set waits: the question is gone, and nothing is added to the new one."""
    plain = ReferenceSet("plain", "Plain PBE", tuple(labelled("MgO", [12, 8], 2)), Provenance(functional="PBE"))
    open_with(desk_window, qtbot, tmp_path / "work.temper", plain)
    other = ReferenceSet("scan", "r2SCAN", tuple(labelled("LiF", [3, 9], 2)), Provenance(functional="r2SCAN"))
    desk_window.session.structures.open_set("scan", lambda _progress: other)
    qtbot.waitUntil(desk_window.desk.mixing_bar.isVisible, timeout=5000)
    assert "two functionals" in desk_window.desk.mixing_bar.text
    open_with(desk_window, qtbot, tmp_path / "other.temper")
    assert not desk_window.desk.mixing_bar.isVisible()
    desk_window.session.structures.add_waiting()
    assert desk_window.session.structures.sets == ()


def test_the_card_of_an_open_set_tells_where_it_comes_from(opened, qtbot):
    """From the menu of the set's row: functional, what is unknown, and the citation to copy."""
    tree = opened.browser.tree
    row = tree.model().index(0, 0)
    tree.setCurrentIndex(row)
    place = tree.visualRect(row).center()
    QApplication.sendEvent(tree.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, tree.viewport().mapToGlobal(place)))
    menu = next(m for m in opened.browser.findChildren(QMenu) if m.isVisible())
    action = next(a for a in menu.actions() if a.text().startswith("Where these labels"))
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    qtbot.waitUntil(lambda: any(isinstance(w, ProvenanceCard) and w.isVisible() for w in QApplication.topLevelWidgets()))
    card = next(w for w in QApplication.topLevelWidgets() if isinstance(w, ProvenanceCard) and w.isVisible())
    shown = {label.accessibleName(): label.text() for label in card.values}
    assert shown["Functional"] == "PBE"
    assert shown["Licence"] == "unknown"
    assert "15 frames of 3 compounds, 15 with forces" in card.summary.text()
    assert not card.copy_button.isEnabled()
    click(card.close_button)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_citation_is_copied(qtbot):
    """One click puts it on the clipboard."""
    card = ProvenanceCard(ReferenceSet("a", "A", (), Provenance(citation="Deng 2025")), LIGHT)
    qtbot.addWidget(card)
    card.show()
    click(card.copy_button)
    assert QGuiApplication.clipboard().text() == "Deng 2025"


def test_closing_the_window_ends_a_download_at_once(desk_window, server, qtbot, tmp_path):
    """With a silent server behind it; what has come stays for the next time."""
    server.files["/data"] = Served(BODY, stall_after=[20_000])
    open_with(desk_window, qtbot, tmp_path / "work.temper")
    desk_window.show_data_page()
    downloads = desk_window.desk.page._downloads
    click(desk_window.desk.page.public_cards[WBM].fetch_button)
    qtbot.waitUntil(lambda: downloads.state(WBM).n_bytes >= 20_000, timeout=5000)
    start = time.monotonic()
    desk_window.close()
    assert time.monotonic() - start < 2.0
    assert downloads.state(WBM).part_of
