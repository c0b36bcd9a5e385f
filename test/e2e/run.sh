#!/usr/bin/env bash
# run.sh [ARGUMENTS...]: the end-to-end test; arguments go to the suite, for example -ginkgo.focus=scale. `run.sh mutants` runs programs with planted
# bugs instead (mutants.sh). With KUBECONFIG and E2E_KAFKA set it runs against them, images and operator being there; else it starts a cluster
# (cluster.sh) and a broker, loads the images made from this tree, installs the operator, and removes all of it afterwards.
# The test gets: KUBECONFIG; E2E_KAFKA, the broker's address from here; E2E_KAFKA_IN_CLUSTER, the same from pods; E2E_KILL9, the script that kills
# process 1 of a container; KUBECTL, how to call it; E2E_KAFKA_CRASH, a command that kills and restarts the broker; E2E_NODE_ADD
# and E2E_NODE_KILL, commands that bring a second node and take its power away (these on the own node alone); E2E_RELEASE, the release before this
# tree, whose images are there and which operator.sh installs.
set -euo pipefail
# shellcheck source=cluster.sh
. "$(dirname "$0")/cluster.sh"
# shellcheck source=helm.sh
. "$(dirname "$0")/helm.sh"
# shellcheck source=release.sh
. "$(dirname "$0")/release.sh"
cd "$E2E_ROOT"
export CGO_ENABLED=0 E2E_KILL9=$E2E_FOLDER/kill9.sh

gotest() { # says each step as it comes: the suite takes minutes
  go build -o bin/ ./cmd/millrace
  go test -tags e2e -count=1 -timeout 30m -v ./test/e2e -ginkgo.v "$@"
}

if [[ -n ${KUBECONFIG:-} && -n ${E2E_KAFKA:-} ]]; then
  gotest "$@"
  exit
fi

cluster_choose
echo "e2e: images of this tree, a cluster ($CLUSTER), a broker, the operator; then the test (about ten minutes, the first time building included)"
make -s images
release_build
# the suite's checker is a pod of the workers' image
go build -ldflags '-s -w' -o bin/checker ./test/e2e/checker
for tag in e2e e2e-other; do
  bin/image -o "bin/worker-$tag.tar" -name "millrace/worker:$tag" -entrypoint /worker bin/blobs:/blobs bin/worker-full:/worker-full bin/worker:/worker bin/checker:/checker
done
port_forward=
mutants=()
if [[ ${1:-} == mutants ]]; then mapfile -t mutants < <(test/e2e/mutants.sh images); fi
finish() {
  if [[ -n $port_forward ]]; then kill "$port_forward" 2>/dev/null || true; fi
  if [[ -z ${E2E_KEEP:-} ]]; then cluster_down; fi
}
trap finish EXIT
cluster_up
cluster_load bin/operator.tar bin/worker-e2e.tar bin/worker-e2e-other.tar "${mutants[@]}"
if [[ -n $RELEASE_FOLDER ]]; then
  for image in operator worker; do # the loader goes by names
    cp "$RELEASE_FOLDER/$image.tar" "bin/$image-$RELEASE.tar"
    cluster_load "bin/$image-$RELEASE.tar"
  done
  export E2E_RELEASE=$RELEASE
fi
if [[ $CLUSTER == node ]]; then
  test/e2e/node/kafka.sh up
  export E2E_KAFKA=127.0.0.1:${NODE_KAFKA_PORT:-29092} E2E_KAFKA_CRASH="$E2E_FOLDER/node/kafka.sh kill && $E2E_FOLDER/node/kafka.sh up"
  export E2E_NODE_ADD="$E2E_FOLDER/node/add-node.sh 2" E2E_NODE_KILL="$E2E_FOLDER/node/kill-node.sh 2"
else
  go build -o bin/ ./test/e2e/node/probe
  bin/image -o bin/probe.tar -name e2e.local/probe:1 -entrypoint /probe bin/probe:/probe
  cluster_load bin/probe.tar
  kafka_pod
  "${CLUSTER_KUBECTL[@]}" -n kafka port-forward kafka-0 29092:9094 >/dev/null &
  port_forward=$!
  export E2E_KAFKA=127.0.0.1:29092
fi
export E2E_KAFKA_IN_CLUSTER=kafka.kafka.svc:9092 KUBECTL="${CLUSTER_KUBECTL[*]}"
# a lease that a killed leader does not hold for a quarter of a minute, and the image of workers that has the checker in it
export CLUSTER E2E_HELM_VALUES="--set workerImage.tag=e2e,leaderElection.leaseDuration=3s,leaderElection.renewDeadline=2s,leaderElection.retryPeriod=500ms"
read -ra values <<<"$E2E_HELM_VALUES"
helm_operator "${values[@]}"
"${CLUSTER_KUBECTL[@]}" -n millrace-system rollout status deployment/millrace-operator --timeout=120s
if [[ ${#mutants[@]} -gt 0 ]]; then
  test/e2e/mutants.sh run
else
  gotest "$@"
fi
