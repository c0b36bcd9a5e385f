#!/usr/bin/env bash
# add-node.sh NUMBER [nowait]: one more node, 2 to 4, in namespaces inside the first one's.
set -euo pipefail
# shellcheck source=node.sh
. "$(dirname "$0")/node.sh"
number=${1:?"usage: add-node.sh NUMBER [nowait]"}
((number >= 2 && number <= MAX_NODES)) || { echo "a node's number is 2 to $MAX_NODES" >&2; exit 2; }
await 10 test -p "$NODE_STATE/control" || { echo "the node is not up: run test/e2e/node/up.sh" >&2; exit 1; }
echo "add $number" >"$NODE_STATE/control"
[[ -z ${2:-} ]] || exit 0
ready() { "$NODE_SCRIPTS/exec.sh" kubectl get node "node$number" --no-headers | grep -qw Ready; }
await 60 ready || { echo "node$number is not Ready after a minute; its logs are in $NODE_STATE/node$number" >&2; exit 1; }
