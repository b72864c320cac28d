"""The table of actions that menus, toolbar, command palette and shortcuts come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guiapp.ui.main_window import MainWindow


def _always(_window: MainWindow) -> str:
    return ""


def _needs_results(window: MainWindow) -> str:
    known = window.session.shown_evaluations or window.session.families.entries
    return "" if known else "there is no result yet: run a benchmark first"


def _needs_project(window: MainWindow) -> str:
    return "" if window.session.project is not None else "no project is open"


def _needs_frames(window: MainWindow) -> str:
    return "" if window.session.structures.frames else "there are no structures yet: open files first"


def _needs_job(window: MainWindow) -> str:
    return "" if window.session.jobs.running else "nothing is running"


def _needs_back(window: MainWindow) -> str:
    return "" if window.session.selection.can_go_back else "there is no earlier selection"


def _needs_forward(window: MainWindow) -> str:
    return "" if window.session.selection.can_go_forward else "Back was not used yet"


def _needs_undo(window: MainWindow) -> str:
    return "" if window.session.undo_stack.canUndo() else "nothing to undo"


def _needs_redo(window: MainWindow) -> str:
    return "" if window.session.undo_stack.canRedo() else "nothing to redo"


def _needs_reading(window: MainWindow) -> str:
    return "" if window.session.structures.is_reading else "no files are being read"


def _needs_idle_project(window: MainWindow) -> str:
    if window.session.project is None:
        return "no project is open"
    return "wait for the running job, or cancel it first" if window.session.jobs.running else ""


def _needs_room_for_results(window: MainWindow) -> str:
    project = window.session.project
    if project is not None and project.read_only:
        return "the project is open for reading only: save it under another name first"
    return _needs_frames(window) if project is None else ""  # families bring structures of their own


def _needs_path_start(window: MainWindow) -> str:
    return window.wiring.families.paths.reason_against


def _open_scan(window: MainWindow) -> None:
    window.wiring.families.paths.open_scan()


def _open_hop(window: MainWindow) -> None:
    window.wiring.families.paths.open_hop()


@dataclass(frozen=True)
class ActionSpec:
    """One thing the user can do."""

    id: str
    title: str
    menu: str
    """Title of the menu that shows it."""
    run: Callable[[MainWindow], object]
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    reason_against: Callable[[MainWindow], str] = _always
    """Why the action is not possible now, in words; empty where it is."""
    separated: bool = False
    """Whether a line stands above it in its menu."""


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("file.open", "Open structures…", "&File", lambda w: w.open_files(), ("Ctrl+O",), "plus", "Read structures and DFT results"),
    ActionSpec("file.open-folder", "Open folder…", "&File", lambda w: w.open_folder(), ("Ctrl+Shift+O",), "folder-open"),
    ActionSpec(
        "file.data",
        "Data sets…",
        "&File",
        lambda w: w.show_data_page(),
        ("Ctrl+D",),
        "database",
        "Shipped and public DFT data: open, download, and see where they come from",
    ),
    ActionSpec(
        "file.models",
        "Models…",
        "&File",
        lambda w: w.show_models_page(),
        ("Ctrl+M",),
        "cube",
        "What each potential is, whether it passed its self-test, and how to get others",
    ),
    ActionSpec(
        "file.stop-reading", "Stop reading files", "&File", lambda w: w.session.structures.cancel_reading(), (), "stop", "", _needs_reading
    ),
    ActionSpec("file.new-project", "New project…", "&File", lambda w: w.new_project(), ("Ctrl+N",), "file-plus", separated=True),
    ActionSpec("file.open-project", "Open project…", "&File", lambda w: w.open_project_dialog(), (), "archive"),
    ActionSpec(
        "file.recover",
        "Recover a damaged project…",
        "&File",
        lambda w: w.recover_project_dialog(),
        (),
        "first-aid-kit",
        "Copy what can still be read of it, and open the copy",
    ),
    ActionSpec(
        "file.save-as",
        "Save project as…",
        "&File",
        lambda w: w.save_project_as(),
        ("Ctrl+Shift+S",),
        "floppy-disk",
        "",
        _needs_idle_project,
    ),
    ActionSpec("file.demo", "Open the demo project", "&File", lambda w: w.open_demo(), (), "flask"),
    ActionSpec(
        "file.export",
        "Export results…",
        "&File",
        lambda w: w.export_results(),
        ("Ctrl+E",),
        "export",
        "Write numbers and plots into a folder",
        _needs_results,
        separated=True,
    ),
    ActionSpec(
        "file.report",
        "Make a report…",
        "&File",
        lambda w: w.make_report(),
        ("Ctrl+Shift+R",),
        "file-text",
        "Write what was measured as HTML and PDF, with figures, BibTeX and CSV",
        _needs_project,
    ),
    ActionSpec("file.quit", "Quit", "&File", lambda w: w.close(), ("Ctrl+Q",), "sign-out", separated=True),
    ActionSpec("edit.undo", "Undo", "&Edit", lambda w: w.session.undo_stack.undo(), ("Ctrl+Z",), "arrow-u-up-left", "", _needs_undo),
    ActionSpec("edit.redo", "Redo", "&Edit", lambda w: w.session.undo_stack.redo(), ("Ctrl+Shift+Z",), "arrow-u-up-right", "", _needs_redo),
    ActionSpec(
        "edit.find", "Search structures", "&Edit", lambda w: w.browser.focus_search(), ("Ctrl+F",), "magnifying-glass", separated=True
    ),
    ActionSpec("edit.clear-filter", "Clear all filters", "&Edit", lambda w: w.session.clear_filter(), ("Ctrl+Shift+F",), "funnel"),
    ActionSpec(
        "edit.back", "Back", "&Edit", lambda w: w.session.selection.go_back(), ("Alt+Left",), "arrow-left", "", _needs_back, separated=True
    ),
    ActionSpec(
        "edit.forward", "Forward", "&Edit", lambda w: w.session.selection.go_forward(), ("Alt+Right",), "arrow-right", "", _needs_forward
    ),
    ActionSpec("edit.wider", "One level up", "&Edit", lambda w: w.session.selection.select_wider(), ("Esc",), "arrow-up"),
    ActionSpec(
        "run.benchmark",
        "Run benchmark…",
        "&Run",
        lambda w: w.show_benchmark_setup(),
        ("Ctrl+R",),
        "play",
        "Choose sets, models and device, and run",
        _needs_room_for_results,
    ),
    ActionSpec(
        "run.scan",
        "Curvature scan…",
        "&Run",
        _open_scan,
        (),
        "chart-line-up",
        "Move an atom, strain the cell or follow a phonon of the selected structure, and compare the models",
        _needs_path_start,
    ),
    ActionSpec(
        "run.hop",
        "Migration path…",
        "&Run",
        _open_hop,
        (),
        "path",
        "Let an ion hop in the selected crystal, and compare the models",
        _needs_path_start,
    ),
    ActionSpec(
        "correct.model",
        "Correct model…",
        "&Run",
        lambda w: w.open_wizard(),
        ("Ctrl+Shift+C",),
        "magic-wand",
        "From one DFT calculation to a corrected model, step by step",
        _needs_frames,
    ),
    ActionSpec(
        "run.cluster",
        "Cluster…",
        "&Run",
        lambda w: w.show_cluster_page(),
        (),
        "hard-drives",
        "Let jobs run on other machines, and see their workers, memory and queue",
    ),
    ActionSpec("run.pause", "Pause or resume", "&Run", lambda w: w.session.jobs.toggle_pause(), ("Ctrl+.",), "pause", "", _needs_job),
    ActionSpec(
        "run.cancel", "Cancel the running job", "&Run", lambda w: w.session.jobs.cancel_running(), ("Ctrl+Shift+.",), "x", "", _needs_job
    ),
    ActionSpec("view.summary", "Summary", "&View", lambda w: w.results.show_tab("summary"), ("Ctrl+1",), "list-dashes"),
    ActionSpec("view.parity", "Parity", "&View", lambda w: w.results.show_tab("parity"), ("Ctrl+2",), "chart-line"),
    ActionSpec("view.compounds", "Compounds", "&View", lambda w: w.results.show_tab("compounds"), ("Ctrl+3",), "list-numbers"),
    ActionSpec("view.curvature", "Curvature", "&View", lambda w: w.results.show_tab("curvature"), ("Ctrl+4",), "chart-line-up"),
    ActionSpec("view.elements", "Periodic table", "&View", lambda w: w.results.show_tab("elements"), ("Ctrl+5",), "squares-four"),
    ActionSpec(
        "view.next-frame", "Next frame", "&View", lambda w: w.session.structures.step(1), ("Ctrl+Right",), "caret-right", separated=True
    ),
    ActionSpec("view.previous-frame", "Previous frame", "&View", lambda w: w.session.structures.step(-1), ("Ctrl+Left",), "caret-left"),
    ActionSpec(
        "view.theme-system", "Theme: follow the system", "&View", lambda w: w.use_theme("system"), (), "circle-half", separated=True
    ),
    ActionSpec("view.theme-light", "Theme: light", "&View", lambda w: w.use_theme("light"), (), "sun"),
    ActionSpec("view.theme-dark", "Theme: dark", "&View", lambda w: w.use_theme("dark"), (), "moon"),
    ActionSpec("view.reset-layout", "Reset the layout", "&View", lambda w: w.reset_layout(), (), "layout", separated=True),
    ActionSpec("help.palette", "Command palette", "&Help", lambda w: w.show_command_palette(), ("Ctrl+Shift+P",), "command"),
    ActionSpec("help.what", "What is this?", "&Help", lambda w: w.explain_focus(), ("F1",), "question", "Explain the focused thing"),
    ActionSpec("help.shortcuts", "Keyboard shortcuts", "&Help", lambda w: w.show_shortcuts(), ("?",), "keyboard"),
    ActionSpec("help.about", "About Temper", "&Help", lambda w: w.show_about(), (), "info", separated=True),
)
