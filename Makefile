# `make repro` runs the whole pipeline, `make test` proves it; both set up what they need and can be repeated at no cost.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
READY := $(VENV)/.ready
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# Selenium takes the browser that setup found; it need not phone home.
export SE_AVOID_STATS := true

.PHONY: help setup repro reproducible test coverage lint format docs hooks deps lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(READY) ## virtual environment from requirements.lock, the package, and a browser if none is found
	@.ci/browser

$(READY): requirements.lock pyproject.toml .ci/environment
	@.ci/environment $(VENV)
	@touch $@

repro: setup ## run what is stale of the pipeline, then show the metrics and where the report is
	@fashiongen doctor
	@dvc repro
	@fashiongen summary

reproducible: setup ## run the pipeline in two fresh clones: the same to the byte?
	@python .ci/reproducible.py

# tests/conftest.py says in which order the two workers take the files.
PYTEST := python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# Two workers share the cores: threads that spin while they wait would make both ten times slower. Alone, as in `repro`,
# spinning trains a fifth faster.
test: export OMP_WAIT_POLICY := PASSIVE
test: setup ## all the tests, on two cores
	@$(PYTEST)

coverage: export OMP_WAIT_POLICY := PASSIVE
coverage: setup ## all the tests, and which lines of the library they run: fewer than 90 % are an error
	@rm -f .coverage .coverage.*
	@$(PYTEST) --cov --cov-report=
	@coverage report --include 'stages/*' --skip-covered
	@coverage report --include 'fashiongen/*' --skip-covered --fail-under 90

lint: setup ## ruff, the layers of the design, and types
	@ruff check .
	@ruff format --check .
	@lint-imports
	@mypy

format: setup ## let ruff mend what it can
	@ruff check --fix .
	@ruff format .

docs: setup ## draw the layers and build the site into site/; a broken link is an error
	@python docs/layers.py >docs/images/layers.svg
	@properdocs build --strict
	@echo "site: $(CURDIR)/site/index.html"

hooks: setup ## let Git run the checks of .pre-commit-config.yaml before each commit
	@pre-commit install

deps: setup ## write the code that each stage imports into its deps in dvc.yaml
	@python -m fashiongen.cli.code_deps

lock: setup ## compile requirements.lock anew from pyproject.toml
	@uv pip compile pyproject.toml --all-extras --universal --generate-hashes --python-version 3.11 --quiet \
		--no-emit-index-url --no-annotate --no-header --output-file requirements.lock

clean: ## remove the environment and caches; data, models and DVC's cache stay
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info .coverage .coverage.* site
