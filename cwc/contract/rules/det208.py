"""DET208: what differs from machine to machine."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.rules.rule import Found, Look, Rule, banned, defined, fine, lacks


def _own_file(node: ast.AST, look: Look) -> Iterator[Found]:
    """``__file__``: where the module happens to lie."""
    for (_, name), nodes in look.view.loads.items():
        if name == "__file__" and not look.view.scope.names.get(name):
            yield from (Found(each, "`__file__` differs from machine to machine") for each in nodes)


RULE = Rule(
    definition=defined("DET208", "host_state", "warning", "Something is read that differs from machine to machine"),
    instead="pass it as an input of the flow, if its outcome hangs on it at all",
    checks={ast.Module: _own_file},
    members={
        **banned("""
            os.getpid os.getppid os.getcwd os.getcwdb os.uname os.cpu_count os.process_cpu_count os.getloadavg
            os.getuid os.geteuid
            os.getgid os.getegid os.getgroups os.getpgid os.getsid os.getpriority os.sched_getaffinity
            os.sched_getparam os.ctermid
            os.ttyname os.isatty os.get_terminal_size os.sysconf os.confstr os.umask os.getxattr os.path.abspath
            platform.* socket.gethostname socket.getfqdn socket.gethostbyname builtins.input sys.stdin sys.__stdin__
            sys.executable
            sys._base_executable sys.prefix sys.base_prefix sys.exec_prefix sys.base_exec_prefix sys.path sys.flags
            sys.getsizeof sys.getrefcount sys.getallocatedblocks sys.getfilesystemencoding sys.getdefaultencoding
            sys.getwindowsversion sys.platlibdir sys.implementation sys.hash_info sys.activate_stack_trampoline
            sys.platform os.name os.getlogin
            pathlib.Path.cwd pathlib.Path.absolute pathlib.Path.resolve shutil.get_terminal_size shutil.which
            shutil.disk_usage
            multiprocessing.cpu_count gc.* tracemalloc.* resource.* sysconfig.* site.* psutil.*
            importlib.metadata.version importlib.metadata.distributions
            importlib.metadata.entry_points importlib.metadata.packages_distributions
        """),
        **banned("os.path.relpath", when=lacks(1, "start")),
        **fine("""
            gc.disable gc.enable gc.collect gc.freeze gc.get_objects gc.get_referrers gc.get_referents
            resource.getrusage importlib.metadata.version importlib.metadata.PackageNotFoundError
        """),
    },
)  # fmt: skip
