#!/usr/bin/env bash
# load-image.sh TAR...: images for the nodes that run and for those that come. Load again after a build: a tag then means the new image.
set -euo pipefail
# shellcheck source=node.sh
. "$(dirname "$0")/node.sh"
inner_process >/dev/null || { echo "the node is not up: run test/e2e/node/up.sh" >&2; exit 1; }
for tar in "$@"; do
  # kept for the nodes that come
  if [[ ! $tar -ef $NODE_STATE/images/$(basename "$tar") ]]; then cp "$tar" "$NODE_STATE/images/"; fi
  for folder in "$NODE_STATE"/node*/; do
    socket=$folder/containerd.sock
    [[ -S $socket ]] || continue
    "$NODE_SCRIPTS/exec.sh" ctr --address "$socket" -n k8s.io images import "$NODE_STATE/images/$(basename "$tar")" >>"$NODE_STATE/log/import.log" 2>&1 || {
      tail -n 3 "$NODE_STATE/log/import.log" >&2
      exit 1
    }
  done
done
