"""DET604: what differs from platform to platform."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, banned, defined

RULE = Rule(
    definition=defined(
        "DET604", "platform_dependent", "note", "Something is read that differs from platform to platform"
    ),
    instead='use what is the same everywhere: `posixpath`, `"\\n"`, explicit sizes and byte orders',
    members=banned("""
        os.sep os.altsep os.linesep os.pathsep os.extsep os.curdir os.pardir os.devnull os.path.sep
        os.path.normcase
        sys.maxsize sys.byteorder sys.float_info sys.int_info sys.maxunicode struct.calcsize
    """),
)
