"""Read a large JSON file entry by entry, with the plain decoder of the standard library.

Nothing but numbers, text, lists and dictionaries comes out, whatever classes the file names. A list, a dictionary of entries and
one entry a line (JSON Lines) are all read in one pass with one entry in memory, so that a 10 GB file needs no 10 GB, and so
that the interpreter is never held for longer than one entry takes (the window stays alive meanwhile).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any, TextIO

import numpy as np

from guiapp.errors import UserFacingError

_CHUNK = 2**20  # characters
LARGEST_ENTRY = 2**29  # characters
_SPACE = re.compile(r"[ \t\r\n]*")
_AFTER_VALUE = {*" \t\r\n,:]}"}
_LONGEST_NUMBER = 1024  # characters
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_SAFE_RECURSION = 2000
"""Up to this limit Python itself turns deep nesting into an error in time."""
_DEEPEST = 500
_NEAR_END = 2**16  # an error this close to the end of the buffer may only mean that more text is needed


class _Text:
    """A window on the text that grows when an entry does not fit."""

    def __init__(self, stream: TextIO, path: str) -> None:
        self._stream = stream
        self._path = path
        self._decoder = json.JSONDecoder()
        self._buffer = ""
        self._at = 0
        self._ended = False
        self.entries_done = 0

    def peek(self) -> str:
        """Return the next character that is no space, empty at the end of the file."""
        while True:
            spaces = _SPACE.match(self._buffer, self._at)
            self._at = spaces.end() if spaces else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._grow():
                return ""

    def is_one_a_line(self) -> bool:
        """Tell whether the first line is a whole dictionary and the next one begins another."""
        line, newline, rest = self._buffer[self._at :].partition("\n")
        return bool(newline) and line.startswith("{") and line.rstrip().endswith("}") and rest.lstrip().startswith("{")

    def take(self, expected: str) -> str:
        """Consume one character, which must be one of those expected."""
        character = self.peek()
        if not character or character not in expected:
            raise self._broken("ends too early" if not character else f"has “{character}” where one of {' '.join(expected)} belongs")
        self._at += 1
        return character

    def value(self) -> Any:
        """Decode the next value."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if error.pos < len(self._buffer) - _NEAR_END and not error.msg.startswith("Unterminated string"):
                    raise self._broken(f"is no valid JSON: {error.msg.lower()}") from error
                if not self._grow():
                    raise self._broken(f"is no valid JSON or ends too early: {error.msg.lower()}") from error
                continue
            except RecursionError as error:
                raise self._broken("is nested too deeply") from error
            if self._goes_on(end) and self._grow():
                continue
            self._at = end
            return value

    def _goes_on(self, end: int) -> bool:
        """Tell whether a value that seems to end here may be a number cut in two by the end of the buffer."""
        return len(self._buffer) - end < _LONGEST_NUMBER and self._buffer[end : end + 1] not in _AFTER_VALUE

    def _grow(self) -> bool:
        """Read more text, twice as much each time an entry does not fit; return False at the end of the file."""
        if self._ended:
            return False
        kept = self._buffer[self._at :]
        if len(kept) > LARGEST_ENTRY:
            raise self._broken("holds one entry larger than 0.5 GB")
        more = self._stream.read(max(_CHUNK, len(kept)))
        self._ended = not more
        self._buffer, self._at = kept + more, 0
        # Python's own limit would do, but symfc (phonons) and networkx raise it so far that the decoder overruns the stack of the process.
        if sys.getrecursionlimit() > _SAFE_RECURSION and depth(self._buffer) > _DEEPEST:
            raise self._broken("is nested too deeply")
        return bool(more)

    def _broken(self, why: str) -> UserFacingError:
        before = f" after {self.entries_done} entries" if self.entries_done else ""
        return UserFacingError(f"The JSON {why}{before}.", advice="Download or write the file again.", path=self._path)


def depth(text: str) -> int:
    """Return how deeply brackets and braces outside strings are nested in a piece of JSON that begins at a value."""
    deepest, now, quotes = 0, 0, 0
    text = _ESCAPED.sub("", text) if "\\" in text else text
    for start in range(0, len(text), _CHUNK):
        codes = np.frombuffer(text[start : start + _CHUNK].encode("utf-8", "surrogatepass"), dtype=np.uint8)
        is_quote = codes == ord('"')
        outside = (np.cumsum(is_quote, dtype=np.int32) + quotes) % 2 == 0
        opening = (codes == ord("[")) | (codes == ord("{"))
        closing = (codes == ord("]")) | (codes == ord("}"))
        nested = now + np.cumsum(np.where(outside, opening.astype(np.int8) - closing.astype(np.int8), 0), dtype=np.int32)
        deepest, now, quotes = max(deepest, int(nested.max())), int(nested[-1]), quotes + int(is_quote.sum())
    return deepest


def entries(stream: TextIO, path: str) -> Iterator[tuple[str | None, Any]]:
    """Yield the entries of the outermost list or dictionary, or of each line.

    Args:
        stream: Open text.
        path: Name of the file for messages.

    Yields:
        The key (None in a list and for JSON Lines) and the value as plain Python data.

    Raises:
        UserFacingError: If the JSON is broken or cut off; entries before that were yielded.
    """
    text = _Text(stream, path)
    opening = text.peek()
    if opening not in {"{", "["}:
        raise UserFacingError("It is no JSON list or dictionary.", advice="Choose a data file.", path=path)
    if text.is_one_a_line():
        while text.peek():
            yield None, text.value()
            text.entries_done += 1
        return
    closing = "}" if opening == "{" else "]"
    text.take(opening)
    while text.peek() != closing:
        key = None
        if opening == "{":
            key = str(text.value())
            text.take(":")
        yield key, text.value()
        text.entries_done += 1
        if text.peek() != closing:
            text.take("," + closing)
    text.take(closing)
