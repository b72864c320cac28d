"""Under which keys results are kept: everything that determines a number goes in, nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

Setting = str | float | int | bool


def settings_hash(settings: Mapping[str, Setting]) -> str:
    """Return the SHA-256 of settings; the order of the keys does not matter.

    A prediction is kept under the weights hash, this hash and the frame's content hash.

    Args:
        settings: What determines a prediction besides weights and frame, e.g. precision and version of the inference path.
    """
    text = json.dumps(dict(settings), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
