# Targets for what tests and images are made of; included by the Makefile. Binaries and image tars go to bin/, everything that outlives a checkout
# goes to the cache that tools/layout.sh names.

IMAGE_TAG ?= dev
# Static. A release sets IMAGE_BUILD_FLAGS=-trimpath, so that no path of the machine is in the image; tests leave it out, since with it no compiled
# package is shared with `go test` and all is compiled twice.
IMAGE_BUILD_FLAGS ?=
GO_STATIC = CGO_ENABLED=0 go build $(IMAGE_BUILD_FLAGS) -ldflags '-s -w'

.PHONY: tools
tools: ## Build every tool (linter, generator, API server, node) into the cache; says nothing when all are there
	@tools/build.sh all

.PHONY: kafka-jars
kafka-jars: ## Fetch a real Kafka's jars into the cache
	@test/kafka/jars.sh >/dev/null

.PHONY: setup
setup: ## Install the Debian packages that the tests need (root; says what, nothing when all are there)
	@test/setup.sh

.PHONY: images
images: bin/operator.tar bin/worker.tar ## Build the operator's and the worker's image as tars in bin/, without a container engine

# always asked, since only the go command knows what changed; an unchanged program gives the same image
.PHONY: FORCE
FORCE:

bin/image: FORCE
	@go build -o $@ ./tools/image

bin/operator bin/worker bin/worker-full bin/blobs: bin/%: FORCE
	@$(GO_STATIC) -o $@ ./cmd/$*

bin/operator.tar: bin/operator bin/image
	@bin/image -o $@ -name millrace/operator:$(IMAGE_TAG) -label org.opencontainers.image.title=millrace-operator -entrypoint /operator bin/operator:/operator

# the worker starts blobs where snapshots are on, and becomes worker-full where a job needs it
bin/worker.tar: bin/worker bin/worker-full bin/blobs bin/image
	@bin/image -o $@ -name millrace/worker:$(IMAGE_TAG) -label org.opencontainers.image.title=millrace-worker -entrypoint /worker bin/blobs:/blobs bin/worker-full:/worker-full bin/worker:/worker

.PHONY: e2e-node-up
e2e-node-up: ## Bring up a real Kubernetes node in namespaces of its own (root, Linux)
	@tools/build.sh node
	@test/e2e/node/up.sh

.PHONY: e2e-node-down
e2e-node-down: ## Take the node down and leave nothing of it
	@test/e2e/node/down.sh

.PHONY: e2e
e2e: ## Run the end-to-end test on KUBECONFIG and E2E_KAFKA, kind or a node of its own
	@test/e2e/run.sh

.PHONY: demo
demo: ## Bring up a cluster with operator, Kafka and the flights example, and show it at work
	@examples/demo.sh up

.PHONY: demo-down
demo-down: ## Remove what `make demo` started
	@examples/demo.sh down
