#!/usr/bin/env bash
# worker.sh NUMBER: process 1 of a further node's own namespaces, inside the first one's.
set -euo pipefail
# shellcheck source=../node.sh
. "$(dirname "$0")/../node.sh"
# shellcheck source=kubelet.sh
. "$(dirname "$0")/kubelet.sh"
number=$1
node_setup "$number"
await 10 ip link show eth0
ip addr add "10.200.$number.1/24" dev eth0
ip link set eth0 up
ip route add default via "10.200.$number.254"
node_start "10.200.$number.1"
while :; do wait -n 2>/dev/null || sleep 1; done
