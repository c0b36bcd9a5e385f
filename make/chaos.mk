# Breaking everything that can break; included by the Makefile.

# Values for make chaos: SECONDS, RATE (rows a second), SEED (drawn and printed), PLAN=file to play a plan again.
.PHONY: chaos
chaos: ## Workers on a real Kafka, killed, stopped and cut off under load: every row once? (SECONDS, RATE, SEED, PLAN)
	@$(GO) build -o bin/ ./cmd/worker ./cmd/worker-full ./cmd/blobs
	@$(GO) build -o bin/chaos ./test/chaos
	@bin/chaos -for $(or $(SECONDS),600)s $(if $(RATE),-rate $(RATE)) $(if $(SEED),-seed $(SEED)) $(if $(PLAN),-plan "$(PLAN)")

.PHONY: chaos-mutants
chaos-mutants: ## Run chaos on workers with planted bugs: it must turn red on each
	@test/chaos/mutants.sh
