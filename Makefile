# Two commands for a new user: `make run` and `make test`. They need Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
TO_RUN := $(VENV)/.ready-to-run
TO_DEV := $(VENV)/.ready-to-develop
TO_DOCS := $(VENV)/.ready-for-docs
TO_AUDIT := $(VENV)/.ready-to-audit
INSTALL = PIP_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --editable

.PHONY: run test check fuzz drills format golden bench scale fleet docs sbom audit schemas messages clean

run: $(TO_RUN)
	$(BIN)/aggregator run

# Bytecode is kept whatever the environment says: the tests start the program many times over.
test: $(TO_DEV)
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n auto --dist worksteal

check: $(TO_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A minute of mutated input: feeds, configuration, RSL, ODRL and requests, a fifth each. A failure prints the seed that repeats
# it; inputs that brought something new to light stay in .fuzz, with FUZZ_KEEP=1 in tests/fuzz/corpus.
fuzz: $(TO_DEV)
	FUZZ_SECONDS=$$(( $${FUZZ_SECONDS:-60} / 5 )) $(BIN)/pytest -q tests/intake/test_fuzz.py tests/fuzz

# Failures on purpose: processes killed and stopped, the database restarted, hung, full or out of reach, clocks that jump.
# DRILL_ROUNDS=1 is what `make test` has of them.
drills: $(TO_DEV)
	DRILL_ROUNDS=$${DRILL_ROUNDS:-10} $(BIN)/pytest -q tests/drills

format: $(TO_DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(TO_DEV)
	$(BIN)/python -m benchmarks

# The documents that the tests compare byte for byte (tests/publishing/golden), written anew from what the writers make now:
# `git diff` shows what a change does to what subscribers get.
golden: $(TO_DEV)
	GOLDEN=write $(BIN)/pytest -q tests/publishing/test_golden.py

# The words of pages, from templates into each language's catalogue (templates/locale/); translations are kept.
messages: $(TO_DEV)
	$(BIN)/python -m aggregator.web.admin.messages

# What each thing costs as an installation grows to 100,000 sources and 5 million entries; SCALE=0.01 for a look.
scale: $(TO_DEV)
	$(BIN)/python -m benchmarks scale --size $${SCALE:-1}

# What a fleet on PostgreSQL costs: ticks, jobs, polls, and how soon nodes hear of one another.
fleet: $(TO_DEV)
	$(BIN)/python -m benchmarks fleet

# The documentation as a site in build/site; nothing is loaded from elsewhere.
docs: $(TO_DOCS)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "build/site/index.html"

# The bill of materials of what is installed (CycloneDX), from the pins.
sbom: $(TO_AUDIT)
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements constraints.txt --pyproject pyproject.toml --output-reproducible --output-file build/sbom.json
	@echo "build/sbom.json"

# What is known to be wrong with the pinned versions. Says so where no register of advisories can be asked, and fails only
# where one was asked and knows something.
audit: $(TO_AUDIT)
	@mkdir -p build
	@if $$(command -v timeout >/dev/null && echo timeout 120) $(BIN)/pip-audit --requirement constraints.txt --no-deps --disable-pip --progress-spinner off --timeout 10 \
	    > build/audit.txt 2>&1; \
	then unknown=$$(grep -c 'could not be audited' build/audit.txt || true); pins=$$(grep -c '==' constraints.txt); \
	    if [ "$$unknown" -ge "$$pins" ]; then echo "not audited: no register that answered knows any of the $$pins pins"; \
	    else echo "no advisory is known; $$unknown of $$pins pins are in no register that could be asked"; fi; \
	elif grep -q 'Found [0-9]* known' build/audit.txt; then cat build/audit.txt; exit 1; \
	else echo "not audited: no register of advisories could be asked"; tail -n 1 build/audit.txt; fi

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

$(TO_DOCS): pyproject.toml constraints.txt | $(BIN)/python
	@$(INSTALL) '.[docs]'
	@touch $@

$(TO_AUDIT): pyproject.toml constraints.txt | $(BIN)/python
	@$(INSTALL) '.[audit]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
