#!/usr/bin/env bash
# mutants.sh: runs chaos on workers with a planted bug, and says whether it turns red on each. The worker is one build with the tag
# "mutants"; a flag plants the bug. With no flag the same build must pass: what turns red is then the bug.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0
logs=${CHAOS_LOGS:-$(mktemp -d -t millrace-mutants-XXXXXX)}
mkdir -p "$logs"

# name of the bug, seconds, rows a second (snapshots come only of much state), and the plan where a drawn one would need luck.
# restore-to-stable is not among them: on one broker the offsets of a commit are visible only milliseconds before the
# changelog's marker is written, and twelve moves of tasks among late markers did not meet them. The simulation, which holds
# back each marker apart, turns red on it.
mutants=(
  "none              45   2000"
  "none              32   2000  rewind-on-unknown.plan"
  "none              48  20000  lost-disks.plan"
  "skip-offsets      30   2000"
  "give-twice        30   2000"
  "rewind-on-unknown 32   2000  rewind-on-unknown.plan"
  "snapshot-ahead    48  20000  lost-disks.plan"
  "shorten-to-end    48  20000  lost-disks.plan"
)

go build -tags mutants -o bin/mutant-worker ./cmd/worker
go build -o bin/ ./test/chaos ./cmd/blobs
failed=0
for mutant in "${mutants[@]}"; do
  read -r bug seconds rate plan <<<"$mutant"
  args=(-quiet -worker bin/mutant-worker -seed 1 -rate "$rate" -patience 45s -for "${seconds}s")
  if [[ $bug != none ]]; then args+=(-worker-args "--plant-$bug" -patience 15s); fi
  if [[ -n $plan ]]; then args+=(-plan "test/chaos/testdata/$plan"); fi
  log=$logs/$bug-${plan:-drawn}.log
  status=0
  bin/chaos "${args[@]}" >"$log" 2>&1 || status=$?
  printf '%-18s %-24s ' "$bug" "${plan:-drawn}"
  verdict=$(grep -m1 '^[0-9]* lost, ' "$log") || { echo "NO VERDICT: $(tail -1 "$log")" && failed=1 && continue; }
  if [[ $bug == none && $status == 0 ]]; then
    echo "green, as it must be"
  elif [[ $bug == none ]]; then
    echo "RED with no bug planted: $verdict" && failed=1
  elif [[ $status == 0 || $verdict == "0 lost, 0 doubled" ]]; then
    echo "GREEN: nobody saw it" && failed=1
  else
    echo "red: $verdict"
    sed -n 's/^logs, the plan .*: \(\/.*\)$/\1/p' "$log" | xargs -r rm -rf
  fi
done
echo "logs: $logs"
exit "$failed"
