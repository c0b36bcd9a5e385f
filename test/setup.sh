#!/usr/bin/env bash
# setup.sh: installs the Debian packages that the real parts of the tests need: a JVM and Maven for Kafka, Redis and PostgreSQL for state on
# servers, a container runtime and network programs for the node. As root on Debian or a child of it; says what it installs, nothing when all is there.
#   setup.sh [--check] [kafka|stores|node]
# One part alone when it is named. With --check it installs nothing and ends with status 1 when something is missing, naming it.
set -euo pipefail
check=
if [[ ${1:-} == --check ]]; then
  check=yes
  shift
fi
part=${1:-all}

# A package is installed only when its program is missing, so that a machine with other packages of the same programs keeps them.
missing=()
want() { # PACKAGE PROGRAM-OR-PATH
  command -v "$2" >/dev/null || [[ -e $2 ]] || missing+=("$1")
}
PATH=$PATH:/usr/sbin:/sbin
if [[ $part == all || $part == kafka ]]; then
  want openjdk-17-jdk-headless java
  want maven mvn
fi
if [[ $part == all || $part == stores ]]; then
  want redis-server redis-server
  want postgresql "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -n 1)"
fi
if [[ ($part == all || $part == node) && $(uname -s) == Linux ]]; then
  want curl curl
  want openssl openssl
  want containerd containerd
  want containerd ctr
  want runc runc
  want containernetworking-plugins /usr/lib/cni/ptp
  want iptables iptables
  want conntrack conntrack
  want socat socat
  want iproute2 ip
  want util-linux nsenter
  want procps sysctl
fi
[[ ${#missing[@]} -gt 0 ]] || exit 0
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)

if [[ -n $check ]]; then
  echo "missing: ${missing[*]}" >&2
  exit 1
fi
if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "missing: ${missing[*]} (Debian package names). Run test/setup.sh as root on Debian, or install what they hold by other means." >&2
  exit 1
fi
echo "setup: installing ${missing[*]} (about a minute)"
export DEBIAN_FRONTEND=noninteractive
# a newer Debian has a newer JDK under another name
if [[ " ${missing[*]} " == *" openjdk-17-jdk-headless "* ]]; then
  apt-get update -q >/dev/null
  [[ -n $(apt-cache policy openjdk-17-jdk-headless | sed -n '/Candidate: (none)/!s/.*Candidate: //p') ]] || missing=("${missing[@]/openjdk-17-jdk-headless/default-jdk-headless}")
fi
log=$(mktemp)
policy=/usr/sbin/policy-rc.d # tests start servers themselves; the packages are told not to
if [[ -e $policy ]]; then
  policy=
else
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi
trap 'rm -f "$log" ${policy:+"$policy"}' EXIT
{ apt-get update -q && apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
