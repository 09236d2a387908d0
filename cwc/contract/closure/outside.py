"""What is known of the world outside of the repository: other names of the same thing, and what calls give."""

from __future__ import annotations

import sys
from functools import cache

from cwc.contract.closure.facts import NOTHING, UNKNOWN, Facts, Made, made, outside

STANDARD = frozenset(sys.stdlib_module_names)

_SAME_MODULE = {
    "posix": "os", "nt": "os", "_io": "io", "_datetime": "datetime", "_pydatetime": "datetime", "_random": "random",
    "_socket": "socket", "_ssl": "ssl", "_operator": "operator", "_functools": "functools", "_uuid": "uuid",
    "_thread": "_thread", "_asyncio": "asyncio", "_pickle": "pickle", "_locale": "locale", "_signal": "signal",
    "_posixsubprocess": "_posixsubprocess", "_sqlite3": "sqlite3", "_ctypes": "ctypes", "_imp": "imp",
    "_multiprocessing": "multiprocessing", "_posixshmem": "multiprocessing", "posixpath": "os.path",
    "ntpath": "os.path", "genericpath": "os.path", "__builtin__": "builtins", "__builtins__": "builtins",
    "asyncio.events": "asyncio", "asyncio.tasks": "asyncio", "asyncio.base_events": "asyncio",
    "asyncio.queues": "asyncio", "asyncio.timeouts": "asyncio", "asyncio.threads": "asyncio",
    "asyncio.streams": "asyncio", "asyncio.subprocess": "asyncio", "asyncio.runners": "asyncio",
    "asyncio.locks": "asyncio", "asyncio.futures": "asyncio", "asyncio.selector_events": "asyncio",
    "asyncio.unix_events": "asyncio", "asyncio.windows_events": "asyncio",
    "concurrent.futures.thread": "concurrent.futures",
    "concurrent.futures.process": "concurrent.futures", "concurrent.futures._base": "concurrent.futures",
    "pathlib._local": "pathlib", "pathlib._abc": "pathlib", "typing_extensions": "typing",
    "importlib._bootstrap": "importlib",
    "collections._abc": "collections.abc", "_collections_abc": "collections.abc", "unittest.mock.builtins": "builtins",
    "uuid6": "uuid", "numpy.random.mtrand": "numpy.random",
}  # fmt: skip
_SAME = {
    "pathlib.PosixPath": "pathlib.Path", "pathlib.WindowsPath": "pathlib.Path", "io.open": "builtins.open",
    "io.open_code": "builtins.open", "codecs.open": "builtins.open",
    "asyncio.get_running_loop": "asyncio.get_event_loop",
    "importlib.__import__": "builtins.__import__", "datetime.datetime_CAPI": "datetime.datetime",
    "asyncio.BaseEventLoop": "asyncio.AbstractEventLoop", "asyncio.SelectorEventLoop": "asyncio.AbstractEventLoop",
    "asyncio.DefaultEventLoop": "asyncio.AbstractEventLoop", "asyncio.ProactorEventLoop": "asyncio.AbstractEventLoop",
    "asyncio.EventLoop": "asyncio.AbstractEventLoop", "typing.AbstractSet": "builtins.set",
    "typing.Set": "builtins.set",
    "typing.FrozenSet": "builtins.frozenset", "typing.MutableSet": "builtins.set", "typing.KeysView": "keys",
    "collections.abc.Set": "builtins.set", "collections.abc.MutableSet": "builtins.set", "typing.Dict": "builtins.dict",
    "typing.List": "builtins.list", "typing.Tuple": "builtins.tuple", "typing.Type": "builtins.type",
    "inspect.builtins": "builtins", "numpy.random.RandomState": "numpy.random.RandomState",
}  # fmt: skip


def words(text: str) -> frozenset[str]:
    """The words of a text: a list of names that is easy to read."""
    return frozenset(text.split())


