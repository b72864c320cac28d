"""Every plot gives away valid files whose numbers are the data, and leaves its own colours as they were."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QGuiApplication, QImage

from guiapp.errors import UserFacingError
from guiapp.ui.plots.compound_model import CompoundEntry
from guiapp.ui.plots.compound_ranking import CompoundRanking
from guiapp.ui.plots.compound_table import CompoundTable
from guiapp.ui.plots.error_split_bar import ErrorParts, ErrorSplitBar
from guiapp.ui.plots.export_menu import ExportMenu
from guiapp.ui.plots.parity_cloud import LARGEST_SCATTER
from guiapp.ui.plots.parity_plot import ParityPlot
from guiapp.ui.plots.plot_export import PNG_SCALE, copy_to_clipboard, csv_text, save_csv, save_picture
from guiapp.ui.plots.scale_histogram import ScaleHistogram
from guiapp.ui.theme import DARK, LIGHT

KINDS = ["parity", "density", "ranking", "histogram", "split", "table"]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def make_plot(qtbot, make_series, make_rows):
    def make(kind, palette=LIGHT):
        made = {
            "parity": ParityPlot,
            "density": ParityPlot,
            "ranking": CompoundRanking,
            "histogram": ScaleHistogram,
            "split": ErrorSplitBar,
            "table": CompoundTable,
        }[kind](palette)
        if kind in ("parity", "density"):
            made.set_series([make_series(LARGEST_SCATTER + 1000 if kind == "density" else 200)])
        elif kind in ("ranking", "histogram"):
            made.set_rows(make_rows(60))
        elif kind == "split":
            made.set_parts([ErrorParts("CHGNet 0.3.0", palette.models[0], 0.3, 0.4)])
        else:
            made.set_entries([CompoundEntry("Al2O3", "Al2O3", "CHGNet", 3, 72, 0.86, (0.8, 0.9), 0.1, 0.05, 0.9, 1.2, -0.01, 0.9, "soft")])
        made.resize(500, 460)
        qtbot.addWidget(made)
        made.show()
        qtbot.waitExposed(made)
        return made

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_svg_is_valid_and_vector(make_plot, tmp_path, kind):
    """Well-formed XML of the figure's size whose words are text."""
    plot = make_plot(kind)
    path = tmp_path / "figure.svg"
    save_picture(plot, path)
    root = ET.parse(path).getroot()
    assert root.tag == f"{SVG}svg"
    width, height = (float(v) for v in root.get("viewBox").split()[2:])
    assert (width, height) == pytest.approx((plot.figure_size().width(), plot.figure_size().height()), abs=1)
    words = " ".join(t.text or "" for t in root.iter(f"{SVG}text"))
    expected = {"ranking": "too soft", "histogram": "below 1", "split": "systematic", "table": "Al₂O₃"}
    assert expected.get(kind, "scale 0.83 (0.79 to 0.87)") in words


def test_svg_of_a_scatter_has_its_points(make_plot, tmp_path):
    """Each visible point is a circle of its own; a density is one picture and no circles."""
    save_picture(make_plot("parity"), tmp_path / "a.svg")
    save_picture(make_plot("density"), tmp_path / "b.svg")
    few, many = ((tmp_path / name).read_text(encoding="utf-8") for name in ("a.svg", "b.svg"))
    assert few.count("<circle") + few.count("<ellipse") >= 200
    assert many.count("<circle") + many.count("<ellipse") < 50
    assert "<image" in many


