#!/usr/bin/env bash
# up.sh: a real Kubernetes (API server, etcd, scheduler, kubelet, kube-proxy, CoreDNS, containerd, runc) in namespaces of its own, without Docker.
# Needs Linux, root, test/setup.sh and tools/build.sh node. NODES=n starts n nodes. Nothing to do when it is up already.
set -euo pipefail
# shellcheck source=node.sh
. "$(dirname "$0")/node.sh"

if outer_process >/dev/null; then
  echo "node: already up"
  exit 0
fi
[[ $(id -u) == 0 && $(uname -s) == Linux ]] || { echo "node: namespaces and a kubelet need root on Linux" >&2; exit 1; }
"$REPOSITORY/test/setup.sh" --check node
"$NODE_SCRIPTS/down.sh" >/dev/null # what a crash may have left

say() { printf 'node: %3d s  %s\n' "$SECONDS" "$*"; }
finished=
give_up() {
  [[ -z $finished ]] || return 0
  tail -n 5 "$NODE_STATE"/log/*.log "$NODE_STATE"/node*/log/*.log >&2 || true
  if [[ -z ${NODE_KEEP:-} ]]; then "$NODE_SCRIPTS/down.sh"; fi
}
trap give_up EXIT

mkdir -p "$NODE_STATE/log" "$NODE_BIN"
touch "$NODE_STATE/$MARKER"
# shellcheck source=../../../tools/layout.sh
. "$REPOSITORY/tools/layout.sh"
for tool in $(tool_list node); do ln -sfn "$("$REPOSITORY/tools/path.sh" "$tool")" "$NODE_BIN/$tool"; done
echo "node: Kubernetes $KUBERNETES_VERSION, $NODES node(s), in namespaces of its own, state in $NODE_STATE (about half a minute; two the first time, when its own programs are compiled)"
"$NODE_SCRIPTS/pki.sh"
"$NODE_SCRIPTS/images.sh"
say "certificates and images made"

setsid unshare --mount --net --pid --ipc --uts --fork --kill-child --mount-proc "$NODE_SCRIPTS/inside/control-plane.sh" >"$NODE_STATE/log/control-plane.log" 2>&1 </dev/null &
echo $! >"$NODE_STATE/pid"
await 10 outer_process || true # until it has become that program it is a copy of this shell, by its command line
started() { [[ -f $NODE_STATE/started ]] || ! outer_process; }
await 120 started
[[ -f $NODE_STATE/started ]] || { echo "node: the control plane did not start" >&2; exit 1; }
say "processes started"

for ((number = 2; number <= NODES; number++)); do "$NODE_SCRIPTS/add-node.sh" "$number" nowait; done
ready() { (($("$NODE_SCRIPTS/exec.sh" kubectl get nodes --no-headers | grep -cw Ready) >= NODES)); }
await 60 ready || { echo "node: not Ready after a minute" >&2; exit 1; }
say "$NODES node(s) Ready"
"$NODE_SCRIPTS/exec.sh" kubectl apply -f "$NODE_SCRIPTS/manifests" >/dev/null
"$NODE_SCRIPTS/exec.sh" kubectl -n kube-system rollout status deployment/coredns --timeout=120s >/dev/null
say "DNS answers; reach the node by test/e2e/node/exec.sh kubectl ..., end it by test/e2e/node/down.sh"
finished=yes