_NO_MODULE = words("""
    array.array ast.keyword ast.operator asyncio.subprocess bisect.bisect calendar.calendar collections.abc
    copy.copy copyreg.pickle crypt.crypt datetime.datetime datetime.time dis.dis distutils.cmd fcntl.fcntl
    fnmatch.fnmatch getopt.getopt getpass.getpass gettext.gettext glob.glob importlib._abc importlib.abc
    importlib.resources.abc inspect.trace locale.gettext mmap.mmap netrc.netrc optparse.gettext os.stat
    pickletools.dis platform.platform pprint.pprint pydoc.html queue.time random.random select.select
    shutil.copy shlex.shlex signal.signal site.venv socket.socket socketserver.time symtable.symtable sys.platform
    syslog.syslog time.time timeit.timeit tokenize.tokenize typing.io typing.re unicodedata.decimal
    imaplib.datetime ssl.socket cgitb.html os.posixpath os.path numpy.random concurrent.futures xml.dom
    email.charset email.parser email.policy email.message json.tool ctypes.util asyncio.queues asyncio.locks
    asyncio.events asyncio.tasks asyncio.base_events asyncio.timeouts asyncio.threads asyncio.streams
    asyncio.futures asyncio.runners asyncio.trace encodings.ascii curses.ascii random.__random os.chmod
    multiprocessing.queues logging.config unittest.mock unittest.signals http.client http.server http.cookies
    urllib.parse urllib.request urllib.error xml.sax xml.etree re.template asyncio.log
""")  # fmt: skip
"""Attributes of modules that are called as a standard module is, and are something else,
or a module in its own right."""

_PACKAGES = words("""
    asyncio collections compression concurrent ctypes curses dbm distutils email encodings ensurepip html http importlib
    json lib2to3 logging multiprocessing pathlib pydoc_data re sqlite3 string sysconfig tkinter tomllib unittest urllib
    venv wsgiref xml xmlrpc zoneinfo
""")
"""Standard modules with modules in them; what other ones hold is no module, and has none as an attribute."""

_HOT_ELSEWHERE = frozenset({"os", "sys", "time", "subprocess", "socket", "importlib", "builtins", "uuid", "secrets"})


def foreign_module(owner: str, attribute: str) -> str | None:
    """The standard module that ``owner.attribute`` is, because ``owner`` happens to import it; else None."""
    name = attribute if attribute in STANDARD else attribute.lstrip("_")
    if name not in STANDARD or f"{owner}.{attribute}" in _NO_MODULE or attribute.startswith("__"):
        return None
    first = owner.partition(".")[0]
    if any(part[:1].isupper() for part in owner.split(".")):
        return None
    if "." in owner and first in STANDARD and first not in _PACKAGES and owner != "os.path":
        return None
    if first not in STANDARD:
        return name if attribute in _HOT_ELSEWHERE and owner.islower() else None
    if owner in CLASSES or owner.rpartition(".")[2][:1].isupper() or first == "builtins":
        return None
    return name


@cache
def canonical(name: str) -> str:
    """One name for all the names of a thing."""
    if name in _SAME:
        return _SAME[name]
    module = name.rpartition(".")[0]
    while module:
        if module in _SAME_MODULE:
            rest = name[len(module) :]
            return canonical_member(_SAME_MODULE[module] + rest)
        module = module.rpartition(".")[0]
    return _SAME_MODULE.get(name, name)


def canonical_member(name: str) -> str:
    return _SAME.get(name, name)


