"""One folder with the whole report: HTML, PDF, the six-panel figure, BibTeX, and every point as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from pathlib import Path

from guiapp.benchmarks.high_energy import rows
from guiapp.benchmarks.row import Row
from guiapp.report.atomic_file import write_text
from guiapp.report.bibliography import bibliography
from guiapp.report.component_file import COMPONENTS_FILE, write_components
from guiapp.report.figure_style import save_figure
from guiapp.report.report_content import ReportContent
from guiapp.report.report_document import Picture, report_blocks
from guiapp.report.report_html import report_html
from guiapp.report.report_pdf import write_report_pdf

HTML, PDF, BIBTEX, POINTS = "report.html", "report.pdf", "references.bib", "points.csv"
_COLUMNS = ("family", "mode", "model", "system", "quantity", "unit", "predicted", "reference", "count", "ci95_low", "ci95_high", "verdict")


def write_report(folder: Path, content: ReportContent, *, stop: Callable[[], None] = lambda: None) -> list[Path]:
    """Write the report, each file complete or not at all; called in a thread.

    Args:
        folder: Made where it is missing; files of an earlier report are replaced.
        content: What ``read_report`` or ``project_content`` returned.
        stop: Called between files; raises where the report is no longer wanted.

    Returns:
        The files, the HTML page first.

    Raises:
        UserFacingError: Where the disk is full or the folder cannot be written.
    """
    blocks = report_blocks(content)
    stop()
    write_text(folder / HTML, report_html(blocks))
    stop()
    write_report_pdf(folder / PDF, blocks, title=content.title)
    stop()
    written = [folder / HTML, folder / PDF]
    names = [one.result.family for one in content.families]
    cited = {str(card["name"]): [str(line) for line in card.get("cite") or ()] for card in content.corrections}
    write_text(folder / BIBTEX, bibliography(content.cards, content.sets, families=names, corrections=cited))
    write_text(folder / POINTS, _points(content))
    written += [folder / BIBTEX, folder / POINTS]
    if content.evaluations:
        write_components(folder / COMPONENTS_FILE, content.evaluations)
        written.append(folder / COMPONENTS_FILE)
    for block in blocks:
        if isinstance(block, Picture) and block.name == "six-panels":
            written += save_figure(block.figure, folder / block.name, ("svg", "pdf", "png"))
    return written


def _points(content: ReportContent) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    every = [row for one in content.evaluations for row in rows(one.summary)]
    every += [row for one in content.families for row in one.result.rows]
    writer.writerows(_line(row) for row in every)
    return text.getvalue()


def _line(row: Row) -> list[object]:
    values = (row.predicted, row.reference, row.count, row.low, row.high)
    numbers = ["" if value is None or not math.isfinite(value) else f"{value:.9g}" for value in values]
    return [row.family, row.mode, row.model, row.system, row.quantity, row.unit, *numbers, row.verdict]
