"""The written report from the command line."""

from __future__ import annotations

import argparse

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.cli.main import DONE
from guiapp.report.report_content import read_report
from guiapp.report.report_document import count_words
from guiapp.report.report_files import write_report


def run_report(options: argparse.Namespace) -> int:
    """Write the report and return the exit code.

    Raises:
        UserFacingError: Where there is nothing to report, or it cannot be written.
    """
    largest = options.max_force if options.max_force < float("inf") else None
    content = read_report(options.place, frame_filter=FrameFilter(max_force=largest))
    folder = options.out or (options.place if options.place.is_dir() else options.place.parent) / "report"
    written = write_report(folder, content)
    print(f"Report on {count_words(content)}: {folder.resolve()}")
    for path in written:
        print(f"  {path.name}")
    for note in content.notes:
        print(note)
    return DONE
