"""DIEP, trained on MatPES r2SCAN, so on states away from energy minima; the weights lie inside the wheel."""

RECIPE = {
    "name": "diep-matpes-r2scan",
    "title": "DIEP MatPES r2SCAN",
    "family": "DIEP",
    "packages": ["torch==2.13.0", "diep==2.0.0"],
    "weights": "diep/pretrained_models/diep_fold1/state.pt",
    "download_gb": 0.5,
    "disk_gb": 2.0,
    "last_element": 94,
    "functional": "r2SCAN",
    "training_data": "MatPES r2SCAN: static calculations of states sampled at 300 K, away from minima (349,107 frames)",
    "licence": "BSD-3-Clause",
    "citation": "Tawfik et al., Digital Discovery (2024), doi:10.1039/D4DD00246F; Kaplan et al., arXiv:2503.04070 (2025)",
}


def load(device):
    """Return the package's own ase calculator."""
    from diep.pretrained import make_calculator

    return make_calculator(device=device)
