"""The evidence under the sentence is short until its link is followed, and never loses what it leaves out."""

from __future__ import annotations

from guiapp.ui.results.evidence_line import EvidenceLine
from guiapp.ui.theme import LIGHT


def test_the_link_opens_and_closes_the_rest(qtbot):
    line = EvidenceLine(LIGHT)
    qtbot.addWidget(line)
    line.set_words("21 compounds", "21 compounds, |F| < 30 eV/Å & more")
    assert (line.shown, line.full) == ("21 compounds", "21 compounds, |F| < 30 eV/Å & more")
    assert "show\u00a0all" in line.text()
    assert "&lt; 30" in line.toolTip()
    line.linkActivated.emit("toggle")
    assert line.shown == line.full
    assert "show\u00a0less" in line.text()
    assert "&lt; 30 eV/Å &amp; more" in line.text()
    line.set_words("a", "a, b")
    assert line.shown == "a, b"
    line.linkActivated.emit("toggle")
    assert line.shown == "a"


def test_no_link_where_there_is_nothing_more(qtbot):
    line = EvidenceLine(LIGHT)
    qtbot.addWidget(line)
    line.set_words("3 compounds", "3 compounds")
    assert "<a" not in line.text()
    assert not line.toolTip()
