#!/usr/bin/env bash
# smoke.sh: what the operator's tests rely on, checked on the running node: a line a check, status 1 when one failed. Two minutes at most.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../node.sh
. "$here/../node.sh"
eval "$("$NODE_SCRIPTS/host-forward.sh")"
PATH=$NODE_BIN:$PATH
k() { timeout 100 kubectl -n smoke "$@"; }
probe() { k exec "$1" -- /probe "${@:2}"; } # POD ARGUMENTS...

passed=0 failed=0
check() { # SENTENCE COMMAND...
  local out
  if out=$("${@:2}" 2>&1); then
    passed=$((passed + 1))
    printf 'ok    %-42s %s\n' "$1" "$(tail -n 1 <<<"$out" | cut -c1-90)"
  else
    failed=$((failed + 1))
    printf 'FAIL  %-42s %s\n' "$1" "$(tail -n 3 <<<"$out")"
  fi
}
says() { # PATTERN COMMAND...: within half a minute
  local deadline=$((SECONDS + 30)) out
  until out=$("${@:2}" 2>&1) && grep -qE "$1" <<<"$out"; do
    ((SECONDS < deadline)) || { echo "$out"; return 1; }
    sleep 0.2
  done
  echo "$out"
}
replaced() { # POD UID: there is another pod of that name, and it is Ready
  says . bash -c "[[ \$(kubectl -n smoke get pod $1 -o jsonpath={.metadata.uid}) != $2 ]] && echo new" && k wait "pod/$1" --for=condition=Ready --timeout=30s
}
uid() { k get pod "$1" -o jsonpath='{.metadata.uid}'; }
restarts() { k get pod "$1" -o jsonpath='{.status.containerStatuses[0].restartCount}'; }
port_forward() {
  kubectl -n smoke port-forward db-0 18080:8080 >/dev/null &
  local id=$! status=0
  says 'hello from db-0' curl -sm2 http://127.0.0.1:18080/ || status=1
  kill "$id"
  wait "$id" 2>/dev/null
  return "$status"
}
evict() {
  k create -f - --raw "/api/v1/namespaces/smoke/pods/$1/eviction" <<<"{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"$1\",\"namespace\":\"smoke\"}}"
}

kubectl apply -f "$here/smoke.yaml" >/dev/null || exit 1
check "deployment under restricted" k rollout status deployment/web --timeout=90s
check "stateful set with claims" k rollout status statefulset/db --timeout=90s
check "a root pod is refused" says 'violates PodSecurity' k get events
check "logs" says 'probe serves on db-0' k logs db-0
web=$(k get service web -o jsonpath='{.spec.clusterIP}')
check "service address from a pod" says '200 hello from web' probe db-0 get "http://$web/"
check "service name from a pod" says '200 hello from web' probe db-0 get http://web.smoke.svc.cluster.local/
check "headless service: both pods" says '10.244.[0-9.]+ 10.244.[0-9.]+' probe db-0 dns db
check "pod of a set by name" says '200 hello from db-1' probe db-0 get http://db-1.db:8080/
check "API from a pod, with its account" says 'system:serviceaccount:smoke:default' probe db-0 api /api/v1/namespaces/smoke/pods
check "API server to a service (webhooks)" says 'hello from web' kubectl get --raw /api/v1/namespaces/smoke/services/web:80/proxy/
check "port-forward" port_forward
check "claim is writable by its group" says '200 1$' probe db-1 get http://127.0.0.1:8080/count
k patch pvc data-db-0 --type=merge -p '{"spec":{"resources":{"requests":{"storage":"200Mi"}}}}' >/dev/null
check "claim grows" says 200Mi k get pvc data-db-0 -o jsonpath='{.status.capacity.storage}'
old=$(uid db-1)
check "pod deleted" k delete pod db-1 --timeout=60s
check "and made again" replaced db-1 "$old"
check "with its data" says '200 2$' probe db-1 get http://127.0.0.1:8080/count
check "process 1 killed" env KUBECTL=kubectl "$here/../../kill9.sh" smoke db-1 probe
check "and restarted by the kubelet" says '^1$' restarts db-1
pod=$(k get pod -l app=web -o jsonpath='{.items[0].metadata.name}')
check "a failing liveness probe" says 'unhealthy' probe "$pod" get http://127.0.0.1:8080/die
check "restarts its container" says '^[1-9]' restarts "$pod"
check "scale up" bash -c 'kubectl -n smoke scale statefulset/db --replicas=3 && kubectl -n smoke rollout status statefulset/db --timeout=60s'
old=$(uid db-2)
check "eviction" evict db-2
check "an evicted pod is made again" replaced db-2 "$old"
check "scale down" bash -c 'kubectl -n smoke scale statefulset/db --replicas=1 && kubectl -n smoke wait pod/db-2 pod/db-1 --for=delete --timeout=60s'
check "namespaces deleted" kubectl delete namespace smoke killer --ignore-not-found --timeout=120s
check "volumes removed" says 'No resources' kubectl get pv
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
