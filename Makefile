# `make repro` runs the whole pipeline, `make test` runs all tests. Both set up what they need, and repeat nothing that is up to date.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
READY := $(VENV)/.ready
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# Where it is set, each stage would compile the library again.
unexport PYTHONDONTWRITEBYTECODE
# Selenium uses the browser that setup found and sends no statistics.
export SE_AVOID_STATS := true

.PHONY: help setup repro studio reproducible check test coverage lint format docs hooks deps lock clean

help: ## print the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(READY) ## create .venv from requirements.lock, and install a browser if there is none
	@.ci/browser

$(READY): requirements.lock pyproject.toml .ci/environment
	@.ci/environment $(VENV)
	@touch $@

# The results are those of `dvc repro`, which runs one stage after the other.
repro: setup ## check the machine, run the stages that are out of date, print the metrics and the path of the report
	@fashiongen doctor
	@fashiongen train
	@fashiongen summary

studio: setup ## serve the studio, where what the networks draw is explored, shaped, mixed and kept; Ctrl-C ends it
	@fashiongen studio

reproducible: setup ## run the pipeline in two fresh clones and compare all bytes
	@python .ci/reproducible.py

# tests/conftest.py sets the order of the test files.
PYTEST := python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

# Three workers share two cores, since some tests wait for a browser or a server; four take longer. Each has one thread,
# and none spins while it waits. A training that runs alone, as in `make repro`, is faster with all threads, and by a
# fifth more if they spin.
check test coverage: export OMP_WAIT_POLICY := PASSIVE
check test coverage: export OMP_NUM_THREADS := 1

check: lint ## run the quick checks: lint, types and the fast tests
	@$(PYTEST) -m "not slow and not browser"

test: setup ## run all tests on two cores
	@$(PYTEST)

coverage: setup ## run all tests, list the lines that none runs, and fail below 90 %
	@rm -f .coverage .coverage.*
	@$(PYTEST) --cov --cov-report=
	@coverage report --include 'stages/*' --skip-covered
	@coverage report --include 'fashiongen/*' --skip-covered --fail-under 90

lint: setup ## check style, import layers and types
	@ruff check .
	@ruff format --check .
	@lint-imports
	@mypy

format: setup ## repair the style where ruff can
	@ruff check --fix .
	@ruff format .

docs: setup ## draw the layers and build the site of docs/ into site/; fail on a broken link
	@python docs/layers.py >docs/images/layers.svg
	@properdocs build --strict
	@echo "site: $(CURDIR)/site/index.html"

hooks: setup ## install the Git hooks of .pre-commit-config.yaml
	@pre-commit install

deps: setup ## write the code that each stage imports into its deps in dvc.yaml
	@python -m fashiongen.cli.code_deps

lock: setup ## compile requirements.lock from pyproject.toml
	@uv pip compile pyproject.toml --extra onnx --extra docs --extra dev --universal --generate-hashes --python-version 3.11 --quiet \
		--no-emit-index-url --no-annotate --no-header --output-file requirements.lock

clean: ## delete the environment and the tools' caches; keep data, models and DVC's cache
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info .coverage .coverage.* site
