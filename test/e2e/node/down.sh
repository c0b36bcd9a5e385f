#!/usr/bin/env bash
# down.sh: ends the node and removes all that it left; fine when nothing runs. Process 1 of the node's pid namespace is killed, and the kernel ends
# the rest: its processes, mounts and links are gone with the namespaces.
set -euo pipefail
# shellcheck source=node.sh
. "$(dirname "$0")/node.sh"

for file in "$NODE_STATE"/*.forward; do
  if [[ -e $file ]]; then stop_forward "$(basename "$file" .forward)"; fi
done
if outer=$(outer_process); then
  inner=$(inner_process) && kill -KILL "$inner"
  gone() { ! kill -0 "$outer"; }
  await 30 gone || { echo "node: process $outer does not end" >&2; exit 1; }
fi
# version 1 of cgroups has a tree a controller, version 2 one
for group in /sys/fs/cgroup"$CGROUP"-node* /sys/fs/cgroup/*"$CGROUP"-node*; do
  if [[ -d $group ]]; then find "$group" -depth -type d -exec rmdir {} +; fi
done
# only a folder that up.sh made: NODE_STATE may name anything
if [[ -f $NODE_STATE/$MARKER ]]; then rm -rf "$NODE_STATE"; fi
