# The few commands of the lab. Each installs what it needs into .venv, pinned and hash-checked.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: bench test check docs notebooks chat peers page node web lock clean help

VENV := .venv
NODE := transports/node
WEB := web
PAGE := lab/page/static
SITE := lab/site
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
# Arguments handed on to what a target runs: make bench ARGS="--passes 3"
ARGS ?=
ALL ?=
# Set PYTHON to choose another interpreter; it must be 3.11 or newer.
PYTHON ?=

bench: $(VENV)/.run node page ## Measure every transport and print the comparison
	$(BIN)/lab bench $(ARGS)

# The whole suite goes file by file to several processes: one more than there are cores, since much of
# it waits, but no more than four, since each starts servers and browsers of its own. The coverage
# floor is a statement about the whole, so part of it is run without.
WHOLE = --cov --numprocesses $(shell echo $$(($$(nproc) + 1))) --maxprocesses 4 --dist loadfile
# Servers, browsers and tests share the cores, and what waits for another program can wait too long
# there. So what failed runs once more with nothing beside it, and its result counts. Both results are
# printed.
ALONE = --cov --cov-append --last-failed --last-failed-no-failures none
test: $(VENV)/.dev node page ## Run every test; ARGS="-k resume" runs some
ifneq ($(strip $(ARGS)),)
	$(BIN)/python -m pytest $(ARGS)
else
	@$(BIN)/python -m pytest $(WHOLE) || { \
	  [ $$? -eq 1 ] || exit 1; \
	  echo "once more, alone: the tests that failed beside others"; \
	  $(BIN)/python -m pytest $(ALONE); }
endif

check: $(VENV)/.dev web ## Lint, check the format, check the types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict lab transports benchmarks tests tools docs
	[ ! -d $(WEB)/node_modules ] || npm run --silent --prefix $(WEB) check

chat: $(VENV)/.run node page ## Open the page: chat on any transport, and see the transport
	$(BIN)/lab chat $(ARGS)

notebooks: $(VENV)/.dev node ## Execute the notebooks whose .py has changed; ALL=--all executes all
	@scripts=$$($(BIN)/python -m tools.changed_notebooks $(ALL)); \
	[ -n "$$scripts" ] || { echo "no notebook has changed"; exit 0; }; \
	$(BIN)/jupytext --quiet --to ipynb --update $$scripts; \
	$(BIN)/jupyter-execute --inplace --kernel_name=python3 --timeout=300 $(ARGS) $${scripts//.py/.ipynb}
	$(BIN)/python -m tools.korean_notebooks

# A warning is an error: a link that leads nowhere, or English in a Korean page.
docs: $(VENV)/.docs ## Build the site of the documents, in English and Korean; lab docs opens it
	for language in en ko; do \
	  $(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs \
	    --define language=$$language --doctree-dir build/doctrees/$$language . $(SITE)/$$language; done

lock: $(VENV)/.dev ## Choose the pinned versions anew; ARGS=--upgrade takes the newest
	@uv="$(UV)"; [ -n "$$uv" ] || { $(INSTALL) 'uv>=0.5'; uv=$(BIN)/uv; }; \
	lock() { "$$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" $(ARGS) \
	  pyproject.toml requirements/build.in "$$@"; }; \
	lock --extra dev --output-file requirements/dev.txt; \
	lock --constraint requirements/dev.txt --output-file requirements/run.txt; \
	lock --constraint requirements/dev.txt --extra peers --output-file requirements/peers.txt; \
	lock --constraint requirements/dev.txt --extra docs --output-file requirements/docs.txt

clean: ## Remove the environments and everything that can be made again
	rm -rf $(VENV) $(NODE)/node_modules $(WEB)/node_modules $(WEB)/screenshots $(PAGE) $(SITE) dist build
	rm -rf .coverage htmlcov .benchmarks .hypothesis .ipynb_checkpoints
	rm -rf .mypy_cache .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

ifeq ($(UV),)
INSTALL = $(BIN)/python -m pip install --quiet
NEW_VENV = -m venv
else
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
endif

# One stamp per set of packages: it is older than what it was made from, or it is right. The lock is
# complete, so nothing is resolved: pip would ask an extra's newest release for a hash that isn't there.
$(VENV)/.run $(VENV)/.dev $(VENV)/.docs: $(VENV)/.%: requirements/%.txt pyproject.toml $(BIN)/python
	@echo "installing $< into $(VENV)"
	@$(INSTALL) --require-hashes --no-deps -r $<
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# Built here, since one of them has no wheel: no other target needs it.
peers: $(BIN)/python requirements/peers.txt ## Install the transports of other makers: uwebsockets, picows
	$(INSTALL) --require-hashes --no-deps -r requirements/peers.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .

# Without Node its transports are unavailable, which `lab list` says too; all others run.
NO_NODE = no Node: the node-* transports are left out (install Node 18 or newer with npm)
NO_PACKAGES = npm could not install the packages of $(NODE): the node-* transports are left out

node:
	@[ -f $(NODE)/node_modules/.package-lock.json -a \
	  $(NODE)/node_modules/.package-lock.json -nt $(NODE)/package-lock.json ] || \
	if ! command -v npm >/dev/null; then echo "$(NO_NODE)" >&2; else \
	  echo "installing $(NODE)/package-lock.json"; \
	  npm ci --prefix $(NODE) --loglevel error --no-progress >&2 && touch $(NODE)/node_modules/.package-lock.json || \
	  echo "$(NO_PACKAGES)" >&2; fi

# Without Node there is no page, which `lab chat` says too; all else runs.
NO_PAGE = no Node: the page of lab chat is left out (install Node 20.19 or newer with npm)
NO_WEB = npm could not install the packages of $(WEB): the page of lab chat is left out
NO_BUILD = the page of lab chat could not be built (it needs Node 20.19 or newer)

page: web ## Build the page of `lab chat`
	@[ ! -d $(WEB)/node_modules ] || { [ -f $(PAGE)/index.html ] && [ -z "$$(find $(WEB) transports \
	  \( -name node_modules -o -name screenshots \) -prune -o \
	  -type f -newer $(PAGE)/index.html -print -quit)" ]; } || \
	{ echo "building $(WEB) into $(PAGE)"; \
	  npm run --silent --prefix $(WEB) build -- --logLevel warn || echo "$(NO_BUILD)" >&2; }

web:
	@[ -f $(WEB)/node_modules/.package-lock.json -a \
	  $(WEB)/node_modules/.package-lock.json -nt $(WEB)/package-lock.json ] || \
	if ! command -v npm >/dev/null; then echo "$(NO_PAGE)" >&2; else \
	  echo "installing $(WEB)/package-lock.json"; \
	  npm ci --prefix $(WEB) --loglevel error --no-progress >&2 && touch $(WEB)/node_modules/.package-lock.json || \
	  echo "$(NO_WEB)" >&2; fi

NO_PYTHON = Transport Lab needs Python 3.11 or newer: install it, or name one with PYTHON=
NO_VENV = cannot make an environment: install its venv module (Debian: python3-venv)
PYTHONS = $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)

$(BIN)/python:
	@for python in $(PYTHONS); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    found=$$(command -v "$$python"); break; fi; done; \
	[ -n "$${found:-}" ] || { echo "$(NO_PYTHON)" >&2; exit 1; }; \
	rm -rf $(VENV); \
	if [ -n "$(UV)" ]; then "$(UV)" venv --quiet --python "$$found" $(VENV); \
	else "$$found" -m venv $(VENV) >/dev/null || \
	  { rm -rf $(VENV); echo "$$found $(NO_VENV)" >&2; exit 1; }; fi
