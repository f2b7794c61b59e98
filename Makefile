# Everything that is done with this repository, locally and in CI, is a target here.
# `make help` lists them. Nothing but Python 3.11 or newer, make and git is needed to begin.

SHELL := /bin/sh
BIN := .venv/bin
PORT ?= 8000
# Data that checks need: never the operator's.
SCRATCH := .cache/check
DJANGO := OPORA_DATA_DIR=$(SCRATCH) DJANGO_SETTINGS_MODULE=opora.config.settings $(BIN)/python -m django
PYTEST := $(BIN)/python -m pytest -q
SYSTEM_PYTHON := $(shell sh scripts/find_python.sh)

.DEFAULT_GOAL := help
.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' \
	  | awk -F '|' '{ printf "  %-18s %s\n", $$1, $$2 }'

# --- For those who run Opora ---------------------------------------------------------------------

.PHONY: setup demo
setup: ## Install Opora into .venv; .venv/bin/opora is there afterwards
	@sh scripts/install.sh runtime

demo: setup ## Build a demo vendor in ./demo and serve it (PORT=8000)
	@OPORA_DATA_DIR="$${OPORA_DATA_DIR:-demo}" exec $(BIN)/opora demo --port $(PORT)

# --- For those who change it ---------------------------------------------------------------------

.PHONY: ci test check fix soak bench messages openapi reference search-quality shows
ci: ## What CI runs: check and test, with what each stage took
	@$(SYSTEM_PYTHON) scripts/stages.py install check rules deeds deeds-postgresql durable+durable-postgresql fuzz journeys journeys-postgresql shows

test: ## Install what tests need and run them all, on both databases and in a browser
	@$(SYSTEM_PYTHON) scripts/stages.py install rules deeds deeds-postgresql durable+durable-postgresql fuzz journeys journeys-postgresql

check: tools ## Types, format, lint, imports, templates, migrations, messages, description of the API
	@$(MAKE) --no-print-directory -k -j 2 --output-sync=target $(CHECKS)

fix: tools ## Format and mend what can be mended
	$(BIN)/ruff check --fix --quiet || true
	$(BIN)/ruff format --quiet

soak: install ## 500 kills and 50 rounds of races on both databases; takes hours
	OPORA_TEST_KILLS=500 OPORA_TEST_ROUNDS=50 $(PYTEST) -m processes tests
	sh scripts/with_postgresql.sh durable env OPORA_TEST_KILLS=500 OPORA_TEST_ROUNDS=50 $(PYTEST) -m processes tests

bench: install ## Measure speed on PostgreSQL beside two floors; half an hour (BENCH=--quick: five minutes)
	$(BIN)/python -m bench $(BENCH)

messages: tools ## Bring the Czech catalogue up to date with the sources
	$(BIN)/python scripts/messages.py update

openapi: tools ## Write openapi.json from the API
	@mkdir -p $(SCRATCH)/static
	OPORA_DATA_DIR=$(SCRATCH) $(BIN)/python scripts/openapi.py write

reference: tools ## Write the reference pages that follow from the code
	@mkdir -p $(SCRATCH)/static
	OPORA_DATA_DIR=$(SCRATCH) $(BIN)/python scripts/reference.py

search-quality: install ## Measure search over articles on both databases; writes the reference page
	@mkdir -p .cache
	OPORA_TEST_QUALITY=.cache/quality-sqlite.json $(PYTEST) tests/knowledge/test_search_quality.py
	sh scripts/with_postgresql.sh quick env OPORA_TEST_QUALITY=.cache/quality-postgresql.json $(PYTEST) tests/knowledge/test_search_quality.py
	$(BIN)/python scripts/search_quality.py .cache/quality-sqlite.json .cache/quality-postgresql.json

shows: tools ## Print how many tests show each abuse and fault; which ones: .cache/shows.json
	@mkdir -p .cache
	@$(PYTEST) --collect-only --shows .cache/shows.json tests > /dev/null
	@$(BIN)/python scripts/shows.py .cache/shows.json

# --- Stages of CI, each under ten minutes --------------------------------------------------------

.PHONY: install tools rules deeds deeds-postgresql durable+durable-postgresql fuzz journeys journeys-postgresql
install: ## Stage: Debian packages and Python packages that tests need, side by side
	@sh scripts/install.sh test

tools: # as install, without the browser and PostgreSQL
	@sh scripts/install.sh tools

rules: tools ## Stage: rules and architecture, without a database
	$(PYTEST) -m rules tests

deeds: tools ## Stage: deeds and doors on SQLite
	$(PYTEST) -n 2 -m $(DEEDS) tests

deeds-postgresql: install ## Stage: the same on PostgreSQL
	sh scripts/with_postgresql.sh quick $(PYTEST) -n 2 -m $(DEEDS) tests

# Twenty kills in all: ten on each database. `make soak` makes five hundred on each.
durable: install ## Stage: races, kills, promises with real processes, durable settings, SQLite on a real disk
	OPORA_TEST_KILLS=10 $(PYTEST) -n 2 --dist loadfile -m processes tests

durable-postgresql: install ## Stage: the same on PostgreSQL
	sh scripts/with_postgresql.sh durable env OPORA_TEST_KILLS=10 $(PYTEST) -n 2 --dist loadfile -m processes tests

fuzz: tools ## Stage: the API fuzzed from its own description
	sh scripts/needs_folder.sh tests/fuzz $(PYTEST) -m fuzz tests

# A browser that stumbled is sent once more; what fails twice is red.
journeys: install ## Stage: a real browser on SQLite; Czech, narrow and dark
	sh scripts/twice.sh env OPORA_TEST_LOOK=cs-390-dark $(PYTEST) -m journey tests

journeys-postgresql: install ## Stage: a real browser on PostgreSQL; English, wide and light
	sh scripts/twice.sh sh scripts/with_postgresql.sh quick env OPORA_TEST_LOOK=en-1440-light $(PYTEST) -m journey tests

DEEDS := "not rules and not processes and not fuzz and not journey"

# --- Parts of check ------------------------------------------------------------------------------

CHECKS := check-types check-format check-lint check-imports check-templates check-deploy \
	check-migrations check-messages check-openapi
.PHONY: $(CHECKS)

check-types:
	$(BIN)/mypy

check-format:
	$(BIN)/ruff format --check --quiet

check-lint:
	$(BIN)/ruff check --quiet

check-imports:
	@mkdir -p $(SCRATCH)
	$(BIN)/lint-imports --no-logo > $(SCRATCH)-imports 2>&1 || { cat $(SCRATCH)-imports; exit 1; }

check-templates:
	$(BIN)/djlint src --lint --quiet --extension=html

check-deploy:
	@mkdir -p $(SCRATCH)/static
	OPORA_PUBLIC_URL=https://support.example.com $(DJANGO) check --deploy --fail-level WARNING

check-migrations:
	@mkdir -p $(SCRATCH)/static
	$(DJANGO) makemigrations --check --dry-run

check-messages:
	$(BIN)/python scripts/messages.py check

check-openapi:
	@mkdir -p $(SCRATCH)/static
	OPORA_DATA_DIR=$(SCRATCH) $(BIN)/python scripts/openapi.py check
