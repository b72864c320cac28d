"""The command that lists the reference sets."""

from __future__ import annotations

from guiapp.cli.main import DONE
from guiapp.frames.shipped import shipped_sets


def list_data() -> int:
    """Print the reference sets that the program ships."""
    for one in shipped_sets():
        print(f"{one.name}: {one.title}, {one.n_frames:,} frames, family {one.family}")
        for title, value in (
            ("functional", one.provenance.functional),
            ("code", one.provenance.code),
            ("recipe", one.provenance.recipe),
            ("licence", one.provenance.licence),
            ("cite", one.provenance.citation),
        ):
            print(f"    {title:<11}{value or 'unknown'}")
    print("\nYour own data: name files, folders or patterns instead, e.g. bench run1/vasprun.xml 'md/*/OUTCAR.gz' set.extxyz")
    return DONE
