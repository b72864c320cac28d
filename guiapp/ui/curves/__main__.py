"""Look at the curves alone: ``python -m guiapp.ui.curves PROJECT [--dark] [--system NAME] [--correction C] [--save FILE]``.

The project is one that ``bench --family`` or the window filled, e.g. ``temper-results/predictions.temper``.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from guiapp.errors import UserFacingError
from guiapp.potentials.registry import find_card
from guiapp.store.kept_families import find_kept_families
from guiapp.store.project import open_project
from guiapp.ui.curves.page import CurvesPage
from guiapp.ui.family_entry import FamilyEntry
from guiapp.ui.theme import DARK, LIGHT, apply_theme


def kept_entries(path: Path) -> tuple[FamilyEntry, ...]:
    """Return what a project keeps of its families.

    Raises:
        UserFacingError: Where it cannot be opened.
    """
    with closing(open_project(path)) as project:
        found = find_kept_families(project, stop=lambda: None)
    models = list(dict.fromkeys(one.result.model for one in found))
    return tuple(FamilyEntry(find_card(one.result.model).title, models.index(one.result.model), one.result) for one in found)


def main() -> int:
    """Show the page, or save a picture of it."""
    parser = argparse.ArgumentParser(description="The curves of a project's families.")
    parser.add_argument("project", type=Path)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--system", default="", help="system to show")
    parser.add_argument("--correction", type=float, default=1.0)
    parser.add_argument("--size", default="1180x760", help="width and height in pixels")
    parser.add_argument("--save", help="write a picture there instead of waiting")
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    palette = DARK if options.dark else LIGHT
    apply_theme(app, palette)
    try:
        entries = kept_entries(options.project)
    except UserFacingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a preview tells on the terminal
        return 2
    page = CurvesPage(palette)
    page.set_entries(entries)
    page.set_selection(options.system)
    page.correction.set_value(options.correction)
    window = QWidget()
    window.setWindowTitle("Curves of Temper")
    QVBoxLayout(window).addWidget(page)
    width, height = (int(side) for side in options.size.split("x"))
    window.resize(width, height)
    window.show()
    if not options.save:
        return app.exec()
    app.processEvents()
    app.processEvents()
    window.grab().save(options.save)
    return 0


if __name__ == "__main__":
    sys.exit(main())