_INSTANCES = {
    "datetime.datetime": """
        datetime.datetime.min datetime.datetime.max datetime.datetime.resolution datetime.datetime.fromisoformat
        datetime.datetime.strptime datetime.datetime.fromtimestamp datetime.datetime.utcfromtimestamp
        datetime.datetime.combine datetime.datetime.fromordinal datetime.datetime.replace datetime.datetime.now
        datetime.datetime.utcnow datetime.datetime.today datetime.datetime.astimezone datetime.datetime.fromisocalendar
        datetime.datetime.__new__
        """,
    "datetime.date": """
        datetime.date.min datetime.date.max datetime.date.today datetime.date.fromisoformat datetime.date.replace
        datetime.date.fromtimestamp datetime.date.fromordinal datetime.datetime.date datetime.date.fromisocalendar
        """,
    "asyncio.AbstractEventLoop": "asyncio.get_event_loop asyncio.new_event_loop asyncio.Runner.get_loop",
    "pathlib.Path": """
        pathlib.Path.cwd pathlib.Path.home pathlib.Path.parent pathlib.Path.joinpath pathlib.Path.resolve
        pathlib.Path.absolute pathlib.Path.with_suffix pathlib.Path.with_name pathlib.Path.with_stem
        pathlib.Path.relative_to pathlib.Path.expanduser pathlib.Path.readlink pathlib.Path.rename
        """,
    "set": "set.union set.intersection set.difference set.symmetric_difference set.copy keys.__and__",
    "frozenset": """
        frozenset.union frozenset.intersection frozenset.difference frozenset.symmetric_difference frozenset.copy
        """,
    "keys": "dict.keys",
    "listing": """
        os.listdir os.scandir glob.glob glob.iglob pathlib.Path.iterdir pathlib.Path.glob pathlib.Path.rglob os.walk
        pathlib.Path.walk
        """,
    "str": "str.join str.format str.lower str.upper str.strip str.replace str.title str.removeprefix str.removesuffix",
    "list": "str.split str.splitlines set.__sorted__",
    "int": "str.count str.find list.count list.index",
    "sqlite3.Connection": "sqlite3.connect sqlite3.dbapi2.connect",
    "asyncio.Queue": "",
    "logging.Logger": "logging.getLogger",
}  # fmt: skip
GIVES: dict[str, str] = {name: of for of, names in _INSTANCES.items() for name in names.split()}
"""What a call of an outside function, or an attribute of an instance, is an instance of."""

CLASSES = words("""
    datetime.datetime datetime.date datetime.time datetime.timedelta datetime.timezone builtins.set
    builtins.frozenset builtins.dict builtins.list builtins.tuple builtins.str builtins.int builtins.float
    builtins.bool builtins.bytes builtins.bytearray builtins.object builtins.complex collections.deque
    collections.defaultdict array.array socket.socket threading.local
""")  # fmt: skip
TELLING = CLASSES | words("""
    pathlib.Path random.Random asyncio.AbstractEventLoop argparse.ArgumentParser optparse.OptionParser
    configparser.ConfigParser pandas.Timestamp arrow.Arrow
""")
"""Classes whose members matter; of others nothing is known of what a subclass inherits."""
_SIMPLE = frozenset(name for name in CLASSES if name.startswith("builtins."))


def is_class(name: str) -> bool:
    """Whether an outside thing is a class, as far as its name tells."""
    last = name.rpartition(".")[2].lstrip("_")
    return name in CLASSES or (last[:1].isupper() and not last.isupper())


def instance_of(name: str) -> Facts:
    """An instance of an outside class."""
    return made(name.removeprefix("builtins.") if name in _SIMPLE else name)


def call_gives(name: str) -> Facts:
    """What a call of an outside thing gives."""
    if name in GIVES:
        return made(GIVES[name])
    return instance_of(name) if is_class(name) else UNKNOWN


def attribute_gives(of: str, attribute: str) -> Facts:
    """What an attribute of an instance, or the method itself, is."""
    name = f"{of}.{attribute}"
    if name in ("datetime.datetime.min", "datetime.datetime.max", "pathlib.Path.parent"):
        return frozenset({Made(GIVES[name])})
    if of in ("datetime.datetime", "datetime.date") and attribute in (
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
    ):
        return made("int")
    return outside(canonical(name)) if of in _METHODS or of[:1].isupper() or "." in of else NOTHING


_METHODS = frozenset({"set", "frozenset", "dict", "list", "str", "bytes", "tuple", "keys", "int", "float", "object"})
