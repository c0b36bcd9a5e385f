#!/usr/bin/env bash
# generate.sh: writes go.mod and go.sum for the version in ../versions.env. Run it after a bump; build.sh only reads what it wrote.
# k8s.io/kubernetes cannot be required as it stands: its go.mod replaces its staging modules (k8s.io/api, ...) by folders that exist only in its
# own repository. The same modules are published under v0 versions of the same number, so each of those lines becomes one to the published module.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=../versions.env
. ../versions.env
export GOWORK=off GOFLAGS=-mod=mod
upstream=$(cd "$(mktemp -d)" && go mod download -json "k8s.io/kubernetes@$KUBERNETES_VERSION" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
{
  printf 'module github.com/millrace/millrace/tools/kube\n\ngo %s\n\ntool (\n' "$(sed -n 's/^go \(.*\)/\1/p' "$upstream")"
  printf '\tk8s.io/kubernetes/cmd/%s\n' kube-apiserver kube-controller-manager kube-proxy kube-scheduler kubectl kubelet
  printf ')\n\nrequire k8s.io/kubernetes %s\n\nreplace (\n' "$KUBERNETES_VERSION"
  sed -n 's#^[[:space:]]*\(k8s.io/[a-z0-9-]*\) => ./staging/src/.*#\1#p' "$upstream" | sort -u | while read -r module; do
    printf '\t%s => %s v0.%s\n' "$module" "$module" "${KUBERNETES_VERSION#v1.}"
  done
  printf ')\n'
} >go.mod
: >go.sum
go mod tidy -e
