"""SevenNet-0 (11 July 2024): its package needs another e3nn than MACE; the weights lie inside the wheel."""

RECIPE = {
    "name": "sevennet-0",
    "title": "SevenNet-0",
    "family": "SevenNet",
    "packages": ["torch==2.13.0", "sevenn==0.13.0"],
    "weights": "sevenn/pretrained_potentials/SevenNet_0__11Jul2024/checkpoint_sevennet_0.pth",
    "download_gb": 0.4,
    "disk_gb": 1.8,
    "last_element": 94,
    "functional": "PBE / PBE+U, energies with MP2020 corrections",
    "training_data": "MPtrj: 1.58 million frames of Materials Project relaxations, near energy minima",
    "licence": "MIT",
    "citation": "Park et al., J. Chem. Theory Comput. 20, 4857 (2024), doi:10.1021/acs.jctc.4c00190",
}


def load(device):
    """Return the ase calculator of the weights that the wheel brings along."""
    from sevenn.calculator import SevenNetCalculator

    return SevenNetCalculator("7net-0", device=device)
