#!/usr/bin/env bash
# build.sh NAME...: builds tools once, into a cache outside the tree; says nothing when they are there.
# NAME is a tool or a set (kube, envtest, node, all); see layout.sh. Safe to run twice at once: one builds, the other waits.
# Environment: MILLRACE_CACHE (where), TOOLS_NICE (priority, 10), TOOLS_JOBS (compilers at once, as many as Go likes).
set -euo pipefail
# shellcheck source=layout.sh
. "$(dirname "$0")/layout.sh"

usage() {
  echo "usage: tools/build.sh NAME...   tools: $TOOL_NAMES   sets: kube envtest node all" >&2
  exit 2
}

# The same flags for every tool, whatever the caller's environment: compiled packages are shared between the tools only if the flags are equal.
export CGO_ENABLED=0 GOWORK=off GOFLAGS="-mod=readonly -buildvcs=false -trimpath"

ldflags() { # NAME
  local flags="-s -w" minor=${KUBERNETES_VERSION#v1.} package
  if [[ $TOOL_MODULE == kube ]]; then # the servers refuse to work with an unknown version of their own
    for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
      flags+=" -X $package.gitVersion=$KUBERNETES_VERSION -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
      flags+=" -X $package.gitTreeState=archive -X $package.gitCommit=unknown -X $package.buildDate=2026-01-01T00:00:00Z"
    done
  fi
  echo "$flags"
}

build() { # NAME
  local name=$1 target tmp start
  target=$(tool_path "$name")
  tool_info "$name"
  mkdir -p "$TOOLS_CACHE"
  exec 9>"$TOOLS_CACHE/.lock-$name"
  if command -v flock >/dev/null; then flock 9; fi # without it two builds do the work twice, and the rename below still keeps the result whole
  [[ -x $target ]] && return
  grep -qF "$TOOL_PIN" "$TOOLS_DIR/$TOOL_MODULE/go.mod" || {
    echo "tools/$TOOL_MODULE/go.mod does not hold \"$TOOL_PIN\", which tools/versions.env asks for: run go get in tools/$TOOL_MODULE, or correct the version" >&2
    exit 1
  }
  echo "tools: building $name $TOOL_VERSION (about $TOOL_COST CPU-seconds when nothing is cached), once, into ${target%/*}"
  start=$(date +%s)
  tmp=$(mktemp -d "$TOOLS_CACHE/.building-$name-XXXXXX")
  # shellcheck disable=SC2064 # the folder of this very build
  trap "rm -rf '$tmp'" EXIT
  (cd "$TOOLS_DIR/$TOOL_MODULE" && nice -n "${TOOLS_NICE:-10}" go build ${TOOLS_JOBS:+-p "$TOOLS_JOBS"} -ldflags "$(ldflags)" -o "$tmp/$name" "$TOOL_PACKAGE")
  rm -rf "${target%/*}"
  chmod 755 "$tmp"
  mv -T "$tmp" "${target%/*}" 2>/dev/null || mv "$tmp" "${target%/*}"
  trap - EXIT
  echo "tools: $name done in $(($(date +%s) - start)) s"
}

[[ $# -gt 0 ]] || usage
names=$(tool_list "$@") || usage
for name in $names; do
  (build "$name")
done
