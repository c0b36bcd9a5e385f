#!/usr/bin/env bash
# exec.sh COMMAND...: runs it in the node's namespaces (network, mounts, processes) as the cluster's administrator, kubectl and the like in PATH.
# exec.sh kubectl get pods -A
set -euo pipefail
# shellcheck source=node.sh
. "$(dirname "$0")/node.sh"
inner=$(inner_process) || { echo "the node is not up: run test/e2e/node/up.sh" >&2; exit 1; }
export KUBECONFIG=$KUBECONFIGS/admin PATH=$NODE_BIN:$PATH
# not `ip netns exec`: it mounts /sys anew and hides the cgroups
exec nsenter -t "$inner" --net --mount --pid --wd="$PWD" "$@"
