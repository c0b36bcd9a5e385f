#!/usr/bin/env bash
# kill-node.sh NUMBER: node 2 to 4 loses power, at once and without a word. add-node.sh brings it back.
set -euo pipefail
# shellcheck source=node.sh
. "$(dirname "$0")/node.sh"
number=${1:?"usage: kill-node.sh NUMBER"}
"$NODE_SCRIPTS/exec.sh" kill -KILL "$(cat "$NODE_STATE/node$number/pid")"
