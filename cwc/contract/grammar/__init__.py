"""The closed grammar of generated modules, over libcst trees: apart, so that libcst is imported only on use."""
