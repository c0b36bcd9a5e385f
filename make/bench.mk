# Measuring; included by the Makefile.

.PHONY: bench-first
bench-first: ## First figures: a worker on a real Kafka, pass-through and tumbling count (EVENTS, 5 million)
	@$(GO) build -o bin/worker ./cmd/worker
	@mkdir -p bin/profiles
	@$(GO) run ./bench/first -events $(or $(EVENTS),5000000) -profiles bin/profiles
	@mkdir -p bench/profiles
	@for q in pass-through tumbling-count; do \
		$(GO) tool pprof -top -cum -nodecount=60 bin/worker bin/profiles/$$q.cpu.pprof 2>/dev/null | grep -v '^Build ID' >bench/profiles/$$q.txt; done

# Values for make bench: PEERS, QUERIES, EVENTS, RUNS, COMPRESSION as below, RESUME=1 to go on where the last one was cut off.
PEERS ?= flink,kstreams
QUERIES ?= q0,q1,q2,q5,q11,q12,q21,q22
RUNS ?= 1
COMPRESSION ?= none

.PHONY: bench
bench: ## Millrace and its peers on a real Kafka (PEERS, QUERIES, EVENTS, RUNS, COMPRESSION, RESUME=1); says first how long
	@$(GO) build -o bin/worker ./cmd/worker
	@$(GO) build -o bin/harness ./bench/harness
	@for p in $$(echo $(PEERS) | tr ',' ' '); do bench/peers/build.sh $${p%%-*} >/dev/null; done
	@bin/harness compare -peers "$(PEERS)" -queries "$(QUERIES)" -events $(or $(EVENTS),5000000) -runs $(RUNS) -compression $(COMPRESSION) \
		$(if $(RESUME),-resume) -version "$(VERSION)" \
		-command "make bench PEERS=$(PEERS) QUERIES=$(QUERIES) EVENTS=$(or $(EVENTS),5000000) RUNS=$(RUNS) COMPRESSION=$(COMPRESSION)"

.PHONY: bench-latency
bench-latency: ## Latency of committed rows at 20 000 bids a second, beside the peers (PEERS); says first how long
	@$(GO) build -o bin/worker ./cmd/worker
	@$(GO) build -o bin/harness ./bench/harness
	@for p in $$(echo $(PEERS) | tr ',' ' '); do bench/peers/build.sh $${p%%-*} >/dev/null; done
	@bin/harness latency -peers "$(PEERS)"

.PHONY: bench-recovery
bench-recovery: ## How long Millrace is away when workers are killed, come and go (KEYS=1000,1000000,5000000 MOVE_KEYS=100000)
	@$(GO) build -o bin/ ./cmd/worker ./cmd/worker-full ./cmd/blobs
	@$(GO) run ./bench/harness recovery $(if $(KEYS),-keys "$(KEYS)" -save-keys "$(KEYS)") $(if $(MOVE_KEYS),-move-keys $(MOVE_KEYS))

.PHONY: bench-memory
bench-memory: ## Millrace with far more keys than its limit of memory lets it hold (KEYS=50000000 LIMIT=512MiB); says first how long
	@$(GO) build -o bin/worker ./cmd/worker
	@$(GO) run ./bench/harness memory -keys $(or $(KEYS),50000000) -limit $(or $(LIMIT),512MiB)

.PHONY: bench-delivery
bench-delivery: ## What exactly, at least and at most once cost at a steady rate: processor time, commits, requests, bytes
	@$(GO) build -o bin/worker ./cmd/worker
	@$(GO) run ./bench/harness delivery $(if $(RATE),-rate "$(RATE)")

.PHONY: bench-weight
bench-weight: ## Bytes a row of Millrace's exchanges and changelogs, and of Kafka Streams' for the same query (EVENTS, 2 million)
	@$(GO) build -o bin/worker ./cmd/worker
	@bench/peers/build.sh kstreams >/dev/null
	@$(GO) run ./bench/harness weight -events $(or $(EVENTS),2000000)

.PHONY: bench-operator
bench-operator: ## What the operator costs: wall clock, CPU, memory and requests on a real API server (JOBS, 500; FOREIGN, 5000)
	@tools/build.sh envtest
	@$(GO) build -o bin/operator ./cmd/operator
	@$(GO) build -o bin/bench-operator ./bench/operator
	@KUBEBUILDER_ASSETS=$$(tools/path.sh envtest) bin/bench-operator -jobs $(or $(JOBS),500) -foreign $(or $(FOREIGN),5000)

.PHONY: bench-scale
bench-scale: ## How Millrace's cost grows with events, partitions, keys and hops (OF); says first how long
	@$(GO) build -o bin/worker ./cmd/worker
	@$(GO) run ./bench/harness scale $(if $(OF),-of "$(OF)")

.PHONY: bench-smoke
bench-smoke: ## Millrace on a million bids, its figures against bench/smoke.json (UPDATE=1 writes them)
	@$(GO) build -o bin/worker ./cmd/worker
	@$(GO) run ./bench/harness smoke $(if $(UPDATE),-update)

.PHONY: profile
profile: ## Flame graphs of a worker's processor time and allocations on a query (QUERY=q1, EVENTS): bin/profiles
	@$(GO) build -o bin/worker ./cmd/worker
	@$(GO) run ./bench/harness profile -queries "$(or $(QUERY),q1)" -events $(or $(EVENTS),5000000)
	@for q in $$(echo $(or $(QUERY),q1) | tr ',' ' '); do for kind in cpu alloc; do \
		$(GO) tool pprof -top -nodecount=40 -sample_index=$$([ $$kind = cpu ] && echo cpu || echo alloc_space) bin/worker bin/profiles/$$q.$$kind.pprof 2>/dev/null \
			| grep -v '^Build ID' >bin/profiles/$$q.$$kind.txt; echo "  bin/profiles/$$q.$$kind.txt"; done; done

.PHONY: bench-load
bench-load: ## Fill the topics nexmark-person, -auction and -bid of a Kafka (KAFKA=host:port, EVENTS); does nothing when they are there
	@$(GO) run ./bench/load/nexmark -kafka "$(or $(KAFKA),127.0.0.1:9092)" -events $(or $(EVENTS),1000000)
