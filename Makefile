# Executes the notebooks one after another, and goes on where it was interrupted.
# `make quick` loads the trained weights, two notebooks at once (AT_ONCE=4: four); `make test`, `make lint`, `make smoke`, `make benchmark`, `make lab` and `make play` do what they say.

PYTHON ?= python3
AT_ONCE ?= 2

python := .venv/bin/python
installed := .venv/installed
corpora := build/corpora.done
library := $(shell find gru_apps -name '*.py' -o -name '*.csv')
notebooks := $(wildcard notebooks/*.ipynb)
executed := $(notebooks:notebooks/%.ipynb=build/%.done)

.NOTPARALLEL:  # two trainings at once are slower than one after the other
.PHONY: all quick test play-test lint smoke benchmark lab play clean

all: $(executed)
	$(python) -m gru_apps models --folder build/saved_models

quick: $(corpora)
	$(python) -m gru_apps run --without-training --at-once $(AT_ONCE)

# A stamp comes last in its recipe, so that what was interrupted is done again.
build/%.done: notebooks/%.ipynb $(library) | $(corpora)
	$(python) -m gru_apps run $*
	@touch $@

$(corpora): $(wildcard gru_apps/datasets/*.py gru_apps/datasets/*.csv) | $(installed)
	$(python) -m gru_apps data
	@mkdir -p build
	@touch $@

# pip first: it must not replace itself while it installs the others.
$(installed): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo 'gru_apps needs Python 3.11, 3.12 or 3.13 and found none as $(PYTHON).' \
	    'Name one: make PYTHON=python3.12' >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(python) -m pip install "$$(sed -n 's/^\(pip==[^ ]*\).*/\1/p' requirements.txt)"
	$(python) -m pip install --requirement requirements.txt
	@touch $@

test: lint $(corpora)  # beforehand, or two of its processes would do it at once
	$(python) -m pytest --numprocesses 2 --dist worksteal

play-test: $(corpora)  # in Chromium: see CONTRIBUTING.md
	$(python) -m pytest -m browser tests/cli/play

lint: $(installed)
	$(python) -m ruff check
	$(python) -m ruff format --check

smoke: $(installed)
	$(python) -m gru_apps run --size smoke

benchmark: $(installed)  # beside PyTorch where it is installed: see CONTRIBUTING.md
	$(python) -m benchmarks.speed

lab: $(installed)
	$(python) -m jupyterlab notebooks

play: $(installed)
	$(python) -m gru_apps play

clean:
	rm -rf build
