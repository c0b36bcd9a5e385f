# One node's mounts, cgroups, configuration and processes. Sourced by control-plane.sh (node 1) and worker.sh (the others), inside their namespaces.
# shellcheck shell=bash

# run NAME COMMAND...: in the background, its log in the node's folder.
run() {
  local name=$1
  shift
  "$@" >"$NODE_FOLDER/log/$name.log" 2>&1 &
}

cgroups() {
  local controller
  if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then # version 2
    mkdir -p "/sys/fs/cgroup$NODE_CGROUP"
    for controller in cpuset cpu io memory pids; do echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control || true; done
    return
  fi
  for controller in cpu cpuacct cpuset memory devices freezer blkio pids systemd; do mkdir -p "/sys/fs/cgroup/$controller$NODE_CGROUP"; done
  # a new cpuset is empty, and no process may enter it before it has these
  cp /sys/fs/cgroup/cpuset/cpuset.cpus "/sys/fs/cgroup/cpuset$NODE_CGROUP/cpuset.cpus"
  cp /sys/fs/cgroup/cpuset/cpuset.mems "/sys/fs/cgroup/cpuset$NODE_CGROUP/cpuset.mems"
}

# node_setup NUMBER: sets NODE_NUMBER, NODE_NAME, NODE_FOLDER, NODE_CGROUP and prepares what a kubelet expects of a machine.
node_setup() {
  NODE_NUMBER=$1 NODE_NAME=node$1 NODE_FOLDER=$NODE_STATE/node$1 NODE_CGROUP=$CGROUP-node$1
  mkdir -p "$NODE_FOLDER"/{log,conf,cni,containerd,kubelet,podlogs} "$NODE_STATE/volumes" /var/log/containers
  hostname "$NODE_NAME"
  mount --make-rshared /
  mount -t tmpfs tmpfs /run
  mkdir -p /run/lock /run/netns
  mount -t tmpfs tmpfs /var/log/containers
  ip link set lo up
  echo 1 >/proc/sys/net/ipv4/ip_forward
  echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
  cgroups
}

containerd_configuration() {
  cat <<X
version = 2
root = "$NODE_FOLDER/containerd/root"
state = "/run/millrace-containerd"
oom_score = 0
[grpc]
  address = "$NODE_FOLDER/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$NODE_FOLDER/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "e2e.local/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "default"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.default]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.default.options]
        BinaryName = "$(command -v runc)"
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$NODE_FOLDER/cni"
X
}

kubelet_configuration() {
  cat <<X
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $PKI/$NODE_NAME-server.crt
tlsPrivateKeyFile: $PKI/$NODE_NAME-server.key
containerRuntimeEndpoint: unix://$NODE_FOLDER/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: $NODE_CGROUP
failCgroupV1: false
failSwapOn: false
featureGates: {KubeletInUserNamespace: true} # sysctls and the kernel's log that a container cannot touch are left alone
clusterDNS: [$DNS_IP]
clusterDomain: cluster.local
resolvConf: $NODE_FOLDER/conf/resolv.conf
podLogsDir: $NODE_FOLDER/podlogs
oomScoreAdj: 0
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
imageGCHighThresholdPercent: 100 # images cannot be pulled again
imageGCLowThresholdPercent: 99
imageMaximumGCAge: 0s
nodeStatusUpdateFrequency: 2s # a lost node is noticed in seconds
nodeLeaseDurationSeconds: 8
syncFrequency: 10s
X
}

proxy_configuration() { # ADDRESS
  cat <<X
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $KUBECONFIGS/kube-proxy}
clusterCIDR: $POD_CIDR
mode: iptables
hostnameOverride: $NODE_NAME
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s} # the machine's own limits stay
nodePortAddresses: [$1/32, 127.0.0.0/8]
X
}

network_configuration() {
  cat <<X
{"cniVersion": "0.4.0", "name": "node", "plugins": [
 {"type": "ptp", "ipMasq": false, "ipam": {"type": "host-local", "dataDir": "$NODE_FOLDER/cni-ipam",
  "ranges": [[{"subnet": "10.244.$((NODE_NUMBER - 1)).0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
 {"type": "portmap", "capabilities": {"portMappings": true}}]}
X
}

# node_start ADDRESS: containerd with the images, kubelet and kube-proxy.
node_start() {
  local conf=$NODE_FOLDER/conf socket=$NODE_FOLDER/containerd.sock tar
  network_configuration >"$NODE_FOLDER/cni/10-ptp.conflist"
  containerd_configuration >"$conf/containerd.toml"
  kubelet_configuration >"$conf/kubelet.yaml"
  proxy_configuration "$1" >"$conf/kube-proxy.yaml"
  : >"$conf/resolv.conf"
  rm -f "$socket"
  run containerd containerd -c "$conf/containerd.toml"
  await 30 ctr --address "$socket" version
  for tar in "$NODE_STATE"/images/*.tar; do ctr --address "$socket" -n k8s.io images import "$tar" >>"$NODE_FOLDER/log/import.log" 2>&1; done
  run kubelet "$NODE_BIN/kubelet" --kubeconfig="$KUBECONFIGS/$NODE_NAME" --config="$conf/kubelet.yaml" --root-dir="$NODE_FOLDER/kubelet" \
    --hostname-override="$NODE_NAME" --node-ip="$1" --cert-dir="$NODE_FOLDER/kubelet/pki" --v=2
  run kube-proxy "$NODE_BIN/kube-proxy" --config="$conf/kube-proxy.yaml" --v=1
}
