# Everything a developer does, by name: `make` lists it.

PYTHON ?= python3
DEMO_HOME ?= demo-home
ARGS ?=
BIN := .venv/bin
# Each worker has its servers and its browser: four take some 6 GB.
PARALLEL := -n logical --maxprocesses 4 --dist worksteal
# Their many small files are in memory where there is room.
MEMORY := $(shell df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 8000 {print "/dev/shm"}')
# As many threads as workers are enough.
PYTEST := OMP_NUM_THREADS=1 $(if $(MEMORY),TMPDIR=$(MEMORY)) $(BIN)/pytest
QUICK := not (server or browser or weights or slow)

.DEFAULT_GOAL := help
.PHONY: help venv demo check test lint format lock audit screenshots clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "%-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: .venv/installed-for-development ## Make .venv with all that tests and checks need (PYTHON=python3)

demo: .venv/installed ## Search a small collection on this machine (DEMO_HOME=demo-home)
	$(BIN)/vasari demo --home "$(DEMO_HOME)"

check: lint ## What to run while working: style, types, imports, and the quick tests
	$(PYTEST) $(PARALLEL) -m '$(QUICK)' $(ARGS)

test: lint ## Check, then run all the tests (ARGS="-k name" and the like go to pytest)
	$(PYTEST) $(PARALLEL) $(ARGS)

lint: venv ## Check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports

format: venv ## Put the code into its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: venv ## Write the newest versions that go together to requirements.lock
	$(BIN)/python -m pip install --quiet 'uv>=0.9,<1'
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-emit-index-url \
	  --no-header --no-annotate pyproject.toml --output-file requirements.lock

audit: venv ## Say which dependencies are out of date or known to be vulnerable (asks the registry)
	$(BIN)/python -m pip list --outdated --not-required
	$(BIN)/python -m pip install --quiet 'pip-audit>=2.7,<3'
	$(BIN)/pip-audit --requirement requirements.lock --no-deps --disable-pip

screenshots: venv ## Pictures of all pages of DEMO_HOME, at three widths, light and dark
	$(BIN)/python -m benchmarks.screenshots --home "$(DEMO_HOME)" --into screenshots $(ARGS)

clean: ## Remove all that these targets can make again; a collection stays
	rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Vasari needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo 'This Python cannot make environments. On Debian: apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv .venv

# The stamps lie inside the environment: whoever removes it removes them.
.venv/installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/installed-for-development: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[test,lint,ray]'
	@touch .venv/installed $@
