# `make up` deploys the example to the sandbox; `make test` runs the tests. Both install what they need into .venv.

VENV := .venv
BIN := $(VENV)/bin
EXAMPLE := stacks/models/digits
PACKAGE := .[sandbox,example]
TOOLS := .[sandbox,example,sources,evaluation,sagemaker]
# The newest Python that is there and new enough, or the one that you name: `make up PYTHON=python3.13`.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

.DEFAULT_GOAL := help
.PHONY: help up down test lint types bench clean

help: ## Show what there is.
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

up: $(VENV)/installed $(EXAMPLE)/build/made ## Deploy the example to the sandbox: what changes, progress, outputs.
	@$(BIN)/sluice sandbox up --yes --stack local

down: $(VENV)/installed ## Delete what `make up` made.
	@$(BIN)/sluice sandbox destroy --yes --stack local
	@$(BIN)/sluice sandbox stop

test: $(VENV)/tools ## Run the tests; with `pulumi` on PATH, also those that compare the engines.
	@$(BIN)/pytest --numprocesses=auto --maxprocesses=8 --dist=loadfile $(ARGS)

lint: $(VENV)/tools ## Check style, format and the configurations of policies.
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@cd policies && ../$(BIN)/python -m rules check-config config/*.json

types: $(VENV)/tools ## Check types.
	@$(BIN)/mypy

bench: $(VENV)/tools $(EXAMPLE)/build/made ## Measure, and print a table.
	@$(BIN)/python -m tests.bench

clean: ## Delete what was installed and made, the sandbox's content included.
	@if [ -x $(BIN)/sluice ]; then $(BIN)/sluice sandbox reset --yes; fi
	rm -rf $(VENV) $(EXAMPLE)/build

$(EXAMPLE)/build/made: $(VENV)/installed $(EXAMPLE)/train.py $(EXAMPLE)/inference.py
	@$(BIN)/python $(EXAMPLE)/train.py
	@touch $@

$(VENV)/tools: $(VENV)/installed
	@$(call install,--editable '$(TOOLS)' --group dev)
	@touch $@

$(VENV)/installed: pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "Sluice needs Python 3.11 or newer and found none; install it, or name yours: make PYTHON=/path/to/python" >&2; \
		exit 1; fi
	@if [ ! -x $(BIN)/pip ]; then echo "making $(VENV) with $(PYTHON)"; rm -rf $(VENV); \
		$(PYTHON) -m venv $(VENV) || { \
		echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; fi
	@echo "installing"
	@$(call install,--upgrade 'pip>=25.1')
	@$(call install,--editable '$(PACKAGE)')
	@touch $@

define install
$(BIN)/pip install --quiet --disable-pip-version-check $(1) || { \
	echo "the installation failed; it needs a Python package index that pip can reach (see: pip config list)" >&2; exit 1; }
endef
