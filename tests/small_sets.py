"""Small files in the packagings of public data sets, made on the spot."""

from __future__ import annotations

import json

import numpy as np


def structure(symbols, scale=4.0):
    """Return a pymatgen structure dictionary of a cubic cell."""
    sites = [
        {"species": [{"element": symbol, "occu": 1}], "abc": [0.5 * k, 0.5 * k, 0.5 * k], "label": symbol}
        for k, symbol in enumerate(symbols)
    ]
    return {
        "@module": "pymatgen.core.structure",
        "@class": "Structure",
        "lattice": {"matrix": (np.eye(3) * scale).tolist()},
        "sites": sites,
    }


def wbm_bytes(n_materials=3, n_frames=2, *, forces=True):
    """Return the JSON of a few WBM high-energy states."""
    rng = np.random.default_rng(0)
    records = {}
    for material in range(n_materials):
        frames = {}
        for frame in range(n_frames):
            record = {"structure": structure(["Mg", "O"], 3.0 + 0.05 * frame + 0.2 * material), "vasp_e": -10.0 + 0.1 * frame}
            if forces:
                pull = rng.normal(size=3)
                record |= {"vasp_f": [pull.tolist(), (-pull).tolist()], "vasp_s": np.eye(3).tolist()}
            frames[str(frame)] = record
        records[f"wbm-1-{material}"] = frames
    return json.dumps(records).encode()
