"""``python -m guiapp`` opens the window."""

from __future__ import annotations

import sys

from guiapp.app import main

if __name__ == "__main__":
    sys.exit(main())
