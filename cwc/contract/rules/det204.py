"""DET204: the environment: variables, the user, the command line."""

from __future__ import annotations

import ast

from cwc.contract.rules.rule import Rule, Use, banned, defined, lacks


def _is_base(use: Use) -> bool:
    """Where a class derives from it, or it is made: not where somebody only names the type."""
    return use.call is not None or isinstance(use.look.parent(use.node), ast.ClassDef)


RULE = Rule(
    definition=defined("DET204", "environment", "error", "The environment is read or written"),
    instead="read it in a tool or where the flow is called, and pass it as an input",
    members={
        **banned("""
            os.environ os.environb os.getenv os.getenvb os.putenv os.unsetenv os.path.expandvars os.path.expanduser
           
            pathlib.Path.home pathlib.Path.expanduser getpass.* dotenv.* decouple.* environs.* environ.*
            sys.argv sys.orig_argv pwd.* grp.* os.get_exec_path starlette.config.* dynaconf.* os.reload_environ
            os.environ.*
        """),
        **banned("pydantic_settings.BaseSettings pydantic.BaseSettings", when=_is_base),
        **banned("argparse.ArgumentParser.parse_args argparse.ArgumentParser.parse_known_args", when=lacks(0, "args")),
        **banned("optparse.OptionParser.parse_args", when=lacks(0, "args")),
    },
)  # fmt: skip
