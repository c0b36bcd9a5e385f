#!/usr/bin/env bash
# pki.sh: the cluster's authority, certificates and kubeconfigs, by openssl alone. Called by up.sh. They end after a day, the node sooner.
set -euo pipefail
# shellcheck source=node.sh
. "$(dirname "$0")/node.sh"
mkdir -p "$PKI" "$KUBECONFIGS"
chmod 700 "$PKI" "$KUBECONFIGS"
cd "$PKI"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

certificate() { # NAME SUBJECT USAGE [ALTERNATIVE-NAMES]
  key "$1"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 1 -out "$1.crt" \
    -extfile <(printf 'keyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=%s\n%s' "$3" "${4:+subjectAltName=$4}") 2>/dev/null
  rm "$1.csr"
}

kubeconfig() { # NAME SUBJECT
  certificate "$1" "$2" clientAuth
  cat >"$KUBECONFIGS/$1" <<X
apiVersion: v1
kind: Config
clusters: [{name: millrace-node, cluster: {certificate-authority-data: $(base64 -w0 ca.crt),
  server: https://$NODE_IP:6443}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key")}}]
contexts: [{name: millrace-node, context: {cluster: millrace-node, user: $1}}]
current-context: millrace-node
X
}

key ca
openssl req -x509 -new -key ca.key -days 1 -subj /CN=millrace-node-ca -out ca.crt
names=DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local
certificate apiserver /CN=kube-apiserver serverAuth "$names,IP:127.0.0.1,IP:$API_IP,IP:$NODE_IP"
certificate kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
certificate front-proxy-client /CN=front-proxy-client clientAuth
kubeconfig admin /O=system:masters/CN=admin
kubeconfig controller-manager /CN=system:kube-controller-manager
kubeconfig scheduler /CN=system:kube-scheduler
kubeconfig kube-proxy /CN=system:kube-proxy
for ((number = 1; number <= MAX_NODES; number++)); do
  address=10.200.$number.1
  if ((number == 1)); then address=$NODE_IP; fi # beside the control plane
  certificate "node$number-server" "/CN=node$number" serverAuth "DNS:node$number,IP:$address"
  kubeconfig "node$number" "/O=system:nodes/CN=system:node:node$number"
done
openssl genrsa -out service-accounts.key 2048 2>/dev/null
openssl rsa -in service-accounts.key -pubout -out service-accounts.pub 2>/dev/null
