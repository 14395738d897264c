# The commands a person and CI use. `make` alone lists them.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
NODE_PATH_FIRST := PATH="$$PWD/.venv/node/bin:$$PATH"

.PHONY: help up setup test check lint format types lock bench manage clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: setup ## Set up, load prices, start everything and print the address; Ctrl-C stops it
	@exec $(BIN)/python -m stockcompare.up

setup: ## Install packages, build the frontend, write .env (skips what is done)
	@tools/setup.sh

.PHONY: setup-dev
setup-dev:
	@tools/setup.sh dev

test: setup-dev ## Run everything that CI runs, in the same order; one line per suite at the end
	@exec env $(NODE_PATH_FIRST) $(BIN)/python tools/suites.py $(SUITES)

check: setup-dev ## Lint, format, types, architecture and drift of generated files, without tests
	@exec env $(NODE_PATH_FIRST) $(BIN)/python tools/checks.py

lint: setup-dev ## Show lint findings only
	@$(BIN)/ruff check .
	@$(NODE_PATH_FIRST) npm --prefix frontend run --silent lint

format: setup-dev ## Format Python and frontend code
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format .
	@$(NODE_PATH_FIRST) npm --prefix frontend run --silent format

types: setup-dev ## Write openapi.yaml, docs/roles.md and the TypeScript types anew after a change of the API
	@$(BIN)/python manage.py spectacular --file openapi.yaml --validate
	@$(BIN)/python manage.py describe_roles > docs/roles.md
	@$(NODE_PATH_FIRST) npm --prefix frontend run --silent types

lock: ## Pin requirements*.in anew, with hashes
	@for name in requirements requirements-dev; do \
	  $(BIN)/uv pip compile --generate-hashes --no-header --quiet $$name.in -o $$name.txt || exit 1; done

bench: setup-dev ## Measure what docs/performance.md reports
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

manage: ## Run a management command beside `make up`, e.g. make manage ARGS="changepassword admin"
	@exec $(BIN)/python -m stockcompare.up.beside $(ARGS)

clean: ## Remove the environment, builds and caches; keeps var/ (users and prices) and .env
	@rm -rf .venv frontend/node_modules tools/node_modules tools/dynamodb-local/lib static/build test-results
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@echo "Removed. var/ and .env are kept."
