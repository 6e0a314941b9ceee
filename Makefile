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
# What `make mutation` plants: faults for each module (0: all), in modules whose paths begin so (all).
EACH   ?= 12
MODULES ?=

# What `make bounds` runs in an environment of the oldest and in one of the newest packages.
BOUNDS := build/bounds
BOUNDED := tests/pin tests/io tests/settings tests/repo tests/history tests/execution \
  tests/server/test_surroundings.py tests/server/test_answers.py tests/media/test_fetch.py \
  tests/commands/test_without_sdk.py tests/commands/test_stage_inputs.py tests/convert/test_dataset_writer.py
OFFLINE := not live and not postgres and not nginx and not browser and not slow and not soak

.PHONY: help demo test test-fast lint docs screenshot bench soak bounds mutation clean

help:
	@echo 'make demo        all steps on a real Label Studio, in build/demo'
	@echo 'make test        linters, types, and the tests against a real Label Studio, git and DVC'
	@echo 'make test-fast   the tests that need no server (under two minutes)'
	@echo 'make lint        linters and types only'
	@echo 'make docs        the parts of docs/ that are made from the code'
	@echo 'make screenshot  docs/changes.png, docs/notebook.png and docs/browse.png, from Chromium'
	@echo 'make bench       ls-dvc against the SDK, as tables (SIZES="10000 50000" PARTS=updates ROUNDS=1)'
	@echo 'make soak        the long runs'
	@echo 'make mutation    small faults planted one by one, and whether quick tests find them (EACH=12)'
	@echo 'make bounds      the offline tests with the oldest and the newest packages of our ranges'
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

screenshot: $(STAMP)
	PYTHONPATH=tests $(BIN)/python -m support.screenshot

test: lint
	$(PYTEST) -m "not soak" --hypothesis-profile full

test-fast: $(STAMP)
	$(PYTEST) -m "$(OFFLINE)" --hypothesis-profile fast

soak: $(STAMP)
	$(BIN)/python -m pytest -m soak --hypothesis-profile full

bounds: $(BOUNDS)/lowest-direct $(BOUNDS)/highest

$(BOUNDS)/%: $(STAMP) FORCE
	rm -rf $@
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --target $(BOUNDS)/tools --upgrade 'uv>=0.5'
	$(PYTHON) -m venv --without-pip $@
	$(BOUNDS)/tools/bin/uv pip install --quiet --python $@/bin/python --resolution $* \
	  --requirements pyproject.toml
	$(BOUNDS)/tools/bin/uv pip install --quiet --python $@/bin/python pytest pytest-xdist hypothesis
	$(BOUNDS)/tools/bin/uv pip install --quiet --python $@/bin/python --no-deps --editable .
	$@/bin/python -m pytest -q -o filterwarnings= -m "$(OFFLINE)" --hypothesis-profile fast $(BOUNDED)

FORCE:

mutation: $(STAMP)
	$(BIN)/python bench/mutate.py --each $(EACH) $(MODULES)

bench: $(STAMP)
	$(BIN)/python bench/run.py --sizes $(SIZES) --parts $(PARTS) --rounds $(ROUNDS) --folder $(FOLDER)

clean:
	rm -rf $(VENV) build
