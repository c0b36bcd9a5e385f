#!/usr/bin/env bash
# mutants.sh images | run: programs with a planted bug, and whether the end-to-end test turns red on each. Called by run.sh, which has the cluster ready.
# The programs are one build with the tag "mutants"; a flag in the image's entrypoint plants the bug. With no flag the same build must pass: what turns
# red is then the bug.
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
cd "$folder/../.."
read -ra kubectl <<<"${KUBECTL:-kubectl}"
logs=${E2E_LOGS:-$(mktemp -d -t millrace-mutants-XXXXXX)}
mkdir -p "$logs"

# name of the bug, program, the scenarios that must see it
mutants=(
  "none          worker    kill||scale"
  "skip-offsets  worker    kill"
  "give-twice    worker    scale"
  "none          operator  delete||versions"
  "ignore-deletion operator delete"
  "begin-empty   operator  versions"
)

images() {
  local mutant bug program scenarios plant
  go build -tags mutants -ldflags '-s -w' -o bin/mutant-worker ./cmd/worker
  go build -tags mutants -ldflags '-s -w' -o bin/mutant-operator ./cmd/operator
  go build -o bin/ ./cmd/millrace
  for mutant in "${mutants[@]}"; do
    read -r bug program scenarios <<<"$mutant"
    plant=(-entrypoint "/$program")
    if [[ $bug != none ]]; then plant+=(-entrypoint "--plant-$bug"); fi
    bin/image -o "bin/mutant-$program-$bug.tar" -name "millrace/$program:mutant-$bug" "${plant[@]}" "bin/mutant-$program:/$program" >/dev/null
    echo "bin/mutant-$program-$bug.tar"
  done
}

deploy() { # IMAGE of the operator
  "${kubectl[@]}" -n millrace-system set image deployment/millrace-operator "operator=$1" >/dev/null
  "${kubectl[@]}" -n millrace-system rollout status deployment/millrace-operator --timeout=60s >/dev/null
}

suite() { # BUG PROGRAM SCENARIOS
  if [[ $2 == worker ]]; then export E2E_RUNTIME_VERSION=mutant-$1; else deploy "millrace/operator:mutant-$1"; fi
  E2E_PATIENCE=40s E2E_LOGS=$logs/$2-$1 go test -tags e2e -count=1 -timeout 15m -v ./test/e2e -ginkgo.v -ginkgo.no-color -ginkgo.label-filter="$3" >"$logs/$2-$1.log" 2>&1
}

run() {
  local mutant bug program scenarios failed=0 status start
  for mutant in "${mutants[@]}"; do
    read -r bug program scenarios <<<"$mutant"
    start=$SECONDS status=0
    suite "$bug" "$program" "$scenarios" || status=$?
    unset E2E_RUNTIME_VERSION
    if [[ $program == operator ]]; then deploy millrace/operator:dev; fi
    printf '%-9s %-16s %-12s %4d s  ' "$program" "$bug" "$scenarios" $((SECONDS - start))
    if ! grep -q '^Ran [1-9]' "$logs/$program-$bug.log"; then
      echo "NOTHING RAN" && failed=1
    elif [[ $bug == none ]]; then
      if [[ $status == 0 ]]; then echo "green, as it must be"; else echo "RED with no bug planted" && failed=1; fi
    elif [[ $status == 0 ]]; then
      echo "GREEN: nobody saw it" && failed=1
    else
      echo "red: $(grep -m1 '^ *\[FAIL\]' "$logs/$program-$bug.log" | sed 's/^ *\[FAIL\] //')"
    fi
  done
  echo "logs: $logs"
  return "$failed"
}

case ${1:-} in
images | run) "$1" ;;
*)
  sed -n '2,4s/^# //p' "$0"
  exit 2 ;;
esac
