#!/usr/bin/env bash
# run.sh all|unit|lint|envtest|integration|oracle|bench|e2e ...: runs test suites, each as the machine allows, and says at the end what
# each cost in CPU-seconds and what did not run. With CI=true a suite that can't run is an error.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# the same flags everywhere, or packages are compiled twice
export CGO_ENABLED=0
budgets=docs/decisions/0003-ci-budget.md
results=() not_run=() failed=0
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

say() { printf '\n== %s\n' "$*"; }

# cpu FILE prints the CPU-seconds of the children that had ended when the output of times was put there (times must run in
# this very shell: in a pipe it speaks of another).
cpu() { awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); s += t[1] * 60 + t[2] } print int(s) }' "$1"; }

budget() { awk -F'|' -v suite="$1" '{ gsub(/ /, "", $2) } $2 == suite { print int($3) }' "$budgets"; }

# suite NAME COMMAND...: runs it and keeps what it cost
suite() {
  local name=$1 before after start status=0 used limit verdict=passed
  shift
  say "$name: $*"
  times >"$logs/before"
  before=$(cpu "$logs/before") start=$SECONDS
  "$@" || status=$?
  times >"$logs/after"
  after=$(cpu "$logs/after")
  used=$((after - before)) limit=$(budget "$name")
  if [[ $status != 0 ]]; then
    verdict=FAILED failed=1
  elif [[ $used -gt $((2 * limit)) ]]; then
    verdict="OVER TWICE ITS BUDGET" failed=1
  fi
  results+=("$(printf '%-12s %6d CPU-s of %5d  %5d s  %s' "$name" "$used" "$limit" $((SECONDS - start)) "$verdict")")
}

# cannot NAME REASON: a suite that this machine can't run
cannot() {
  not_run+=("$1: $2; run it with: test/run.sh $1")
  if [[ ${CI:-} == true ]]; then failed=1; fi
}

gotest() { "$(tools/path.sh gotestsum)" --format pkgname --format-hide-empty-pkg -- -timeout 20m "$@"; }
is_root_debian() { [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; }
have() { test/setup.sh --check "$@" 2>/dev/null; }

# The second run shows that simulations can go red: it plants bugs, which only a build with the tag mutants holds.
unit() { gotest -tags invariants ./... && gotest -tags invariants,mutants -run Planted ./test/sim ./runtime/task; }

lint() { "$(tools/path.sh golangci-lint)" run ./... && generated; }

# generated files are what the generators make; compared in a copy, so that a run changes nothing
generated() {
  local copy
  copy=$(mktemp -d)
  cp -r . "$copy/tree" && (cd "$copy/tree" && make -s generate >/dev/null) || return 1
  diff -r -q -x .git -x bin . "$copy/tree" || {
    echo "generated files are out of date: run make generate"
    rm -rf "$copy"
    return 1
  }
  rm -rf "$copy"
}

# Where Kafka can run, some of it goes on with real workers on a real broker.
envtest() {
  KUBEBUILDER_ASSETS=$(tools/path.sh envtest) gotest -tags envtest -count=1 ./test/envtest/... || return
  ! have kafka || KUBEBUILDER_ASSETS=$(tools/path.sh envtest) gotest -tags envtest,integration -count=1 -run ForReal ./test/envtest
}
# The minute of chaos has every kind of fault in it; make chaos has more of each.
integration() {
  gotest -tags integration,invariants -count=1 -p 1 ./test/kafka/... ./test/integration/... ./bench/load && make -s chaos SECONDS=60 RATE=2000 SEED=3
}
oracle() { test/oracle/run.sh; }
bench() { make -s bench-smoke; }
e2e() { test/e2e/run.sh; }

build_tools() { nice -n 19 tools/build.sh "$@" >"$logs/tools" 2>&1; }

main() {
  local wanted=("$@") all="unit lint integration oracle bench envtest e2e" name
  [[ $# -gt 0 && $1 != all ]] || read -ra wanted <<<"$all"
  for name in "${wanted[@]}"; do
    [[ " $all " == *" $name "* ]] || { echo "usage: test/run.sh all|${all// /|} ..." >&2; exit 2; }
  done
  echo "millrace tests: ${wanted[*]}"
  echo "This builds tools (linter, Kubernetes, etcd, Helm) once into ${MILLRACE_CACHE:-${XDG_CACHE_HOME:-~/.cache}/millrace}, and as root on Debian installs what"
  echo "test/setup.sh lists (a JVM for Kafka, containerd and runc for the node). With nothing cached: about 40 minutes on two cores."
  if is_root_debian; then suite_setup; fi
  tools/build.sh gotestsum || exit 1
  local needed=(controller-gen golangci-lint)
  [[ " ${wanted[*]} " != *" envtest "* ]] || needed+=(envtest helm)
  [[ " ${wanted[*]} " != *" e2e "* ]] || needed+=(node helm)
  build_tools "${needed[@]}" &
  local tools_pid=$! tools_ready=0
  for name in "${wanted[@]}"; do
    if [[ $name == lint || $name == envtest || $name == e2e ]] && [[ $tools_ready == 0 ]]; then
      suite tools wait "$tools_pid"
      cat "$logs/tools"
      tools_ready=1
    fi
    run_suite "$name"
  done
  wait
  summary
}

suite_setup() { test/setup.sh || exit 1; }

run_suite() {
  case $1 in
  bench) have kafka || { cannot "$1" "Java, Maven or another program of test/setup.sh is missing"; return; } ;;
  integration) { have kafka && have stores; } || { cannot "$1" "Java, Maven, Redis, PostgreSQL or another program of test/setup.sh is missing"; return; } ;;
  e2e) { is_root_debian || [[ -n ${KUBECONFIG:-} ]]; } && have || { cannot e2e "it needs root on Debian for a node of its own, or KUBECONFIG and E2E_KAFKA"; return; } ;;
  esac
  suite "$1" "$1"
}

summary() {
  say summary
  local line
  for line in "${results[@]}"; do echo "$line"; done
  for line in "${not_run[@]}"; do echo "DID NOT RUN  $line"; done
  local passed=0
  for line in "${results[@]}"; do
    if [[ $line == *" passed" ]]; then passed=$((passed + 1)); fi
  done
  echo "suites: $passed passed, $((${#results[@]} - passed)) failed, ${#not_run[@]} skipped"
  [[ $failed == 0 ]] || exit 1
}

main "$@"
