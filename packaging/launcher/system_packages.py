"""Packages of the operating system: installed where one may, else the command that does it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from launcher.messages import say


def may_install() -> bool:
    """Say whether this is root on Debian, Ubuntu or a relative."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_command(packages: Sequence[str]) -> str:
    """Return the one command that a user runs to install packages."""
    sudo = "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get update && {sudo}apt-get install -y {' '.join(packages)}"


def install(packages: Sequence[str]) -> bool:
    """Install packages with apt without a question; return whether it worked."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    get = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120"]
    say(f"Installing with apt: {' '.join(packages)} ...")
    for command in ([*get, "update"], [*get, "install", "-y", "--no-install-recommends", *packages]):
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if run.returncode:
        say("  apt-get failed: " + (run.stderr.strip().splitlines() or ["without a message"])[-1])
    return run.returncode == 0
