# make setup | demo | test | fuzz | lint | messages — everything else is in docs/.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made

.PHONY: help setup demo test faults fuzz bench-exchange bench-search bench-training lint messages clean

help:
	@echo "make demo          three nodes on this machine, with sample content (NODES=7 for all seven)"
	@echo "make demo CHECK=1  the main job by itself: publish, find, read, withdraw; prints one JSON line"
	@echo "make test          all tests, browser tests included (needs Chromium)"
	@echo "make faults        300 rounds of faults between whole nodes (ROUNDS=2000, GAMES=2, SEED=7 to replay)"
	@echo "make fuzz          what strangers send, attacked for ten minutes twice (SECONDS=60)"
	@echo "make lint          ruff, mypy, import-linter, migrations, translations"
	@echo "make bench-exchange  speed and cost of the exchange (RECORDS=10000, FOLDER=... to go on after a cut)"
	@echo "make bench-search  speed of search by size, and beside others (SIZES=10000,100000, FOLDER=..., TEXTS=...)"
	@echo "make bench-training  one timed quiz with what serves it killed in the middle, certificates, and beside Kolibri (LEARNERS=2000, MINUTES=10)"
	@echo "make setup         only the environment in .venv"

$(STAMP): requirements/lock.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Chorsu needs Python 3.11 or newer; $(PYTHON) is older. Set PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Python's venv module is missing (Debian: apt install python3-venv)."; exit 1; }
	@echo "Installing the locked packages into $(VENV) ..." >&2
	@# --no-deps: the lock names every package. Without it an older pip weighs newer releases of
	@# packages asked for with an extra, and stops because they are not the locked ones.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/lock.txt
	@$(BIN)/python -m pip check --quiet --disable-pip-version-check
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(STAMP)
	@$(BIN)/chorsu compile_messages >&2

demo: setup
	@$(BIN)/chorsu demo $(if $(NODES),--nodes $(NODES)) $(if $(CHECK),--check)

test: setup
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --cov --cov-report=term:skip-covered $(ARGS)

faults: setup
	@$(BIN)/python -m tests.faults --rounds $(or $(ROUNDS),300) $(if $(SEED),--seed $(SEED)) $(if $(GAMES),--games $(GAMES))

# atheris has wheels for Linux on x86-64 only: it is installed here and by nothing else.
fuzz: setup
	@$(BIN)/python -m tests.fuzz hypothesis --seconds $(or $(SECONDS),600)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/fuzz.txt
	@$(BIN)/python -m tests.fuzz atheris --seconds $(or $(SECONDS),600)

bench-exchange: setup
	@$(BIN)/chorsu bench_exchange --json $(if $(RECORDS),--records $(RECORDS)) \
		$(if $(FOLDER),--folder $(FOLDER)) $(ARGS)

bench-search: setup
	@$(BIN)/chorsu bench_search --json $(if $(SIZES),--sizes $(SIZES)) \
		$(if $(FOLDER),--folder $(FOLDER)) $(if $(TEXTS),--texts $(TEXTS)) $(ARGS)

bench-training: setup
	@$(BIN)/python -m bench.training $(if $(LEARNERS),--learners $(LEARNERS)) \
		$(if $(MINUTES),--minutes $(MINUTES)) $(if $(CERTIFICATES),--certificates $(CERTIFICATES)) \
		$(if $(FOLDER),--folder $(FOLDER)) $(ARGS)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@CHORSU_NODE_DATA_DIR=build/lint $(BIN)/chorsu makemigrations --check --dry-run

messages: setup
	@$(BIN)/python tools/extract_messages.py

clean:
	rm -rf $(VENV) var build
