"""The one family of errors that a user may see as it is."""

from __future__ import annotations

from pathlib import Path


class UserFacingError(Exception):
    """Something outside the program is wrong: what happened, why, and what to do about it.

    Everything else that is raised is a bug and goes to the crash report.
    """

    def __init__(self, what: str, *, advice: str = "", path: Path | str | None = None) -> None:
        """Describe the problem.

        Args:
            what: One sentence in plain words that says what happened and why.
            advice: One sentence that says what to do; empty where nothing can be done.
            path: The file concerned, if one is.
        """
        super().__init__(what)
        self.what = what
        self.advice = advice
        self.path = Path(path) if path is not None else None

    def __str__(self) -> str:
        """Return the whole message on one line: file, what is wrong, what to do."""
        place = f"{self.path}: " if self.path is not None else ""
        return f"{place}{self.what}" + (f" {self.advice}" if self.advice else "")
