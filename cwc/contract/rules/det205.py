"""DET205: files and folders."""

from __future__ import annotations

import ast

from cwc.contract.rules.rule import Rule, Use, banned, defined, fine


def _on_disk(use: Use) -> bool:
    """A database or archive that is a file, not one in memory."""
    if use.call is None or not use.call.args:
        return use.call is None or any(keyword.arg in ("database", "file", "name") for keyword in use.call.keywords)
    first = use.call.args[0]
    known, unclear = use.look.constants(first)
    if not unclear:
        return known != [":memory:"]
    return not (use.look.kinds(first) & {"io.BytesIO", "io.StringIO"})


def _opens(use: Use) -> bool:
    """`open` itself; a descriptor that is open already is no better."""
    return not isinstance(use.look.parent(use.node), ast.ClassDef)


RULE = Rule(
    definition=defined("DET205", "filesystem", "error", "A file or folder is read or written"),
    instead="read it in a tool, and let the flow take what it holds as an input",
    weight="warning",
    members={
        **banned("builtins.open", when=_opens),
        **banned("""
            io.FileIO os.open os.read os.write os.fdopen os.listdir os.scandir os.walk os.fwalk os.stat os.lstat
            os.fstat
            os.statvfs os.access os.mkdir os.makedirs os.remove os.unlink os.rmdir os.removedirs os.rename os.renames
            os.replace
            os.link os.symlink os.readlink os.truncate os.utime os.chmod os.chown os.chdir os.fchdir os.mkfifo
            os.mknod os.pipe
            os.fsync os.sendfile os.copy_file_range os.path.exists os.path.lexists os.path.isfile os.path.isdir
            os.path.islink
            os.path.ismount os.path.getsize os.path.getmtime os.path.getctime os.path.getatime os.path.samefile
            os.path.realpath
            pathlib.Path.open pathlib.Path.read_text pathlib.Path.read_bytes pathlib.Path.write_text
            pathlib.Path.write_bytes
            pathlib.Path.exists pathlib.Path.is_file pathlib.Path.is_dir pathlib.Path.is_symlink pathlib.Path.is_mount
            pathlib.Path.iterdir pathlib.Path.glob pathlib.Path.rglob pathlib.Path.walk pathlib.Path.stat
            pathlib.Path.lstat
            pathlib.Path.mkdir pathlib.Path.touch pathlib.Path.unlink pathlib.Path.rmdir pathlib.Path.rename
            pathlib.Path.replace pathlib.Path.symlink_to pathlib.Path.hardlink_to pathlib.Path.readlink
            pathlib.Path.chmod
            pathlib.Path.samefile pathlib.Path.owner pathlib.Path.group pathlib.Path.copy pathlib.Path.move
            shutil.* glob.* fileinput.* linecache.* mmap.mmap dbm.* filecmp.*
            gzip.open bz2.open lzma.open tokenize.open wave.open aifc.open tempfile.* fcntl.* aiofiles.*
            anyio.open_file anyio.Path
            numpy.load numpy.loadtxt numpy.genfromtxt numpy.fromfile numpy.save numpy.savez numpy.savetxt numpy.memmap
            pandas.read_csv pandas.read_json pandas.read_excel pandas.read_parquet pandas.read_sql pandas.read_pickle
            configparser.ConfigParser.read watchfiles.* watchdog.* netrc.netrc
        """),
        **banned("sqlite3.connect zipfile.ZipFile tarfile.open tarfile.TarFile", when=_on_disk),
        **fine("glob.escape glob.translate shutil.get_terminal_size shutil.Error shutil.SameFileError tempfile"),
    },
)  # fmt: skip
