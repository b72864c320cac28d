"""Where a public file lies; it can be said without what a download needs."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Home:
    """A public address of a file."""

    url: str
    size: int | None = None
    """Bytes, where known."""
    checksum: str = ""
    """``sha256:…`` or ``md5:…`` as published, empty where nobody published one; then the first download is recorded."""

    @property
    def host(self) -> str:
        """What a person calls this home, e.g. ``figshare.com``."""
        return urlsplit(self.url).hostname or self.url
