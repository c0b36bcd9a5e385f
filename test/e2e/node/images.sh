#!/usr/bin/env bash
# images.sh: builds the node's own programs and images: pause and probe (one static program), CoreDNS. Called by up.sh.
set -euo pipefail
# shellcheck source=node.sh
. "$(dirname "$0")/node.sh"
images=$NODE_STATE/images
mkdir -p "$images"
cd "$REPOSITORY"
CGO_ENABLED=0 go build -ldflags '-s -w' -o "$NODE_BIN/" ./tools/image ./test/e2e/node/probe ./test/e2e/node/provisioner
image() { # NAME ARGUMENTS...
  "$NODE_BIN/image" -o "$images/$1.tar" -name "e2e.local/$1:1" "${@:2}" >/dev/null
}
image pause -entrypoint /probe -entrypoint pause "$NODE_BIN/probe:/probe"
image probe -entrypoint /probe "$NODE_BIN/probe:/probe"
image coredns -user 0:0 -entrypoint /coredns "$NODE_BIN/coredns:/coredns"
