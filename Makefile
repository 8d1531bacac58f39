# Two commands matter: `make demo` runs the product, `make test` tests it. Both set up .venv themselves.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)
OUT    ?= demo-out
LANG_  ?= $(or $(OUTREACH_LANG),ja)

# What is imported is compiled once and kept, even where the machine says not to: the desk starts in half the time, and
# tests start many processes. The solver's inner loops are compiled to machine code once and kept, too.
COMPILED := PYTHONDONTWRITEBYTECODE=
COMPILE  := $(COMPILED) $(BIN)/python -m compileall -q outreach routing bookings maps cli.py

.PHONY: setup dev demo test soak lint format words docs bench bench-quick bench-smoke rivals clean

setup: $(VENV)/.installed          ## the product: leaves .venv/bin/outreach
dev: $(VENV)/.installed-dev        ## and what its tests need

$(BIN)/python:
ifdef UV
	$(UV) venv --quiet --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif

$(VENV)/.installed: $(BIN)/python requirements/base.txt pyproject.toml
ifdef UV
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements/base.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
endif
	$(COMPILE)
	$(COMPILED) $(BIN)/python -m routing.solver.warm
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements/dev.txt
ifdef UV
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements/dev.txt
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
endif
	@touch $@

rivals: $(VENV)/.installed-bench   ## and whom its solver is measured against

$(VENV)/.installed-bench: $(VENV)/.installed-dev requirements/bench.txt
ifdef UV
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements/bench.txt
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.txt
endif
	@touch $@

demo: setup                        ## a fictional city, two weeks of bookings, one published day: files in $(OUT)
	$(BIN)/outreach demo --lang $(LANG_) --out $(OUT)

test: dev                          ## all tests; heavy ones as a seeded sample of about 1/20
	$(COMPILED) $(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_ARGS)

soak: dev                          ## the heavy tests in full
	OUTREACH_SOAK=1 $(BIN)/python -m pytest -n 2 -m heavy --durations=0 $(PYTEST_ARGS)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

words: dev                         ## compile the catalogs after editing a .po file
	$(BIN)/python -m outreach.locales

docs: dev                          ## what the documents take from the code: rules, codes, modules, worked examples
	$(BIN)/python -m outreach.locales
	$(BIN)/python -m tests.docs.generate

bench: rivals                      ## solver and rivals side by side, growth, quotes, holds: tables on stdout, plots in docs/images
	$(BIN)/python -m benchmarks.solve
	$(BIN)/python -m benchmarks.solomon
	$(BIN)/python -m benchmarks.plots
	$(BIN)/python -m benchmarks.quote
	$(BIN)/python -m benchmarks.decide
	$(BIN)/python -m benchmarks.find
	$(BIN)/python -m benchmarks.hold
	$(BIN)/python -m benchmarks.load

bench-quick: rivals                ## solver and rivals side by side in about ten minutes
	$(BIN)/python -m benchmarks.solve --quick
	$(BIN)/python -m benchmarks.solomon --quick

bench-smoke: dev                   ## that everything that measures runs; rivals are left out where they are not installed
	$(BIN)/python -m benchmarks.solve --smoke
	$(BIN)/python -m benchmarks.solomon --smoke
	$(BIN)/python -m benchmarks.quote --smoke
	$(BIN)/python -m benchmarks.decide --smoke
	$(BIN)/python -m benchmarks.find --smoke
	$(BIN)/python -m benchmarks.hold --smoke
	$(BIN)/python -m benchmarks.load --smoke

clean:
	rm -rf $(VENV) demo-out dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
