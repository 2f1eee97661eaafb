# The commands of the README. Everything is installed into .venv by the first one that needs it.
PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
# -c: without the constraints pip would take another torch, gigabytes larger.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: help setup demo test lint types imports unit format bench results readme-pictures executable executable-test integrations wheel clean

help:
	@echo "make demo    convert the drawings in examples/ into demo-output/"
	@echo "make test    lint, types, import layers and all tests"
	@echo "make setup   everything, every method and the development tools, into .venv"
	@echo "make lint    only what reads the source: ruff, mypy, import layers"
	@echo "make executable  a program that needs no Python, into dist/pixforge/"
	@echo "make wheel   the package with presets, models and integrations, into dist/"
	@echo "make integrations  the extension for Aseprite and the add-on for Godot, into dist/"
	@echo "make bench   against other tools, installed into an environment of their own, and how costs grow"
	@echo "make results  measures what can be measured quickly, and builds docs/results.md"

# Two stages: the demo needs only the light base install.
.venv/.base: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "pixforge needs Python 3.10 or newer; $$($(PYTHON) --version 2>&1) was found." >&2; \
	  echo "Install one, then: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot build a virtual environment: its venv or ensurepip module is missing." >&2; \
	  echo "On Debian and Ubuntu: apt install python3-venv. Or name another: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; \
	  exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing pixforge into .venv"
	@$(PIP) -e .
	@touch $@

# --no-compile: compiling all of the frameworks takes as long as installing them; what is imported is compiled then.
.venv/.all: .venv/.base
	@echo "installing every method and the development tools into .venv (a few minutes, once)"
	@$(PIP) --no-compile -e '.[all,dev]'
	@touch $@

setup: .venv/.all

demo: .venv/.base
	@$(BIN)/python -m examples.demo demo-output

test: lint unit

lint: .venv/.all
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

unit: .venv/.all
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

format: .venv/.all
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/.base
	@PYTHON=$(PYTHON) bash benchmarks/run.sh

# Needs everything: plots are drawn by matplotlib, the report's network is timed in PyTorch.
results: .venv/.all
	@$(BIN)/python -m benchmarks.results

readme-pictures: .venv/.base
	@$(BIN)/python -m examples.readme_pictures

# A folder for people without Python, for the system that builds it. PyInstaller compiles nothing: it takes a minute.
executable: .venv/.all
	@$(BIN)/pyinstaller --noconfirm --log-level WARN --distpath dist --workpath build/executable packaging/pixforge.spec
	@du -sh dist/pixforge

executable-test: executable
	@PIXFORGE_EXECUTABLE=dist/pixforge $(BIN)/python -m pytest tests/executable

wheel: .venv/.all
	@$(BIN)/python -m pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls -sh dist/*.whl

integrations:
	@$(PYTHON) integrations/build.py

clean:
	rm -rf .venv .bench-venv demo-output build dist
