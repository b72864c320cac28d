"""From which model a corrected one was made, as the card beside it says."""

from __future__ import annotations

import json
from pathlib import Path

CARD_DATA = "model-card.json"
"""File beside the weights that says, for programs, how a model was corrected; named here, where the window can afford to look at once."""

_LARGEST = 4_000_000  # bytes; a card is text of some kilobytes


def parent_of(weights: Path | None) -> str:
    """Return the name of the model that weights were corrected from; empty where no card of this program says so.

    Args:
        weights: A weights file or folder, None where a model has none.
    """
    if weights is None:
        return ""
    for folder in (weights, weights.parent):
        card = folder / CARD_DATA
        try:
            if card.is_file() and card.stat().st_size <= _LARGEST:
                data = json.loads(card.read_text(encoding="utf-8"))
                return str(data["base_model"]["name"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # somebody else's file of that name
    return ""
