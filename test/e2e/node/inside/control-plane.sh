#!/usr/bin/env bash
# Process 1 of the node's namespaces, started by up.sh: control plane and node 1. When it dies, everything here dies with it.
set -euo pipefail
# shellcheck source=../node.sh
. "$(dirname "$0")/../node.sh"
# shellcheck source=kubelet.sh
. "$(dirname "$0")/kubelet.sh"
node_setup 1

# A veth pair with both ends here carries the node's address: a kernel may have no "dummy" device.
ip link add eth0 type veth peer name eth0-peer
ip addr add "$NODE_IP/24" dev eth0
ip link set eth0 up
ip link set eth0-peer up
ip route add default dev eth0

mkdir -p "$NODE_STATE/etcd"
run etcd "$NODE_BIN/etcd" --name node1 --data-dir "$NODE_STATE/etcd" --unsafe-no-fsync --log-level warn \
  --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380
run kube-apiserver "$NODE_BIN/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 --advertise-address="$NODE_IP" \
  --service-cluster-ip-range="$SERVICE_CIDR" --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged \
  --client-ca-file="$PKI/ca.crt" --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" \
  --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$PKI/service-accounts.pub" \
  --service-account-signing-key-file="$PKI/service-accounts.key" \
  --kubelet-client-certificate="$PKI/kubelet-client.crt" --kubelet-client-key="$PKI/kubelet-client.key" \
  --kubelet-certificate-authority="$PKI/ca.crt" --kubelet-preferred-address-types=InternalIP \
  --requestheader-client-ca-file="$PKI/ca.crt" --requestheader-allowed-names=front-proxy-client \
  --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
  --proxy-client-cert-file="$PKI/front-proxy-client.crt" --proxy-client-key-file="$PKI/front-proxy-client.key" --v=1
await 90 curl -sf --cacert "$PKI/ca.crt" --cert "$PKI/admin.crt" --key "$PKI/admin.key" https://127.0.0.1:6443/readyz

as() { # NAME of a kubeconfig: the flags of a component that uses it
  echo "--kubeconfig=$KUBECONFIGS/$1 --authentication-kubeconfig=$KUBECONFIGS/$1 --authorization-kubeconfig=$KUBECONFIGS/$1 --leader-elect=false --v=1"
}
# shellcheck disable=SC2046 # several flags
run controller-manager "$NODE_BIN/kube-controller-manager" $(as controller-manager) --use-service-account-credentials \
  --service-account-private-key-file="$PKI/service-accounts.key" --root-ca-file="$PKI/ca.crt" \
  --cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key" --node-monitor-period=1s --node-monitor-grace-period=8s
# shellcheck disable=SC2046
run scheduler "$NODE_BIN/kube-scheduler" $(as scheduler)
node_start "$NODE_IP"
KUBECONFIG=$KUBECONFIGS/admin run provisioner "$NODE_BIN/provisioner" -root "$NODE_STATE/volumes"

# Orders for more nodes come through a fifo, so that their namespaces lie inside these.
rm -f "$NODE_STATE/control"
mkfifo "$NODE_STATE/control"
touch "$NODE_STATE/started"
while :; do
  if read -r order number <>"$NODE_STATE/control" && [[ $order == add ]]; then
    "$NODE_SCRIPTS/inside/worker-up.sh" "$number" >"$NODE_STATE/log/add-node$number.log" 2>&1 || true
  fi
done
