# Two commands for users, a few for those who work on it. Everything lives in .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOG    ?= sample_logs/ecommerce.parquet
ARGS   ?=
# Not compiled on arrival: most modules are never imported (docs/decisions/0039-test-time.md).
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt

.PHONY: analyze test docs peers browser spark slow check format lint types layers samples clean

analyze: $(VENV)/.ready  ## set up and diagnose a log: make analyze LOG=path ARGS="--no-trial"
	$(BIN)/diagnose analyze "$(LOG)" $(ARGS)

test: $(VENV)/.ready-dev  ## set up and run the tests (minutes)
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal -m "not slow and not spark and not browser"

# Not --quiet: strict would then count no warnings.
docs: $(VENV)/.ready-docs  ## build the site into build/site, run the example notebook, log to MLflow (a minute)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	$(BIN)/python -m pytest tests/test_notebook.py tests/test_tracking.py

peers: $(VENV)/.ready-dev  ## compare the trial's layers with DeepCTR-Torch's, in an environment of its own (build/peers)
	$(BIN)/python -m benchmarks.peers
	build/peers/bin/python -m pytest -p no:cacheprovider tests/trial/test_peer_parity.py

browser: $(VENV)/.ready-browser  ## look at the report in a real browser: accessibility, safety, layout, print (minutes; Chromium)
	$(BIN)/python -m pytest -m browser tests/report

spark: $(VENV)/.ready-spark  ## run the tests on Spark: a master, a worker and a Connect server (minutes; Java 17)
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadgroup -m spark

slow: $(VENV)/.ready-dev  ## planted truth, false alarms and whole trials (a quarter of an hour)
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal -m "slow and not spark"

check: format lint types layers test docs peers browser spark slow  ## everything that continuous integration checks

format: $(VENV)/.ready-dev
	$(BIN)/ruff format --check .

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .

types: $(VENV)/.ready-dev
	$(BIN)/mypy

layers: $(VENV)/.ready-dev
	$(BIN)/lint-imports

samples: $(VENV)/.ready  ## rebuild sample_logs/
	$(BIN)/python -m benchmarks.samples

clean:
	rm -rf $(VENV) build dist *.egg-info

# PyTorch first and alone: with it installed, nothing asks the index for a larger build.
$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "diagnose needs Python 3.11 or newer; try make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) torch==2.13.0
	$(PIP) --editable .
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(PIP) --editable '.[dev]'
	touch $@

$(VENV)/.ready-docs: $(VENV)/.ready-dev
	$(PIP) --no-compile --editable '.[dev,docs,mlflow]'
	touch $@

$(VENV)/.ready-browser: $(VENV)/.ready-dev
	$(PIP) --editable '.[dev,browser]'
	touch $@

$(VENV)/.ready-spark: $(VENV)/.ready-dev
	$(PIP) --editable '.[dev,spark]'
	touch $@
