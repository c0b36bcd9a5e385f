#!/usr/bin/env bash
# worker-up.sh NUMBER: inside the first node's namespaces, makes another node: namespaces, a link between them, a route.
set -euo pipefail
# shellcheck source=../node.sh
. "$(dirname "$0")/../node.sh"
number=$1
folder=$NODE_STATE/node$number
mkdir -p "$folder"
setsid unshare --mount --net --pid --ipc --uts --fork --kill-child --mount-proc "$NODE_SCRIPTS/inside/worker.sh" "$number" >"$folder/node.log" 2>&1 </dev/null &
outer=$!
echo "$outer" >"$folder/pid"
await 5 first_child "$outer"
ip link del "veth$number" 2>/dev/null || true # of this node's earlier life
ip link add "veth$number" type veth peer name eth0 netns "$(first_child "$outer")"
ip addr add "10.200.$number.254/24" dev "veth$number"
ip link set "veth$number" up
ip route replace "10.244.$((number - 1)).0/24" via "10.200.$number.1"
