"""DET207: calls that start, end or signal processes."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, banned, defined

RULE = Rule(
    definition=defined("DET207", "process_call", "error", "A process is started, ended or signalled"),
    instead="run the command in a tool",
    members=banned("""
        os.system os.popen os.fork os.forkpty os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp
        os.execvpe
        os.spawnl os.spawnle os.spawnlp os.spawnlpe os.spawnv os.spawnve os.spawnvp os.spawnvpe os.posix_spawn
        os.posix_spawnp os.startfile os.kill os.killpg os.wait os.wait3 os.wait4 os.waitpid os.waitid os.abort os._exit
        os.nice os.setsid os.setuid os.setgid os.register_at_fork os.pidfd_open os.openpty os.daemon
        asyncio.create_subprocess_exec asyncio.create_subprocess_shell asyncio.AbstractEventLoop.subprocess_exec
        asyncio.AbstractEventLoop.subprocess_shell asyncio.AbstractEventLoop.add_signal_handler signal.* faulthandler.*
        anyio.run_process anyio.open_process trio.run_process
    """),
)  # fmt: skip
