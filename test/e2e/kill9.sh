#!/usr/bin/env bash
# kill9.sh NAMESPACE POD CONTAINER [stop]: SIGKILL, or SIGSTOP, to process 1 of a container, with kubectl alone, on any cluster that allows a hostPID pod:
# images have no shell, and from inside its own pid namespace process 1 cannot be killed. KUBECTL says how to call kubectl; the probe's image must be loaded.
# Repeated kills of one pod meet CrashLoopBackOff: 10 s, 20 s, ...
set -euo pipefail
read -ra kubectl <<<"${KUBECTL:-kubectl}"
namespace=${1:?"usage: kill9.sh NAMESPACE POD CONTAINER [stop]"} pod=${2:?} container=${3:?} what=${4:-kill}

read -r node id < <("${kubectl[@]}" -n "$namespace" get pod "$pod" -o jsonpath="{.spec.nodeName} {.status.containerStatuses[?(@.name=='$container')].containerID}{'\n'}")
[[ $id == *//* ]] || { echo "container $container of pod $namespace/$pod does not run" >&2; exit 1; }

# one pod a node, kept for the next kill; by apply, so that two kills at once do not collide
"${kubectl[@]}" apply -f - >/dev/null <<X
apiVersion: v1
kind: Namespace
metadata: {name: killer}
---
apiVersion: v1
kind: Pod
metadata: {name: on-$node, namespace: killer}
spec:
  nodeName: $node
  hostPID: true
  terminationGracePeriodSeconds: 0
  tolerations: [{operator: Exists}]
  containers:
  - {name: probe, image: "e2e.local/probe:1", imagePullPolicy: IfNotPresent, args: [pause], securityContext: {runAsUser: 0, runAsGroup: 0}}
X
"${kubectl[@]}" -n killer wait "pod/on-$node" --for=condition=Ready --timeout=60s >/dev/null
"${kubectl[@]}" -n killer exec "on-$node" -- /probe "$what" "${id##*/}"
