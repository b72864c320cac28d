"""Running pip: minutes of work told in a few lines, and its errors in plain words."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.messages import duration, say

_SILENCE = 15.0  # seconds without a word after which one is due
_WORTH_TELLING = 5.0  # MB
_UNITS = {"kB": 1e-3, "MB": 1.0, "GB": 1e3}
_NETWORK = (
    "Connection",
    "Temporary failure in name resolution",
    "Name or service not known",
    "getaddrinfo failed",
    "Read timed out",
    "ProxyError",
    "SSLError",
    "CERTIFICATE_VERIFY_FAILED",
)
_NO_SUCH_VERSION = (
    "ResolutionImpossible",
    "No matching distribution found",
    "Could not find a version",
    "conflicting dependencies",
    "Failed building wheel",
    "Failed to build",
    "metadata-generation-failed",
    "requires a different Python",
)


@dataclass(frozen=True)
class PipResult:
    """How one run of pip ended."""

    code: int
    output: str

    @property
    def ok(self) -> bool:
        """True where everything is installed."""
        return self.code == 0

    @property
    def lacks_network(self) -> bool:
        """True where the packages could not be reached."""
        return any(sign in self.output for sign in _NETWORK)

    @property
    def lacks_version(self) -> bool:
        """True where a pinned version does not exist for this system."""
        return any(sign in self.output for sign in _NO_SUCH_VERSION)

    def explain(self, log: Path) -> str:
        """Say what went wrong and what to do."""
        if "No space left on device" in self.output:
            return "The disk is full. Free some gigabytes and start again: what is installed already is kept."
        if self.lacks_network:
            return (
                "The packages could not be downloaded. Check the network (behind a proxy, set HTTPS_PROXY) and start again:"
                f" what is downloaded already is kept. Details: {log}"
            )
        last = [line for line in self.output.splitlines() if line.strip()][-6:]
        return "\n".join([f"The packages could not be installed. Details: {log}", *(f"  {line}" for line in last)])


def run_pip(python: Path, arguments: Sequence[str], log: Path, lock: int) -> PipResult:
    """Install packages, tell what is going on, and write everything pip says to a log.

    Args:
        python: Interpreter of the environment.
        arguments: What follows ``pip install``.
        log: Where pip's own words go.
        lock: Descriptor of the lock, which pip holds on to until it ends.
    """
    # -I: packages of the user's home and PYTHONPATH must not count as installed.
    command = [str(python), "-I", "-m", "pip", "install", "--no-input", "--progress-bar", "off", "--disable-pip-version-check"]
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    process = subprocess.Popen(
        [*command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
        pass_fds=(lock,) if os.name == "posix" else (),
    )
    try:
        lines = _follow(process, log)
    except BaseException:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        raise
    return PipResult(process.wait(), "".join(lines))


def _follow(process: subprocess.Popen[str], log: Path) -> list[str]:
    words: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                words.put(line)
        words.put("")

    threading.Thread(target=read, daemon=True).start()
    begin = time.monotonic()
    lines: list[str] = []
    step = "looking for packages"
    with log.open("a", encoding="utf-8") as file:
        while True:
            try:
                line = words.get(timeout=_SILENCE)
            except queue.Empty:
                say(f"  [{duration(time.monotonic() - begin)}] still {step} ...")
                continue
            if not line:
                return lines
            lines.append(line)
            file.write(line)
            step, worth = progress(line, step)
            if worth:
                say(f"  [{duration(time.monotonic() - begin)}] {step}")


def progress(line: str, step: str) -> tuple[str, bool]:
    """Return what pip is doing after a line of its output, and whether that is worth a line of ours.

    Args:
        line: One line of pip's output.
        step: What it was doing before.
    """
    download = re.match(r"\s*(?:Downloading|Using cached) (\S+) \(([\d.]+) (kB|MB|GB)\)", line)
    if download:
        megabytes = float(download[2]) * _UNITS[download[3]]
        name = download[1].rsplit("/", 1)[-1].split("-")[0]
        verb = "downloading" if "Downloading" in line else "using the downloaded"
        return f"{verb} {name} ({megabytes:.0f} MB)", megabytes >= _WORTH_TELLING
    if line.startswith("Collecting "):
        return f"looking for {line.split()[1]}", False
    if line.startswith("Processing "):
        return f"reading {Path(line.split()[1]).name}", False
    if line.startswith("Building wheel"):
        return line.strip().rstrip("."), True
    if line.startswith("Installing collected packages"):
        return f"unpacking {line.count(',') + 1} packages", True
    return step, False
