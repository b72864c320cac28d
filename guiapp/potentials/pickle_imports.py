"""What one pickle stream would import and which texts it holds, found without running any of it.

The stream is followed on a stack of text constants only. Whatever is not a plain text where a name is wanted counts as hidden, so a
stream can hide what it imports but not that it hides something.
"""

from __future__ import annotations

import io
import pickletools
from dataclasses import dataclass, field
from itertools import islice

HIDDEN = "(a name that the file hides)"
_MARK = object()
_MOST_STEPS = 20_000_000
_GETTERS = {"GET", "BINGET", "LONG_BINGET"}
_PUTTERS = {"PUT", "BINPUT", "LONG_BINPUT"}
_EXTENSIONS = {"EXT1", "EXT2", "EXT4"}
_NAMING = {"GLOBAL", "INST"}


@dataclass
class StreamContent:
    """What was found so far in one or several streams."""

    imports: set[str] = field(default_factory=set)
    """``module.name``, Python 2 names of built-ins translated."""
    texts: list[str] = field(default_factory=list)
    """Text constants that could be source code."""
    problems: list[str] = field(default_factory=list)
    """Why a stream could not be followed to its end."""


class _BrokenStreamError(Exception):
    """The stream cannot be followed."""


def follow_stream(stream: io.BytesIO, content: StreamContent) -> bool:
    """Read one pickle and add what it holds.

    Args:
        stream: Positioned at the start of a pickle; afterwards behind it, where it was whole.
        content: Takes what is found, also from a stream that breaks off.

    Returns:
        True where the stream is whole.
    """
    stack: list[object] = []
    memo: dict[int, object] = {}
    ended = False
    try:
        for opcode, argument, _ in islice(pickletools.genops(stream), _MOST_STEPS):
            _step(opcode, argument, stack, memo, content)
            ended = opcode.name == "STOP"
    except (ValueError, IndexError, OverflowError, MemoryError, _BrokenStreamError) as error:
        content.problems.append(f"a pickle cannot be followed: {error}")
        return False
    if not ended:
        content.problems.append("a pickle cannot be followed: it is too long")
    return ended


def _step(opcode: pickletools.OpcodeInfo, argument: object, stack: list[object], memo: dict[int, object], content: StreamContent) -> None:
    name = opcode.name
    if name in _GETTERS:
        stack.append(memo.get(int(str(argument))))
    elif name in _PUTTERS:
        memo[int(str(argument))] = _top(stack)
    elif name == "MEMOIZE":
        memo[len(memo)] = _top(stack)
    elif name == "DUP":
        stack.append(_top(stack))
    elif name == "STACK_GLOBAL":
        attribute, module = _pop(stack), _pop(stack)
        _note_import(module, attribute, content)
        stack.append(None)
    else:
        _move(opcode, stack)
        if name in _NAMING:
            module, _, attribute = str(argument).partition(" ")
            _note_import(module, attribute, content)
        elif name in _EXTENSIONS:
            content.imports.add(HIDDEN)
        elif isinstance(argument, str) and opcode.stack_after:
            stack[-1] = argument
            _note_text(argument, content)


def _note_import(module: object, attribute: object, content: StreamContent) -> None:
    if not isinstance(module, str) or not isinstance(attribute, str):
        content.imports.add(HIDDEN)
        return
    # Protocol 2 files write Python 2's name of the built-ins.
    content.imports.add(f"{'builtins' if module == '__builtin__' else module}.{attribute}")
    if "." in attribute:
        # Protocol 4 walks along such a path: any module that an innocent one imports is within reach.
        content.problems.append(f"a name that leads through other modules: {module}:{attribute}")


def _note_text(text: str, content: StreamContent) -> None:
    if "(" in text or "import" in text:
        content.texts.append(text)


def _move(opcode: pickletools.OpcodeInfo, stack: list[object]) -> None:
    """Take from the stack what a step takes, and put a blank for each thing that it leaves."""
    for taken in reversed(opcode.stack_before):
        if taken is pickletools.stackslice:
            while stack and stack[-1] is not _MARK:
                stack.pop()
        elif taken is pickletools.markobject:
            if _pop(stack) is not _MARK:
                raise _BrokenStreamError("it closes what it never opened")
        else:
            _pop(stack)
    stack.extend(_MARK if left is pickletools.markobject else None for left in opcode.stack_after)


def _top(stack: list[object]) -> object:
    if not stack:
        raise _BrokenStreamError("it takes what is not there")
    return stack[-1]


def _pop(stack: list[object]) -> object:
    if not stack:
        raise _BrokenStreamError("it takes what is not there")
    return stack.pop()
