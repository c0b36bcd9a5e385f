#!/usr/bin/env bash
# demo.sh up|down: a cluster with all of it: operator, a broker, the flights example; what its job computes as it comes, and the table of jobs while it
# is scaled 1, 2, 1. The cluster is E2E_CONTEXT, kind, or the project's own node: see test/e2e/cluster.sh. It stays up for looking around.
set -euo pipefail
# shellcheck source=../test/e2e/cluster.sh
. "$(dirname "$0")/../test/e2e/cluster.sh"
# shellcheck source=../test/e2e/helm.sh
. "$(dirname "$0")/../test/e2e/helm.sh"
cd "$E2E_ROOT"
namespace=millrace-demo

k() { "${CLUSTER_KUBECTL[@]}" "$@"; }
say() { printf '\n== %s\n' "$*"; }
# Kafka's own programs, in the broker's pod: nothing but kubectl is needed here.
kafka() { # CLASS ARGUMENTS...
  k -n kafka exec -c kafka -i kafka-0 -- /jre/bin/java -Xmx128m "$1" --bootstrap-server localhost:9092 "${@:2}" 2>/dev/null
}

install() {
  make -s images
  cluster_up
  cluster_load bin/operator.tar bin/worker.tar
  say "a Kafka broker in namespace kafka"
  kafka_pod
  say "the operator in namespace millrace-system"
  helm_operator
  # an image of the same tag may be another by now
  k -n millrace-system delete pod -l app.kubernetes.io/name=millrace-operator --wait=false >/dev/null
  k -n millrace-system rollout status deployment/millrace-operator --timeout=120s
}

run_job() {
  say "the flights example: a connection, two topics, a job"
  k create namespace "$namespace" --dry-run=client -o yaml | k apply -f - >/dev/null
  k label namespace "$namespace" --overwrite pod-security.kubernetes.io/enforce=restricted >/dev/null
  # the example's connection names a broker in its own namespace
  sed 's/"kafka:9092"/"kafka.kafka.svc:9092"/' examples/flights/kafka.yaml | k -n "$namespace" apply -f -
  k -n "$namespace" apply -f examples/flights/topics.yaml -f examples/flights/job.yaml
  k -n "$namespace" wait streamjob/delays --for=condition=Ready --timeout=180s || {
    k -n "$namespace" describe streamjob/delays | tail -n 30
    k -n "$namespace" get pods
    k -n "$namespace" logs -l millrace.dev/job=delays --prefix --tail=5 || true
    return 1
  }
}

# feed sends the two weeks in forty parts, one a second.
feed() {
  gzip -dc examples/flights/flights.jsonl.gz | awk '{ print } NR % 280 == 0 { fflush(); system("sleep 1") }' | kafka org.apache.kafka.tools.ConsoleProducer --topic flights >/dev/null
}

# results shows one of twenty windows as they are committed.
results() {
  kafka org.apache.kafka.tools.consumer.ConsoleConsumer --topic delays_by_carrier --from-beginning --isolation-level read_committed | awk 'NR % 20 == 1 { print "  result  " $0; fflush() }'
}

scale() { # REPLICAS
  k -n "$namespace" scale streamjob/delays --replicas="$1"
  for _ in 1 2 3 4 5 6; do
    k -n "$namespace" get streamjobs
    sleep 2
  done
}

show() {
  local feeding reading
  say "two weeks of departures in forty seconds; every twentieth result as it is committed"
  results &
  reading=$!
  feed &
  feeding=$!
  # shellcheck disable=SC2064 # these very processes
  trap "kill $reading $feeding 2>/dev/null || true" EXIT
  sleep 8
  scale 2
  scale 1
  wait "$feeding" || true
  sleep 3
  kill "$reading" 2>/dev/null || true
  wait "$reading" 2>/dev/null || true
  trap - EXIT
}

# refuse shows what becomes of a query that can't work: the API server does not take it, and the job that runs never hears of it.
refuse() {
  say "a query with a mistake in it is refused before it is stored"
  if sed 's/AVG(dep_delay)/AVG(dep_dealy)/' examples/flights/job.yaml | k -n "$namespace" apply -f -; then
    echo "demo: a column that is not there was taken: the webhook does not answer yet" >&2
    return 1
  fi
  k -n "$namespace" get streamjobs
}

up() {
  cluster_choose
  echo "demo: builds the images of operator, worker and Kafka and a cluster ($CLUSTER) with all of it: about two minutes, about fifteen the first time on two cores, when the cluster's own programs are compiled"
  install
  run_job
  show
  refuse
  say "the cluster stays up. Look around with:"
  echo "  ${CLUSTER_KUBECTL[*]} -n $namespace get streamjobs,streamtopics,pods"
  echo "  ${CLUSTER_KUBECTL[*]} -n $namespace describe streamjob delays"
  echo "  ${CLUSTER_KUBECTL[*]} -n millrace-system logs deployment/millrace-operator"
  echo "and remove it with: make demo-down"
}

down() {
  cluster_choose
  if [[ $CLUSTER == given ]]; then
    cluster_client
    k delete namespace "$namespace" --ignore-not-found # the operator, still there, cleans up after the job
    k delete -k config/crd --ignore-not-found # jobs go with them, while the operator is there
    helm_operator_away
    k delete namespace kafka --ignore-not-found
    return
  fi
  cluster_down
}

case ${1:-} in
up | down) "$1" ;;
*)
  echo "usage: examples/demo.sh up|down" >&2
  exit 2 ;;
esac
