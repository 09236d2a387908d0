"""Templates as Python code, kept in the user's own cache: compiling them takes longer than a small build."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
from contextlib import suppress

import jinja2
from jinja2 import compiler
from jinja2.bccache import Bucket, BytecodeCache

from cwc._stored import cache_folder, read_entry, write_entry

_KEPT = 200
"""How many entries of a user's cache are kept; the oldest go."""


class Precompiled(BytecodeCache):
    """Entries by the text of a template, and by all that decides what becomes of it."""

    def __init__(self) -> None:
        self.folder = cache_folder(os.getcwd())
        status = os.stat(compiler.__file__)
        told = [sys.version, getattr(jinja2, "__version__", ""), status.st_size, status.st_mtime_ns]
        self.version = json.dumps(told)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket, if there is an entry for it."""
        if self.folder is not None:
            code = (read_entry(os.path.join(self.folder, self._name(bucket))) or {}).get("code")
            if isinstance(code, str):
                bucket.bytecode_from_string(base64.b64decode(code))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a bucket holds."""
        if self.folder is not None:
            code = base64.b64encode(bucket.bytecode_to_string()).decode()
            with suppress(OSError):
                write_entry(self.folder, self._name(bucket), {"code": code}, _KEPT)

    def _name(self, bucket: Bucket) -> str:
        told = [self.version, bucket.key, bucket.checksum]
        return f"template-{hashlib.sha256(json.dumps(told).encode()).hexdigest()}"
