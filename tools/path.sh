#!/usr/bin/env bash
# path.sh NAME: prints the path of a built tool; `path.sh envtest` prints the folder for KUBEBUILDER_ASSETS. Builds nothing: build.sh does.
set -euo pipefail
# shellcheck source=layout.sh
. "$(dirname "$0")/layout.sh"
name=${1:?"usage: tools/path.sh NAME"}

need() { # NAME
  [[ -x $(tool_path "$1") ]] || {
    echo "$1 is not built yet: run tools/build.sh $name" >&2
    exit 1
  }
}

case $name in
envtest) # the API server's test environment wants its programs side by side
  folder=$TOOLS_CACHE/envtest-$KUBERNETES_VERSION-$ETCD_VERSION-$(go env GOVERSION)
  mkdir -p "$folder"
  for tool in $(tool_list envtest); do
    need "$tool"
    ln -sfn "$(tool_path "$tool")" "$folder/$tool"
  done
  echo "$folder" ;;
*)
  tool_path "$name" >/dev/null || { echo "no tool is named $name; there are: $TOOL_NAMES envtest" >&2; exit 2; }
  need "$name"
  tool_path "$name" ;;
esac
