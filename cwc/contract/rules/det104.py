"""DET104: other processes."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, banned, defined, words

RULE = Rule(
    definition=defined("DET104", "process_import", "error", "A module imports what runs other processes"),
    instead="run the command in a tool",
    modules=words("""
        subprocess multiprocessing pty pexpect sh plumbum invoke _posixsubprocess psutil billiard ptyprocess
        concurrent.interpreters delegator sarge
    """),
    members=banned("subprocess.* multiprocessing.* concurrent.futures.ProcessPoolExecutor"),
)  # fmt: skip
