"""`python -m cwc`."""

from __future__ import annotations

import os
import sys

# Python puts the working directory first: a file there called random.py would be run in place of the library's.
if sys.path and not getattr(sys.flags, "safe_path", False) and os.path.abspath(sys.path[0]) == os.getcwd():
    del sys.path[0]

from cwc.cli import main

if __name__ == "__main__":
    main()
