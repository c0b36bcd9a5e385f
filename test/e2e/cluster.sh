# One cluster for the e2e test and the demo, whichever this machine can have. Sourced; the caller calls cluster_choose first.
#   given   the context that E2E_CONTEXT names: images get there by E2E_LOAD TAR (kind's own loader for a context of kind)
#   kind    where Docker answers
#   node    test/e2e/node, else: root on Linux
# shellcheck shell=bash disable=SC2034 # what it sets is read by those who source this file
E2E_FOLDER=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
E2E_ROOT=$(cd "$E2E_FOLDER/../.." && pwd)
KIND_CLUSTER=${KIND_CLUSTER:-millrace}
KAFKA_IMAGE_TAR=${MILLRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/millrace}/kafka-image.tar

# cluster_choose sets CLUSTER, or says why there can be none.
cluster_choose() {
  if [[ -n ${E2E_CONTEXT:-} ]]; then
    CLUSTER=given
    [[ $E2E_CONTEXT == kind-* || -n ${E2E_LOAD:-} ]] || {
      echo "E2E_CONTEXT=$E2E_CONTEXT is not a kind cluster: say in E2E_LOAD which command loads an image tar into it, for example E2E_LOAD='minikube image load'" >&2
      return 1
    }
  elif docker info >/dev/null 2>&1; then
    CLUSTER=kind
  elif [[ $(id -u) == 0 && $(uname -s) == Linux ]]; then
    CLUSTER=node
  else
    echo "no cluster can be had here: start Docker, or be root on Linux, or name a context in E2E_CONTEXT" >&2
    return 1
  fi
}

# kind_tool prints the program, the machine's own or ours.
kind_tool() { command -v kind || { "$E2E_ROOT/tools/build.sh" kind >&2 && "$E2E_ROOT/tools/path.sh" kind; }; }

# cluster_up starts the cluster unless it runs, and sets KUBECONFIG and CLUSTER_KUBECTL (how to call kubectl).
cluster_up() {
  local kind
  case $CLUSTER in
  given) ;;
  kind)
    kind=$(kind_tool)
    KUBECONFIG=$E2E_ROOT/bin/kind.kubeconfig # not the user's own
    mkdir -p "$E2E_ROOT/bin"
    if "$kind" get clusters 2>/dev/null | grep -qx "$KIND_CLUSTER"; then
      "$kind" export kubeconfig --name "$KIND_CLUSTER" --kubeconfig "$KUBECONFIG"
    else
      "$kind" create cluster --name "$KIND_CLUSTER" --config "$E2E_FOLDER/kind.yaml" --kubeconfig "$KUBECONFIG" --wait 120s
    fi
    export KUBECONFIG ;;
  node)
    "$E2E_ROOT/test/setup.sh"
    "$E2E_ROOT/tools/build.sh" node
    "$E2E_FOLDER/node/up.sh"
    eval "$("$E2E_FOLDER/node/host-forward.sh")" ;;
  esac
  cluster_client
}

# cluster_client sets CLUSTER_KUBECTL for a cluster that runs.
cluster_client() {
  local kubectl
  kubectl=$(command -v kubectl) || { "$E2E_ROOT/tools/build.sh" kubectl && kubectl=$("$E2E_ROOT/tools/path.sh" kubectl); }
  CLUSTER_KUBECTL=("$kubectl")
  case $CLUSTER in
  given) CLUSTER_KUBECTL+=(--context "$E2E_CONTEXT") ;;
  kind) CLUSTER_KUBECTL+=(--kubeconfig "$E2E_ROOT/bin/kind.kubeconfig") ;;
  node) eval "$("$E2E_FOLDER/node/host-forward.sh")" && CLUSTER_KUBECTL+=(--kubeconfig "$KUBECONFIG") ;;
  esac
}

# cluster_load TAR...: images into every node.
cluster_load() {
  local kind tar loader
  case $CLUSTER in
  given)
    read -ra loader <<<"${E2E_LOAD:-$(kind_tool) load image-archive --name ${E2E_CONTEXT#kind-}}"
    for tar in "$@"; do "${loader[@]}" "$tar"; done ;;
  kind)
    kind=$(kind_tool)
    for tar in "$@"; do "$kind" load image-archive "$tar" --name "$KIND_CLUSTER"; done ;;
  node) "$E2E_FOLDER/node/load-image.sh" "$@" ;;
  esac
}

# cluster_down removes what cluster_up started; a given cluster is left alone.
cluster_down() {
  case $CLUSTER in
  kind) "$(kind_tool)" delete cluster --name "$KIND_CLUSTER" && rm -f "$E2E_ROOT/bin/kind.kubeconfig" ;;
  node) "$E2E_FOLDER/node/down.sh" ;;
  esac
}

# kafka_pod starts the broker of examples/kafka and waits until it serves.
kafka_pod() {
  "$E2E_ROOT/test/kafka/image.sh" "$KAFKA_IMAGE_TAR"
  cluster_load "$KAFKA_IMAGE_TAR"
  "${CLUSTER_KUBECTL[@]}" apply -f "$E2E_ROOT/examples/kafka/kafka.yaml" >/dev/null
  "${CLUSTER_KUBECTL[@]}" -n kafka rollout status statefulset/kafka --timeout=180s >/dev/null
}
