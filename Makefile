# Two commands matter: `make run` and `make test`. `make help` lists the rest.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: run test build lint format parity conformance fuzz trials goldens bench clean help

SWIFT ?= swift
STRIATE := $(SWIFT) run -c release --skip-build striate
# Without testable imports the tests link the same modules as `make run`: one build for both.
SWIFT_TEST := $(SWIFT) test -c release --disable-testable-imports
# The Python with PyTorch that goldens and the peer benchmark use.
PYTHON ?= python3
# The lineage of `make run`: its time, its members and its folder; the same command goes on where it was stopped.
BUDGET ?= 90s
MEMBERS ?= linear,gabor,lenet5,neocognitron,alexnet-mini,vgg-mini,resnet-mini
OUTPUT ?= runs/lineage-$(BUDGET)

run: ## Sixty years of networks in minutes: seven of them on Fashion-MNIST, and a report
	@Scripts/bootstrap
	@start=$$SECONDS; $(SWIFT) build -c release; echo "build: $$((SECONDS - start)) s"
	@$(STRIATE) lineage run --data fashion-mnist --budget $(BUDGET) --only $(MEMBERS) --output-dir $(OUTPUT)

test: ## Lint, then every test (release, the build of `make run`)
	@Scripts/bootstrap --no-data
	@$(MAKE) --no-print-directory lint
	$(SWIFT_TEST)

build: ## Build release
	$(SWIFT) build -c release

lint: ## Check the formatting
	$(SWIFT) format lint --strict --parallel --recursive $(wildcard Package.swift Sources Tests Examples)

format: ## Format in place
	$(SWIFT) format --in-place --parallel --recursive $(wildcard Package.swift Sources Tests Examples)

parity: ## Whole-tensor comparison with the committed PyTorch goldens
	@STRIATE_PARITY=full Scripts/test-only 'Golden|ZooFile|Photograph|ForeignNames'

conformance: ## Every op and layer: CPU engine against the interpreter
	@Scripts/test-only OpAgreement

# STRIATE_FUZZ_ROUNDS=10000 makes more rounds, ONEDNN_MAX_CPU_ISA=AVX2 those of another processor. Random graphs go
# in shards of 50 seeds; those that passed are noted in FUZZ_LEDGER, and a run that was killed goes on there.
FUZZ_LEDGER ?= .build/fuzz
FUZZ ?= Fuzz
fuzz: ## Random graphs, damaged files, killed runs, for longer (FUZZ=FuzzTests: only graphs)
	@STRIATE_FUZZ_ROUNDS=$${STRIATE_FUZZ_ROUNDS:-1000} STRIATE_FUZZ_LEDGER=$(abspath $(FUZZ_LEDGER)) \
	  Scripts/test-only $(FUZZ)

trials: ## Random inputs against the real libraries (PYTHON has torch, torchvision, safetensors, webdataset, Pillow)
	@Scripts/bootstrap --no-data
	$(SWIFT) build -c release --product striate
	@for script in Tools/trials/*.py; do $(PYTHON) $$script --striate .build/release/striate || exit 1; done

goldens: ## Compare freshly made goldens with those committed (PYTHON needs numpy and torch)
	$(PYTHON) Tools/goldens/generate.py --check

bench: ## Speed against PyTorch, ONNX Runtime and OpenVINO (PYTHON has them; ROWS=… for some rows)
	@Scripts/bootstrap --no-data
	$(SWIFT) build -c release
	$(PYTHON) Benchmarks/table --python $(PYTHON) $(if $(ROWS),--rows $(ROWS))

clean: ## Remove what was built (not runs/, not .deps/)
	rm -rf .build

help: ## This list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 14
