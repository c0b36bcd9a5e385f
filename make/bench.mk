# Measuring; included by the Makefile.

.PHONY: bench-first
bench-first: ## First figures: a worker on a real Kafka, pass-through and tumbling count (EVENTS, 5 million)
	@$(GO) build -o bin/worker ./cmd/worker
	@mkdir -p bin/profiles
	@$(GO) run ./bench/first -events $(or $(EVENTS),5000000) -profiles bin/profiles
