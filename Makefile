# Everything lives in .venv (the environment), .docrun (the runs) and site (the result).
BACKEND ?= tensorflow
PYTHON ?= python3
export KERAS_BACKEND := $(BACKEND)
export NO_MKDOCS_2_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL ?= 3
# JAX compiles each new shape of random draws, 5 to 15 times faster without support for
# draws that are spread over devices.
export JAX_THREEFRY_PARTITIONABLE ?= 0

BIN := .venv/bin
READY := .venv/ready-$(BACKEND)

.PHONY: site test serve seeds bench weights lint lock clean

site: $(READY)
	@$(BIN)/mkdocs build --strict
	@echo "site: built in site/ on $(BACKEND); open it with: $(PYTHON) -m http.server -d site"

test: $(READY)
	@$(BIN)/python -m pytest
	@echo "test: package, engine and every block of every page passed on $(BACKEND)"

# Renders the pages that changed, or of which a block ran; what is made of all pages
# (navigation, lists, search) is as old as the start.
serve: $(READY)
	@$(BIN)/mkdocs serve --dirty

seeds: $(READY)
	@$(BIN)/python -m docrun seeds --count 20

bench: $(READY)
	@for benchmark in benchmarks/[!_]*.py; do $(BIN)/python $$benchmark || exit 1; done

weights: $(READY)
	@for script in training/[!_]*.py; do $(BIN)/python $$script || exit 1; done

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

# The environment: hashes checked by pip, which every Python has.
$(READY): requirements/$(BACKEND).lock pyproject.toml src/docrun/pyproject.toml
	@test -n "$(findstring $(BACKEND),tensorflow jax torch)" || \
	  { echo "BACKEND must be tensorflow, jax or torch. Received: $(BACKEND)"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed. Received: $$($(PYTHON) --version)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "setup: installing the locked packages for $(BACKEND) into .venv (a few minutes)"
	@$(BIN)/python -m pip install --require-hashes -r $<
	@if [ "$(BACKEND)" = torch ]; then $(BIN)/python -m pip install torch==2.13.0; fi
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e . -e src/docrun
	@touch $@

# New versions: uv resolves once for every platform; its lock needs no uv to install.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
  --generate-hashes --no-annotate --no-header --group dev \
  --extra ensembles --extra forecasting \
  pyproject.toml src/docrun/pyproject.toml
SAME := --constraint requirements/tensorflow.lock

lock: $(READY)
	@$(BIN)/python -m pip install --quiet uv
	@$(COMPILE) --upgrade --group parity --extra tensorflow -o requirements/tensorflow.lock
	@$(COMPILE) $(SAME) --extra jax -o requirements/jax.lock
	@$(COMPILE) $(SAME) requirements/torch.in -o requirements/torch.lock

clean:
	@rm -rf .docrun site
