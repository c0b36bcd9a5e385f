# Sourced beside cluster.sh: the operator comes to the e2e test and to the demo as it comes to users, by Helm.
# shellcheck shell=bash

# helm_here ARGUMENTS...: Helm on the cluster that cluster_client has chosen, and the operator's namespace.
helm_here() {
  local helm=()
  "$E2E_ROOT/tools/build.sh" helm
  case $CLUSTER in
  given) helm=(--kube-context "$E2E_CONTEXT") ;;
  kind) helm=(--kubeconfig "$E2E_ROOT/bin/kind.kubeconfig") ;;
  node) helm=(--kubeconfig "$KUBECONFIG") ;;
  esac
  "$("$E2E_ROOT/tools/path.sh" helm)" --namespace millrace-system "${helm[@]}" "$@"
}

# helm_operator ARGUMENTS...: installs or upgrades the operator with the images of this tree, by its chart or the one in HELM_CHART.
helm_operator() {
  "${CLUSTER_KUBECTL[@]}" create namespace millrace-system --dry-run=client -o yaml | "${CLUSTER_KUBECTL[@]}" apply -f - >/dev/null
  "${CLUSTER_KUBECTL[@]}" label namespace millrace-system --overwrite pod-security.kubernetes.io/enforce=restricted >/dev/null
  helm_here upgrade --install millrace "${HELM_CHART:-$E2E_ROOT/charts/millrace}" --set image.tag=dev,workerImage.tag=dev "$@" >/dev/null
}

# helm_operator_away uninstalls the operator; the CRDs stay.
helm_operator_away() { helm_here uninstall millrace --ignore-not-found; }
