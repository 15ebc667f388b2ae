# Everything that is done with the project, from a machine with make and Python 3.11 or later: `make help`.
# What is installed goes to $(VENV), in exactly the versions that requirements/ names.

VENV ?= .venv
PYTHON ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
BASE := $(VENV)/base.stamp
DEV := $(VENV)/dev.stamp
PEERS := $(VENV)/peers.stamp
LOG := examples/easter_truce_2025.jsonl
AS_OF := 2025-04-20T12:00:00Z

# The two workers of the tests are what most machines have; `make test WORKERS=8` for larger ones.
WORKERS ?= 2

CODE := src tests docs bench examples
TYPED = $(shell find $(CODE) -name '*.py' -not -path '*/_build/*' 2>/dev/null | cut -d/ -f1 | sort -u)

.DEFAULT_GOAL := demo
.PHONY: demo test lint types imports docs changelog pytest thorough endurance bench pins clean help

demo: $(BASE)  ## replay a news report of a truce, as it stood at noon on its one full day (the default)
	@echo '$$ negotiation replay $(LOG) --as-of $(AS_OF)'
	@$(BIN)/negotiation replay $(LOG) --as-of $(AS_OF)
	@echo
	@echo '$$ negotiation timeline $(LOG)'
	@$(BIN)/negotiation timeline $(LOG)

test: lint types imports docs changelog pytest  ## every check there is

lint: $(DEV)  ## style and likely bugs
	$(BIN)/ruff check $(wildcard $(CODE))
	$(BIN)/ruff format --check --quiet $(wildcard $(CODE))

types: $(DEV)  ## types, strictly
	$(BIN)/mypy $(TYPED)

imports: $(DEV)  ## which module may import which
	$(BIN)/lint-imports --no-logo

docs: $(DEV)  ## the documentation, with every warning an error, in docs/_build/html
	$(BIN)/python -m sphinx -W -n --keep-going -q docs docs/_build/html

changelog: $(DEV)  ## what changes/ would say of the next version
	$(BIN)/towncrier build --draft

pytest: $(DEV) $(PEERS)  ## the tests, every line and branch of src/ covered
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n $(WORKERS) --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

thorough: $(DEV)  ## the laws with 20,000 examples each, and all other property tests with 5,000: hours
	HYPOTHESIS_PROFILE=thorough $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(LAWS)
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m property $(LAWS:%=--ignore=%)

LAWS := tests/properties/test_laws.py

endurance: $(DEV)  ## 500 writers of each store killed, crowds at each, every byte of a log altered in every way
	NEGOTIATION_KILLS=500 NEGOTIATION_APPENDS=2000 NEGOTIATION_EVERY_VALUE=1 $(BIN)/python -m pytest -s \
		tests/stores/test_kills.py tests/stores/test_crowds.py tests/stores/test_tampering.py

bench: $(DEV)  ## figures and ratios beside those of a peer
	$(BIN)/python -m bench

# Writes requirements/*.txt anew from pyproject.toml: the newest versions that its bounds allow, for every Python and
# platform it runs on, each with the hashes of all its files. Commit what it writes.
pins: $(VENV)/pins.stamp  ## pin every dependency anew, at its newest
	$(COMPILE) pyproject.toml --group build --output-file requirements/base.txt
	$(COMPILE) --group pyproject.toml:pins --output-file requirements/pins.txt
	$(COMPILE) pyproject.toml --group dev --constraint requirements/base.txt --output-file requirements/dev.txt
	$(COMPILE) --group pyproject.toml:peers --constraint requirements/dev.txt --output-file requirements/peers.txt

COMPILE = $(BIN)/uv --no-config pip compile --quiet --universal --python-version 3.11 --upgrade \
	--generate-hashes --fork-strategy fewest \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

clean:  ## remove whatever was made
	rm -rf $(VENV) build dist docs/_build docs/generated .coverage .coverage.* .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests docs bench examples -name __pycache__ -prune -exec rm -rf {} +

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /\1\t/p' Makefile | expand -t 12

# -- what the above needs ------------------------------------------------------------------------

# The package itself is installed last, without its dependencies, which are there by then, and
# without a build environment of its own, which would be downloaded unpinned.
INSTALL = $(PIP) install -qq --require-hashes --requirement $< \
	&& $(PIP) install -qq --no-deps --no-build-isolation --editable . \
	&& $(PIP) check

$(BASE): requirements/base.txt pyproject.toml | $(BIN)/python
	@echo 'installing what requirements/base.txt names into $(VENV)'
	@$(INSTALL)
	@touch $@

$(DEV): requirements/dev.txt requirements/base.txt pyproject.toml | $(BIN)/python
	@echo 'installing what requirements/dev.txt names into $(VENV)'
	@$(INSTALL)
	@touch $@ $(BASE)

# Large, and asked by a few tests alone.
$(PEERS): requirements/peers.txt $(DEV)
	@echo 'installing what requirements/peers.txt names into $(VENV)'
	@$(PIP) install -qq --require-hashes --requirement $< && $(PIP) check
	@touch $@

$(VENV)/pins.stamp: requirements/pins.txt | $(BIN)/python
	@$(PIP) install -qq --require-hashes --requirement $<
	@touch $@

# `make PYTHON=/path/to/python3.12` chooses; else the first that is new enough and can make a venv.
$(BIN)/python:
	@if [ -n '$(PYTHON)' ]; then set -- '$(PYTHON)'; \
	else set -- python3 python3.13 python3.12 python3.11 python; fi; \
	for python do \
		"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		echo "making $(VENV) with $$("$$python" -c 'import sys; print("Python", sys.version.split()[0])')"; \
		"$$python" -m venv --clear '$(VENV)' && exit 0; \
	done; \
	echo "No Python of version 3.11 or later with the modules venv and ensurepip (tried: $$*)." >&2; \
	echo "Install one, or name one: make PYTHON=/path/to/python3.12" >&2; \
	exit 1
