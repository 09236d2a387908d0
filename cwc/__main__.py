"""`python -m cwc`."""

from __future__ import annotations

from cwc.cli import main

if __name__ == "__main__":
    main()
