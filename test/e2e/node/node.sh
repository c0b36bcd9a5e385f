# What every script of this folder shares: settings, and how to find the running node. Sourced.
# shellcheck shell=bash disable=SC2034 # the settings are read by those who source this file
NODE_SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPOSITORY=$(cd "$NODE_SCRIPTS/../../.." && pwd)

# All state of the node, removed by down.sh. Another folder is another node: two may run at once if their ports on the host differ.
export NODE_STATE=${NODE_STATE:-${TMPDIR:-/tmp}/millrace-node}
export NODES=${NODES:-1} # how many up.sh starts
# Ports on the host's loopback.
export NODE_API_PORT=${NODE_API_PORT:-16443} NODE_KAFKA_PORT=${NODE_KAFKA_PORT:-29092}
# Addresses inside the node's own network namespace: nobody else sees them.
NODE_IP=10.200.0.1 POD_CIDR=10.244.0.0/16 SERVICE_CIDR=10.96.0.0/16 API_IP=10.96.0.1 DNS_IP=10.96.0.10
CGROUP=/millrace-$(cksum <<<"$NODE_STATE" | cut -d' ' -f1)
NODE_BIN=$NODE_STATE/bin PKI=$NODE_STATE/pki KUBECONFIGS=$NODE_STATE/kubeconfig
MAX_NODES=4 MARKER=.millrace-node

# running FILE WORD: prints the process id that FILE holds if that process runs and has WORD in its command line: ids are used again.
running() {
  local id
  id=$(cat "$1" 2>/dev/null) && [[ -n $id ]] && tr '\0' ' ' <"/proc/$id/cmdline" 2>/dev/null | grep -qF -- "$2" && echo "$id"
}

# first_child PID prints its first child.
first_child() { tr ' ' '\n' <"/proc/$1/task/$1/children" 2>/dev/null | grep -m1 .; }

# outer_process prints the process that made the node's namespaces; inner_process the first one inside, by the host's numbers.
outer_process() { running "$NODE_STATE/pid" inside/control-plane.sh; }
inner_process() {
  local outer
  outer=$(outer_process) && first_child "$outer"
}

# await SECONDS COMMAND...: until the command succeeds.
await() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}

# forward NAME HOST_PORT NODE_PORT: the node's loopback port on the host's loopback. Ends with stop_forward, which down.sh calls for all.
forward() {
  local inner
  inner=$(inner_process)
  running "$NODE_STATE/$1.forward" "TCP-LISTEN:$2" >/dev/null && return
  setsid socat "TCP-LISTEN:$2,bind=127.0.0.1,fork,reuseaddr" "EXEC:nsenter -t $inner --net socat - TCP\:127.0.0.1\:$3" \
    >"$NODE_STATE/log/$1.forward.log" 2>&1 </dev/null &
  echo $! >"$NODE_STATE/$1.forward"
  await 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$2" || { cat "$NODE_STATE/log/$1.forward.log" >&2; return 1; }
}

stop_forward() { # NAME
  local id
  if id=$(running "$NODE_STATE/$1.forward" TCP-LISTEN); then kill -- "-$id" 2>/dev/null || kill "$id" 2>/dev/null || true; fi
  rm -f "$NODE_STATE/$1.forward"
}