@pytest.mark.parametrize("kind", KINDS)
def test_pdf_is_valid(make_plot, tmp_path, kind):
    """One page with the figure's shape, and fonts rather than a picture of text."""
    plot = make_plot(kind)
    path = tmp_path / "figure.pdf"
    save_picture(plot, path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-1.")
    assert content.rstrip().endswith(b"%%EOF")
    assert content.count(b"/Type /Page\n") == 1
    assert b"/Font" in content
    start = content.index(b"/MediaBox") + len(b"/MediaBox")
    box = [float(v) for v in content[start : content.index(b"]", start)].replace(b"[", b"").split()]
    assert box[2] / box[3] == pytest.approx(plot.figure_size().width() / plot.figure_size().height(), rel=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_png_is_light_and_large(make_plot, tmp_path, kind):
    """From the dark theme a figure comes out on white, three times as large as on the screen, and the plot stays dark."""
    plot = make_plot(kind, DARK)
    path = tmp_path / "figure.png"
    save_picture(plot, path)
    image = QImage(str(path))
    assert image.width() == round(plot.figure_size().width() * PNG_SCALE)
    assert image.pixelColor(2, 2) == QColor(LIGHT.surface)
    assert plot.colors == DARK
    save_picture(plot, path, None)
    assert QImage(str(path)).pixelColor(2, 2) == QColor(DARK.surface)


@pytest.mark.parametrize("kind", ["parity", "density"])
def test_large_picture_is_the_screen_enlarged(make_plot, kind):
    """Axes, cloud and lines stand at the same places in a file as on the screen: shrunk again, the two agree."""
    from PySide6.QtCore import Qt

    from guiapp.ui.plots.plot_export import render_image

    plot = make_plot(kind)
    screen = plot._canvas.viewport().grab().toImage()
    large = render_image(plot).scaled(screen.size(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)

    def grey(image):
        image = image.convertToFormat(QImage.Format.Format_Grayscale8)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : image.width()].astype(float)

    a, b = grey(screen), grey(large)
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.9


def test_csv_of_the_parity_plot_is_the_data(make_plot, make_series, tmp_path):
    """Read again, the numbers are equal to the last bit; with a correction both forces are there."""
    plot = make_plot("parity")
    series = make_series(200)
    path = tmp_path / "parity.csv"
    save_csv(plot, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["model", "component index", "DFT force component (eV/Å)", "model force component (eV/Å)"]
    assert [float(row[2]) for row in rows[1:]] == series.dft.tolist()
    assert [float(row[3]) for row in rows[1:]] == series.model.tolist()
    plot.set_correction(1.3)
    rows = list(csv.reader(io.StringIO(csv_text(plot))))
    assert rows[0][-1] == "corrected force component (eV/Å)"
    assert [float(row[5]) for row in rows[1:]] == (1.3 * series.model).tolist()


def test_csv_of_the_ranking_is_the_data(make_plot, make_rows):
    """One line a compound and model, softest first, with the interval."""
    rows = list(csv.DictReader(io.StringIO(csv_text(make_plot("ranking")))))
    given = {row.compound: row.marks[0] for row in make_rows(60)}
    assert len(rows) == 60
    assert [float(r["softening scale"]) for r in rows] == sorted(m.scale for m in given.values())
    assert all(float(r["95 % interval low"]) == given[r["compound"]].interval[0] for r in rows)


def test_clipboard_has_picture_and_numbers(make_plot):
    """A slide takes the picture, a spreadsheet the tab-separated numbers."""
    assert copy_to_clipboard(make_plot("split"))
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert data.text().splitlines()[0].split("\t")[1] == "rms error (eV/Å)"


def test_menu_saves_and_tells(make_plot, qtbot, tmp_path):
    """The button writes what the ending says, tells the path, and reports what cannot be written."""
    plot = make_plot("parity")
    for ending in ("png", "svg", "pdf", "csv"):
        path = tmp_path / f"figure.{ending}"
        with qtbot.waitSignal(plot.export_menu.saved, timeout=5000) as caught:
            plot.export_menu.save(path)
        assert caught.args == [path]
        assert path.stat().st_size > 500
    for ending in ("png", "csv"):
        with qtbot.waitSignal(plot.export_menu.failed, timeout=5000) as caught:
            plot.export_menu.save(tmp_path / "no such folder" / f"figure.{ending}")
        assert isinstance(caught.args[0], UserFacingError)
        assert "could not be written" in str(caught.args[0])
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".csv", ".pdf", ".png", ".svg"], "no half-written file stays behind"


def test_menu_through_the_dialog(make_plot, qtbot, tmp_path, monkeypatch):
    """Choosing an entry asks for a name, suggests one, and adds the ending where it is missing."""
    plot = make_plot("parity")
    asked = []

    def choose(_parent, _title, suggested, _filter):
        asked.append(suggested)
        return str(tmp_path / "my figure"), ""

    monkeypatch.setattr("guiapp.ui.plots.export_menu.QFileDialog.getSaveFileName", choose)
    monkeypatch.setattr(ExportMenu, "_last_folder", None)
    with qtbot.waitSignal(plot.export_menu.saved, timeout=5000):
        plot.export_menu.actions_by_kind["svg"].trigger()
    assert asked[0].endswith("parity CHGNet 0.3.0.svg")
    assert (tmp_path / "my figure.svg").is_file()


def test_unknown_format(make_plot, tmp_path):
    """A clear message names the file and the formats there are."""
    with pytest.raises(UserFacingError, match="PNG, SVG or PDF"):
        save_picture(make_plot("split"), tmp_path / "figure.bmp")


def test_part_of_a_page(make_plot):
    """A plot can be drawn into any rectangle, for a report that places several on a page."""
    from PySide6.QtGui import QPainter

    plot = make_plot("ranking")
    image = QImage(900, 700, QImage.Format.Format_RGB32)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    plot.paint(painter, QRectF(300, 200, 400, 300))
    painter.end()
    assert image.pixelColor(10, 10) == QColor("magenta")
    assert image.pixelColor(890, 690) == QColor("magenta")
    assert image.pixelColor(310, 205) == QColor(LIGHT.surface)


def test_a_thousand_compounds_make_a_usable_figure(make_plot, make_rows, tmp_path):
    """The figure holds the softest hundred and says so; the CSV holds them all."""
    plot = make_plot("ranking")
    plot.set_rows(make_rows(1000))
    save_picture(plot, tmp_path / "figure.svg")
    words = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert "the 100 softest of 1,000 compounds" in words
    assert "row0099" in words
    assert "row0100" not in words
    assert len(csv_text(plot).splitlines()) == 1001
