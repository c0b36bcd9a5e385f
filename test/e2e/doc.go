// Package e2e is the end-to-end test: the operator, workers and a broker on a real cluster, used the way a person uses
// them, by kubectl. Rows are fed while things go wrong, and after each scenario the checker, a pod that shares nothing
// with the engine, says whether every sum came out exactly once.
//
// It needs the build tag e2e and a cluster with everything in it; test/e2e/run.sh brings that. By hand:
//
//	KUBECONFIG              the cluster, with operator and images
//	KUBECTL                 how to call kubectl; "kubectl" when empty
//	E2E_MILLRACE            the command line, bin/millrace when empty
//	E2E_KAFKA               the broker's address from here
//	E2E_KAFKA_IN_CLUSTER    the same from pods
//	E2E_RUNTIME_VERSION     tag of the worker image for all jobs; "e2e" when empty
//	E2E_KAFKA_CRASH         a command that kills the broker and brings it back; the scenario is skipped when empty
//	E2E_NODE_ADD            a command that adds a node, node2, and E2E_NODE_KILL one that takes its power away; the scenario is
//	                        skipped when they are empty
//	E2E_RELEASE             the release whose operator operator.sh installs; the scenario is skipped when empty
//	E2E_PATIENCE            how long to wait for one thing, 90s when empty
//	E2E_LOGS                folder for what a failed scenario leaves behind
package e2e
