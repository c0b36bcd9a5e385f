# Where a built tool lies and what it is built from. Sourced by build.sh and path.sh, so that the two cannot disagree.
# shellcheck shell=bash
TOOLS_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=versions.env
. "$TOOLS_DIR/versions.env"
# Outside the tree: a clean checkout finds what an older one built.
TOOLS_CACHE=${MILLRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/millrace}/tools
KUBE_NAMES="kube-apiserver kubectl kube-controller-manager kube-scheduler kubelet kube-proxy"
TOOL_NAMES="controller-gen gotestsum golangci-lint helm kind etcd coredns $KUBE_NAMES"

# tool_info NAME sets TOOL_MODULE (folder under tools/), TOOL_PACKAGE, TOOL_VERSION, TOOL_PIN (the line that the module's go.mod must hold)
# and TOOL_COST (CPU-seconds of a build with nothing cached, measured on one machine: for the message alone).
# shellcheck disable=SC2034 # read by those who source this file
tool_info() {
  TOOL_MODULE=$1
  case $1 in
  controller-gen)
    TOOL_VERSION=$CONTROLLER_GEN_VERSION TOOL_COST=80
    TOOL_PACKAGE=sigs.k8s.io/controller-tools/cmd/controller-gen TOOL_PIN="sigs.k8s.io/controller-tools $TOOL_VERSION" ;;
  golangci-lint)
    TOOL_VERSION=$GOLANGCI_LINT_VERSION TOOL_COST=130
    TOOL_PACKAGE=github.com/golangci/golangci-lint/v2/cmd/golangci-lint TOOL_PIN="github.com/golangci/golangci-lint/v2 $TOOL_VERSION" ;;
  gotestsum)
    TOOL_VERSION=$GOTESTSUM_VERSION TOOL_COST=15
    TOOL_PACKAGE=gotest.tools/gotestsum TOOL_PIN="gotest.tools/gotestsum $TOOL_VERSION" ;;
  helm)
    TOOL_VERSION=$HELM_VERSION TOOL_COST=230
    TOOL_PACKAGE=helm.sh/helm/v4/cmd/helm TOOL_PIN="helm.sh/helm/v4 $TOOL_VERSION" ;;
  kind)
    TOOL_VERSION=$KIND_VERSION TOOL_COST=30
    TOOL_PACKAGE=sigs.k8s.io/kind TOOL_PIN="sigs.k8s.io/kind $TOOL_VERSION" ;;
  etcd)
    TOOL_VERSION=$ETCD_VERSION TOOL_COST=60
    TOOL_PACKAGE=go.etcd.io/etcd/server/v3 TOOL_PIN="go.etcd.io/etcd/server/v3 $TOOL_VERSION" ;;
  coredns)
    TOOL_VERSION=$COREDNS_VERSION TOOL_COST=220
    TOOL_PACKAGE=github.com/coredns/coredns TOOL_PIN="github.com/coredns/coredns $TOOL_VERSION" ;;
  kube-apiserver | kubectl | kube-controller-manager | kube-scheduler | kubelet | kube-proxy)
    TOOL_MODULE=kube TOOL_VERSION=$KUBERNETES_VERSION TOOL_COST=60 # after the API server, which compiles what they share
    [[ $1 != kube-apiserver ]] || TOOL_COST=350
    TOOL_PACKAGE=k8s.io/kubernetes/cmd/$1 TOOL_PIN="k8s.io/kubernetes $TOOL_VERSION" ;;
  *) return 1 ;;
  esac
}

# tool_path NAME prints where the binary of NAME is or will be.
tool_path() {
  tool_info "$1" || return 1
  echo "$TOOLS_CACHE/$1-$TOOL_VERSION-$(go env GOVERSION)/$1"
}

# tool_list NAME... prints the tools that the names stand for: a name is a tool or a set.
tool_list() {
  local name
  for name in "$@"; do
    case $name in
    kube) echo "$KUBE_NAMES" ;;
    envtest) echo "etcd kube-apiserver kubectl" ;;
    node) echo "etcd $KUBE_NAMES coredns" ;;
    all) echo "${TOOL_NAMES/ kind/}" ;; # kind serves only where Docker answers: whoever needs it names it
    *) tool_info "$name" || return 1; echo "$name" ;;
    esac
  done | tr ' ' '\n' | awk '!seen[$0]++'
}
