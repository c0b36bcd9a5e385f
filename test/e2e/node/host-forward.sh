#!/usr/bin/env bash
# host-forward.sh: the API server on the host's loopback, for tests and programs that run outside; prints the line that sets KUBECONFIG:
# eval "$(test/e2e/node/host-forward.sh)"
set -euo pipefail
# shellcheck source=node.sh
. "$(dirname "$0")/node.sh"
inner_process >/dev/null || { echo "the node is not up: run test/e2e/node/up.sh" >&2; exit 1; }
forward api "$NODE_API_PORT" 6443
sed "s#https://$NODE_IP:6443#https://127.0.0.1:$NODE_API_PORT#" "$KUBECONFIGS/admin" >"$KUBECONFIGS/admin-host"
echo "export KUBECONFIG=$KUBECONFIGS/admin-host"
