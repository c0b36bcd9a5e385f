# The operator's usual targets, by kubebuilder's names; included by the Makefile.

OPERATOR_IMG ?= millrace/operator:$(IMAGE_TAG)
WORKER_IMG ?= millrace/worker:$(IMAGE_TAG)
KUBECTL ?= kubectl

.PHONY: manifests
manifests: ## Generate the CRDs and the operator's ClusterRole from markers in the sources, and the chart's copies
	@tools/build.sh controller-gen
	@"$$(tools/path.sh controller-gen)" crd paths=./api/v1alpha1 output:crd:artifacts:config=config/crd/bases
	@"$$(tools/path.sh controller-gen)" rbac:roleName=millrace-operator paths=./controllers/... output:rbac:artifacts:config=config/rbac
	@cp config/crd/bases/*.yaml charts/millrace/files/crds/ && cp config/rbac/role.yaml charts/millrace/files/role.yaml

.PHONY: generate
generate: manifests ## Generate what follows from the API types: deep copies, the table of changes, the reference page
	@"$$(tools/path.sh controller-gen)" object paths=./api/v1alpha1
	@$(GO) run ./tools/apigen -changes api/v1alpha1/zz_generated.changes.go -reference docs/reference/api.md

.PHONY: install
install: ## Install the CRDs into the cluster of the current context
	$(KUBECTL) apply -k config/crd

.PHONY: uninstall
uninstall: ## Remove the CRDs, and with them every StreamJob, StreamTopic and KafkaConnection, while an operator runs that lets them go
	$(KUBECTL) delete -k config/crd --ignore-not-found

.PHONY: deploy
deploy: ## Install CRDs and operator (OPERATOR_IMG, WORKER_IMG) into the cluster of the current context
	@$(KUBECTL) kustomize config/default | \
		sed -e 's#millrace/operator:dev#$(OPERATOR_IMG)#' -e 's#millrace/worker:dev#$(WORKER_IMG)#' | $(KUBECTL) apply -f -

.PHONY: undeploy
undeploy: uninstall ## Remove operator and CRDs, and with them every job, from the cluster of the current context
	$(KUBECTL) delete -k config/default --ignore-not-found

.PHONY: run-operator
run-operator: ## Run the operator here, against the cluster of the current context, whose pods' Kafka addresses it must reach too
	$(KUBECTL) apply -f config/manager/namespace.yaml
	$(GO) run ./cmd/operator --leader-elect=false --namespace millrace-system --worker-image $(WORKER_IMG)

.PHONY: envtest
envtest: ## Test API and reconcilers against a real API server and etcd
	@tools/build.sh envtest helm
	KUBEBUILDER_ASSETS="$$(tools/path.sh envtest)" $(GO) test -tags envtest -count=1 ./test/envtest/...

.PHONY: autoscale-pictures
autoscale-pictures: ## Draw docs/autoscaling anew: what the autoscaler does under steps, days, spikes, outages and skew
	$(GO) test -count=1 ./controllers/autoscale -run Pictures -args -pictures ../../docs/autoscaling
