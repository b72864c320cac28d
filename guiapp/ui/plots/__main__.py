"""Look at the plots alone: ``python -m guiapp.ui.plots [--dark] [--points N] [--compounds N] [--models N] [--save FILE]``."""

from __future__ import annotations

import argparse
import sys

from PySide6.QtWidgets import QApplication

from guiapp.ui.plots.preview import PlotsPreview
from guiapp.ui.theme import DARK, LIGHT, apply_theme


def main() -> int:
    """Show the preview, or save a picture of it."""
    parser = argparse.ArgumentParser(description="Every plot with made-up data.")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--points", type=int, default=3000)
    parser.add_argument("--compounds", type=int, default=24)
    parser.add_argument("--models", type=int, default=1)
    parser.add_argument("--running", action="store_true", help="mark results as partial")
    parser.add_argument("--save", help="write a picture there instead of waiting")
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    palette = DARK if options.dark else LIGHT
    apply_theme(app, palette)
    window = PlotsPreview(palette, options.points, options.compounds, options.models)
    for part in (window.parity, window.ranking, window.split, window.table):
        part.set_running(options.running)
    window.setWindowTitle("Plots of Temper")
    window.resize(1180, 860)
    window.show()
    if not options.save:
        return app.exec()
    window.ranking.set_current(window.ranking.rows[2].compound)
    app.processEvents()
    app.processEvents()
    window.grab().save(options.save)
    return 0


if __name__ == "__main__":
    sys.exit(main())
