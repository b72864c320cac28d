"""What a reader says about a file besides its frames."""

from __future__ import annotations

from dataclasses import dataclass, field

from guiapp.frames.reference_set import Provenance

_MOST_OF_A_KIND = 5


@dataclass(frozen=True)
class ReadProblem:
    """Something that could not be read, or was read in part; the rest was read all the same."""

    path: str
    """The file concerned, as the user named it."""
    what: str
    """What is wrong, in one sentence."""
    advice: str = ""
    """What to do about it, in one sentence."""

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" + (f" {self.advice}" if self.advice else "")


@dataclass
class Notes:
    """Collected while one file is read."""

    path: str
    provenance: Provenance = field(default_factory=Provenance)
    """Code, functional, settings and units found in the file."""
    keys: dict[str, None] = field(default_factory=dict)
    """Label keys that were used, in order of first appearance."""
    _problems: dict[str, list[ReadProblem]] = field(default_factory=dict)

    def problem(self, what: str, advice: str = "", *, kind: str = "") -> None:
        """Keep a problem; of one kind only the first few are kept, and the rest are counted.

        Args:
            what: What is wrong, in one sentence.
            advice: What to do about it.
            kind: Problems with the same kind (by default the same sentence) count as repetitions.
        """
        self._problems.setdefault(kind or what, []).append(ReadProblem(self.path, what, advice))

    def use_keys(self, *keys: str) -> tuple[str, ...]:
        """Note the keys that became labels, and return them."""
        self.keys.update(dict.fromkeys(keys))
        return keys

    @property
    def problems(self) -> tuple[ReadProblem, ...]:
        """The problems, long repetitions shortened."""
        shown: list[ReadProblem] = []
        for repeated in self._problems.values():
            shown += repeated[:_MOST_OF_A_KIND]
            if len(repeated) > _MOST_OF_A_KIND:
                shown.append(ReadProblem(self.path, f"{len(repeated) - _MOST_OF_A_KIND} more problems of the same kind."))
        return tuple(shown)
