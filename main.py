"""Start Temper; ``python3 main.py`` opens the window.

    python3 main.py                    the window on the demo project (without a screen: the demo as tables and plots)
    python3 main.py bench DATA... ...  a command; ``python3 main.py --help`` lists them
    python3 main.py test [...]         the test suite; arguments go to pytest
    python3 main.py build-kernel       compile the optional kernel that makes CHGNet faster on a CPU

The first start makes ``.venv`` beside this file and installs what the program needs; see packaging/README.md.
Only the standard library is used here, and nothing that an old Python cannot read before it is told so.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is the check
    sys.exit(
        "Temper needs Python 3.11 or newer, and this is Python %d.%d. Install a newer one from python.org or your system's "  # noqa: UP031
        "packages, then start Temper with it, for example: python3.12 main.py" % sys.version_info[:2]
    )

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "packaging"))  # noqa: PTH100, PTH118, PTH120

from launcher.start import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
