#!/usr/bin/env bash
# operator.sh tree|release: installs the operator of this tree, or that of the release before it, over the one that is there, on the cluster that run.sh
# has started: it sets CLUSTER, KUBECONFIG and E2E_HELM_VALUES.
set -euo pipefail
# shellcheck source=cluster.sh
. "$(dirname "$0")/cluster.sh"
# shellcheck source=helm.sh
. "$(dirname "$0")/helm.sh"
# shellcheck source=release.sh
. "$(dirname "$0")/release.sh"
cd "$E2E_ROOT"
cluster_client
read -ra values <<<"$E2E_HELM_VALUES"
case $1 in
tree) helm_operator "${values[@]}" ;;
release)
  release_build
  HELM_CHART=$RELEASE_FOLDER/tree/charts/millrace helm_operator "${values[@]}" --set "image.tag=$RELEASE,workerImage.tag=$RELEASE" ;;
*) echo "operator.sh: tree or release, not $1" >&2 && exit 2 ;;
esac
"${CLUSTER_KUBECTL[@]}" -n millrace-system rollout status deployment/millrace-operator --timeout=90s
