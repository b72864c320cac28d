"""A damaged project says so and how to rescue it, and the menu opens a copy of what can still be read."""

from __future__ import annotations

import os

from PySide6.QtWidgets import QFileDialog

from guiapp.ui.actions import ACTIONS


def test_what_is_left_of_a_damaged_project_opens(measured, qtbot, monkeypatch, tmp_path):
    """The cut file is refused in words that name the action; the action opens its copy, with the frames, and keeps the file."""
    path = measured.session.project.path
    measured.session.open(tmp_path / "other.temper")
    qtbot.waitUntil(lambda: measured.session.project is not None and measured.session.project.path.name == "other.temper")
    os.truncate(path, path.stat().st_size - 4096)  # its last page
    cut = path.read_bytes()

    measured.session.open(path)
    qtbot.waitUntil(measured.message_bar.isVisible)
    title = next(action.title for action in ACTIONS if action.id == "file.recover")
    assert title.rstrip("…") in measured.message_bar.text
    assert measured.session.project.path.name == "other.temper"

    measured.message_bar.dismiss()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(path), ""))
    measured.run_action("file.recover")
    qtbot.waitUntil(lambda: ".recovered" in measured.session.project.path.name)
    assert len(measured.session.structures.frames) > 0
    assert "Recovered" in measured.message_bar.text
    assert path.read_bytes() == cut
