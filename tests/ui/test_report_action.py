"""Ctrl+Shift+R and a folder: the report of what the window shows, made beside the Qt thread."""

from __future__ import annotations

from window_steps import press


def test_report_is_written_in_the_background(measured, qtbot, tmp_path, monkeypatch):
    folder = tmp_path / "report"
    folder.mkdir()
    monkeypatch.setattr("guiapp.ui.main_window.QFileDialog.getExistingDirectory", lambda *_: str(folder))
    press(measured, "Ctrl+Shift+R")
    assert "writing a report" in measured.statusBar().currentMessage()
    qtbot.waitUntil(lambda: "written to" in measured.statusBar().currentMessage(), timeout=90_000)
    assert {"report.html", "report.pdf", "references.bib", "points.csv", "six-panels.svg"} <= {path.name for path in folder.iterdir()}
    assert measured.results.headline.split(" on ")[0] in (folder / "report.html").read_text(encoding="utf-8")


def test_closed_dialog_writes_nothing(measured, monkeypatch, tmp_path):
    monkeypatch.setattr("guiapp.ui.main_window.QFileDialog.getExistingDirectory", lambda *_: "")
    press(measured, "Ctrl+Shift+R")
    assert "report" not in measured.statusBar().currentMessage()
    assert list(tmp_path.glob("report*")) == []
