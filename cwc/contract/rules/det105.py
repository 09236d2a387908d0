"""DET105: what imports or loads code whose name is known only at run time."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, banned, defined, fine, words

RULE = Rule(
    definition=defined(
        "DET105", "dynamic_import_machinery", "error", "A module uses what loads code that is known only at run time"
    ),
    instead="import what you need by name at the top of the module",
    modules=words("""
        importlib runpy imp zipimport code codeop ctypes cffi pydoc.locate pydoc.safeimport pkgutil.resolve_name
        pkgutil.get_loader pkgutil.find_loader pkgutil.walk_packages cloudpickle.loads dill.loads stevedore
        pluggy.PluginManager
    """),
    members={
        **banned("""
            importlib.* pkgutil.resolve_name pkgutil.get_loader pkgutil.find_loader pkgutil.walk_packages
            pkgutil.iter_modules pydoc.locate pydoc.safeimport pydoc.importfile
            runpy.* marshal.loads marshal.load pickle.loads pickle.load pickle.Unpickler dill.loads dill.load
            cloudpickle.loads cloudpickle.load joblib.load shelve.* ctypes.* code.* codeop.* imp.* zipimport.*
            importlib.metadata.EntryPoint.load
        """),
        **fine("importlib.metadata.* importlib.resources.* importlib.abc.*"),
        **fine("importlib.metadata importlib.resources importlib.abc importlib.import_module"),
    },
)  # fmt: skip
