# Everything here sets up what it needs in .venv; PYTHON chooses the interpreter, 3.11 or later.
PYTHON ?= $(shell find() { for p in python3.13 python3.12 python3.11 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$p" && return; done; }; find)
VENV ?= .venv
BIN := $(VENV)/bin
# How many processes run the tests.
JOBS ?= auto
# How long `make fuzz` has files read, at the end.
FUZZ_SECONDS ?= 600

.PHONY: setup demo check lint types layers test fuzz bench matrix clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

# Scaffolds a project in a folder of its own, builds its flow, and runs the generated module.
demo: setup
	@folder=$$(mktemp -d) && cwc=$$(cd $(BIN) && pwd) && set -ex && \
	"$$cwc/cwc" init "$$folder/demo" && cd "$$folder/demo" && "$$cwc/cwc" build && \
	"$$cwc/cwc" run double_and_format --input '{"number": 5}' && "$$cwc/python" main.py && \
	rm -rf "$$folder"

# What CI runs; the last line is pytest's summary.
check: lint types layers test

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

test: setup
	$(BIN)/python -m pytest -m 'not long' -n $(JOBS)

# The long property and differential tests, and those that start many processes; then every reader for a while, by
# atheris where it is installed (pip install '.[fuzz]'; it has no wheels for every Python).
fuzz: setup
	$(BIN)/python -m pytest --hypothesis-profile=long -n $(JOBS)
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

# With the peers, as far as they can be installed here; what cannot is named and left out.
bench: setup
	-$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python -m benchmarks.run

# The gate's tests on every Python from 3.11 to 3.13 that the machine has.
matrix:
	@for version in 3.11 3.12 3.13; do \
	  for python in python$$version $$HOME/.pyenv/versions/$$version.*/bin/python; do \
	    if "$$python" -c 'import sys' >/dev/null 2>&1; then \
	      echo "== $$version: $$python"; \
	      $(MAKE) --no-print-directory test PYTHON="$$python" VENV=".venv-$$version" || exit 1; \
	      break; \
	    fi; \
	  done; \
	done

clean:
	rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
