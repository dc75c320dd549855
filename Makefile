# Two commands for a new user: `make run` and `make test`. They need Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
TO_RUN := $(VENV)/.ready-to-run
TO_DEV := $(VENV)/.ready-to-develop
INSTALL = PIP_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --editable

.PHONY: run test check fuzz format bench schemas messages clean

run: $(TO_RUN)
	$(BIN)/aggregator run

test: $(TO_DEV)
	$(BIN)/pytest -n auto --dist worksteal

check: $(TO_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A minute of mutated feeds against intake; a failure prints the seed that repeats it.
fuzz: $(TO_DEV)
	FUZZ_SECONDS=$${FUZZ_SECONDS:-60} $(BIN)/pytest -q tests/intake/test_fuzz.py

format: $(TO_DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(TO_DEV)
	$(BIN)/python -m benchmarks

# The words of pages, from templates into each language's catalogue (templates/locale/); translations are kept.
messages: $(TO_DEV)
	$(BIN)/python -m aggregator.web.admin.messages

schemas: $(TO_RUN)
	$(BIN)/aggregator config schema --write config/schemas

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "aggregator needs Python 3.11 or newer, this is %d.%d; name another: make PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Setting up (once, about a minute) …"
	@$(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing; on Debian: apt install python3-venv"; rm -rf $(VENV); exit 1; }

$(TO_RUN): pyproject.toml constraints.txt | $(BIN)/python
	@$(INSTALL) '.[scale]'
	@touch $@

$(TO_DEV): pyproject.toml constraints.txt | $(BIN)/python
	@$(INSTALL) '.[dev]'
	@touch $@ $(TO_RUN)

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
