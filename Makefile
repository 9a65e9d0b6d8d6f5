# Every target sets itself up: Python 3.11 or later, make and git are all that a machine needs.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := $(shell sed -n 's/.*"\(uv==[0-9.]*\)".*/\1/p' pyproject.toml)

# The environment follows uv.lock exactly; the stamp makes every later call instant. Compiled, because where
# PYTHONDONTWRITEBYTECODE is set each start of a worker compiles 2,400 modules anew: 2.6 s of CPU, not 1.0.
$(READY): pyproject.toml uv.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later with its venv module is needed;" \
		"install it (Debian, Ubuntu: apt install python3-venv) or say make PYTHON=/path/to/python"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/uv --version 2>/dev/null | grep -q "^uv $(UV:uv==%=%) " || $(BIN)/python -m pip install -q "$(UV)"
	@env -u VIRTUAL_ENV UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --frozen --compile-bytecode -q
	@touch $@

.PHONY: help setup demo test test-all check format audit unit bench capacity compile pure native faults soak fuzz laws oracle docs lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## make .venv from the lock file (every other target does this by itself)

demo: $(READY) ## broker, scorer, believable people and a live view in one window (ARGS="--csv FILE --map FILE")
	@$(BIN)/lead-scorer demo $(ARGS)

# In two processes: tests on real Kafka mostly wait, and the others run meanwhile (a third less time).
test: pure lint ## everything that must hold: lint, then the tests, those on real Apache Kafka too
	$(BIN)/pytest -m "not long" -n 2 --dist loadgroup $(ARGS)

test-all: pure lint ## the same and the long tests: three brokers, overload, rolling restarts, every alert (half an hour)
	$(BIN)/pytest $(ARGS)

lint: $(READY) ## style, types, layers, declared dependencies
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry scorer topologies schemas

check: lint audit ## lint, and known vulnerabilities

unit: $(READY) ## the tests that need no real Kafka
	$(BIN)/pytest -m "not real_kafka and not slow" $(ARGS)

faults: $(READY) ## every fault of docs/reliability.md in its long form, and the page anew (ARGS="--only X6,X7")
	$(BIN)/python -m tests.faults $(ARGS)

soak: compile ## an hour at 70 % of the capacity with a fault each minute (ARGS="--minutes 15 --rate 500")
	@$(BIN)/python -m tests.faults.soak $(ARGS); code=$$?; \
		$(MAKE) --no-print-directory pure; exit $$code

fuzz: compile ## a million damaged records through both stages (ARGS="--cases N --seed N --jobs N"); findings are kept
	@$(BIN)/python -m tests.fuzz $(ARGS); code=$$?; \
		$(MAKE) --no-print-directory pure; exit $$code

laws: $(READY) ## the properties of fold and decoder, with a hundred times the examples
	$(BIN)/pytest tests/domain tests/contracts tests/engine --hypothesis-profile=fuzz --timeout=0 $(ARGS)

oracle: compile ## a million random models, stories and instants against brute force (ARGS="--cases N --seed N")
	@$(BIN)/python -m tests.domain.random_cases $(ARGS); code=$$?; \
		$(MAKE) --no-print-directory pure; exit $$code

bench: compile ## throughput, latency and restore on real Kafka; figures go to bench-results/
	$(BIN)/python -m tests.bench $(ARGS)

capacity: $(READY) ## docs/capacity.md from tests/bench/capacity/measured.json (ARGS=--measure takes the figures anew)
	@$(if $(findstring --measure,$(ARGS)),$(MAKE) --no-print-directory compile)
	@$(BIN)/python -m tests.bench.capacity $(ARGS)

compile: $(READY) ## the fold as native code beside its sources, with mypyc and a C compiler (half the CPU)
	$(BIN)/python hatch_build.py

pure: ## undo `make compile`: what runs is what you read and edit
	@find scorer -name '*.so' -delete; rm -f *__mypyc*.so

native: compile ## the tests of everything that is compiled, held against its native form
	$(BIN)/pytest tests/domain tests/followup tests/engine tests/contracts tests/fuzz tests/simulate tests/verify $(ARGS)
	@$(MAKE) --no-print-directory pure

format: $(READY) ## rewrite the code in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(READY) ## regenerate docs/reference and the dashboards from the code
	$(BIN)/python -m scorer.reference
	$(BIN)/python deploy/grafana/dashboards.py

audit: $(READY) ## known vulnerabilities in the locked packages; says NOT AUDITED and passes when nobody can be asked
	@$(BIN)/uv export --frozen -q --no-emit-project | $(BIN)/python -m tests.security.audit

lock: $(READY) ## renew uv.lock after a change of pyproject.toml
	$(BIN)/uv lock
	@$(MAKE) --no-print-directory setup

clean: ## remove the environment, caches and local state
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .lead-scorer build dist
	find scorer topologies schemas tests -name __pycache__ -prune -exec rm -rf {} +
