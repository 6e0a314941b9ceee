# Everything happens in .venv inside the project; nothing is needed but Python, git and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile

# What `make bench` measures: numbers of tasks, and of formats, layouts and updates which; and where.
SIZES  ?= 1000 10000
PARTS  ?= formats layouts updates media
ROUNDS ?= 3
FOLDER ?= build/bench

.PHONY: help demo test test-fast lint docs bench soak clean

help:
	@echo 'make demo        all steps on a real Label Studio, in build/demo'
	@echo 'make test        linters, types, and the tests against a real Label Studio, git and DVC'
	@echo 'make test-fast   the tests that need no server (under two minutes)'
	@echo 'make lint        linters and types only'
	@echo 'make docs        the parts of docs/ that are made from the code'
	@echo 'make bench       ls-dvc against the SDK, as tables (SIZES="10000 50000" PARTS=updates ROUNDS=1)'
	@echo 'make soak        the long runs'
	@echo 'make clean       removes .venv and build'

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	@echo 'installing Label Studio, DVC and ls-dvc into $(VENV) (a few minutes the first time)'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[server,test]'
	@touch $@

demo: $(STAMP)
	rm -rf build/demo
	$(BIN)/ls-dvc demo build/demo

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/architecture/test_words.py

docs: $(STAMP)
	PYTHONPATH=tests $(BIN)/python -m support.reference

test: lint
	$(PYTEST) -m "not soak" --hypothesis-profile full

test-fast: $(STAMP)
	$(PYTEST) -m "not live and not postgres and not nginx and not browser and not slow and not soak" --hypothesis-profile fast

soak: $(STAMP)
	$(BIN)/python -m pytest -m soak --hypothesis-profile full

bench: $(STAMP)
	$(BIN)/python bench/run.py --sizes $(SIZES) --parts $(PARTS) --rounds $(ROUNDS) --folder $(FOLDER)

clean:
	rm -rf $(VENV) build
