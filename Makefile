# Each target makes its own .venv and installs what it needs, so that a bare clone with Python and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: quickstart test coverage fuzz lint bench docs samples wheel-test clean

$(BIN)/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'nuportal needs Python >= 3.11, this is ' + sys.version)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-%: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".[$*]"
	@touch $@

quickstart: $(VENV)/.installed
	$(BIN)/nuportal quickstart

test: $(VENV)/.installed-test lint
	$(BIN)/python -m pytest -n auto --dist loadgroup

coverage: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto --dist loadgroup --cov --cov-report=term

fuzz: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto tests/fuzz --fuzz-cases 10000

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

bench: $(VENV)/.installed-bench
	@mkdir -p .benchmarks
	$(BIN)/python -m pytest benchmarks --benchmark-only -o addopts=--import-mode=importlib --benchmark-json=.benchmarks/latest.json
	$(BIN)/python benchmarks/report.py .benchmarks/latest.json docs/explanation/benchmarks.md

docs: $(VENV)/.installed-docs
	$(BIN)/python -m sphinx -W -b html docs docs/_build/html

# The tests against the wheel in an empty environment: of TESTS, or of all.
wheel-test:
	PYTHON=$(PYTHON) tools/wheel_test.sh $(TESTS)

samples: $(VENV)/.installed
	$(BIN)/python samples/make_samples.py

clean:
	rm -rf $(VENV) quickstart docs/_build
	find nuportal collider mesons nucore -name '*.nb[ic]' -delete
