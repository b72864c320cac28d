"""Running pip in a model's environment: minutes of work told in a few lines, errors in plain words."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from guiapp.errors import UserFacingError

_UNITS = {"kB": 1e-3, "MB": 1.0, "GB": 1e3}
_WORTH_TELLING = 5.0  # MB
_HEARTBEAT = 0.5  # s
_NETWORK = ("Connection", "name resolution", "getaddrinfo failed", "Read timed out", "ProxyError", "SSLError", "CERTIFICATE_VERIFY_FAILED")
_DOWNLOAD = re.compile(r"\s*(?:Downloading|Using cached) (\S+) \(([\d.]+) (kB|MB|GB)\)")


def pip_install(python: Path, packages: tuple[str, ...], log: Path, say: Callable[[str], None]) -> None:
    """Install packages into an environment.

    Args:
        python: Interpreter of the environment.
        packages: Requirements with exact versions.
        log: Takes everything that pip says.
        say: Told what is going on, and twice a second nothing at all; whatever it raises ends the installation within moments.

    Raises:
        UserFacingError: Where they cannot be installed; what is installed already stays.
    """
    _provide_pip(python, say)
    say(f"installing {', '.join(packages)}")
    # -I: packages of the user's home and PYTHONPATH must not count as installed.
    options = ["--no-input", "--progress-bar", "off", "--disable-pip-version-check"]
    command = [str(python), "-I", "-m", "pip", "install", *options, *packages]
    with subprocess.Popen(  # noqa: S603 - our own environment, no shell
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment()
    ) as process:
        assert process.stdout is not None
        try:
            output = _follow(_lines(process.stdout), log, say)
        except BaseException:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            process.kill()
            raise
    if process.returncode:
        raise _explained(output, log)


def _provide_pip(python: Path, say: Callable[[str], None]) -> None:
    if _succeeds([str(python), "-I", "-m", "pip", "--version"]):
        return
    say("preparing pip")
    if not _succeeds([str(python), "-I", "-m", "ensurepip"]):
        raise UserFacingError("This Python brings no pip along.", advice="On Debian or Ubuntu install the package python3-venv.")


def _succeeds(command: list[str]) -> bool:
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=_environment())  # noqa: S603 - as above
    return run.returncode == 0


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME"}}


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """Return pip's lines as they come, and an empty one twice a second: a package of a gigabyte takes minutes without a word."""
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def read() -> None:
        with contextlib.suppress(ValueError, OSError):  # closed while it was read, because the installation was given up
            for line in stream:
                lines.put(line)
        lines.put(None)

    threading.Thread(target=read, name="pip", daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=_HEARTBEAT)
        except queue.Empty:
            yield ""
            continue
        if line is None:
            return
        yield line.decode("utf-8", errors="replace")


def _follow(lines: Iterable[str], log: Path, say: Callable[[str], None]) -> str:
    output = []
    with log.open("a", encoding="utf-8") as file:
        for line in lines:
            output.append(line)
            file.write(line)
            words = told(line)
            if words or not line:
                say(words)
    return "".join(output)


def told(line: str) -> str:
    """Return what a line of pip's output is worth telling; empty for most."""
    download = _DOWNLOAD.match(line)
    if download:
        megabytes = float(download[2]) * _UNITS[download[3]]
        name = download[1].rsplit("/", 1)[-1].split("-")[0]
        return f"downloading {name} ({megabytes:.0f} MB)" if megabytes >= _WORTH_TELLING else ""
    if line.startswith("Building wheel"):
        return line.strip().rstrip(".").lower()
    if line.startswith("Installing collected packages"):
        return f"unpacking {line.count(',') + 1} packages"
    return ""


def _explained(output: str, log: Path) -> UserFacingError:
    if "No space left on device" in output:
        return UserFacingError(
            "The disk is full.", advice="Free some gigabytes and start again: what is installed already is kept.", path=log
        )
    if any(sign in output for sign in _NETWORK):
        return UserFacingError(
            "The packages could not be downloaded.",
            advice="Check the network (behind a proxy, set HTTPS_PROXY) and start again: what is installed already is kept.",
            path=log,
        )
    last = next((line.strip() for line in reversed(output.splitlines()) if "ERROR" in line), "pip gives no reason")
    return UserFacingError(f"The packages could not be installed: {last}", advice="The log says more.", path=log)
