# Measuring; included by the Makefile.

.PHONY: bench-first
bench-first: ## First figures: a worker on a real Kafka, pass-through and tumbling count (EVENTS, 5 million)
	@$(GO) build -o bin/worker ./cmd/worker
	@mkdir -p bin/profiles
	@$(GO) run ./bench/first -events $(or $(EVENTS),5000000) -profiles bin/profiles
	@mkdir -p bench/profiles
	@for q in pass-through tumbling-count; do \
		$(GO) tool pprof -top -cum -nodecount=60 bin/worker bin/profiles/$$q.cpu.pprof 2>/dev/null | grep -v '^Build ID' >bench/profiles/$$q.txt; done
