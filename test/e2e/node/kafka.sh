#!/usr/bin/env bash
# kafka.sh up|kill|down: one real broker as a process inside the node's namespaces, so that a test can crash it and bring it back.
#   pods reach it at kafka.kafka.svc:9092, the host at 127.0.0.1:$NODE_KAFKA_PORT; a listener each, since clients follow the advertised address
# Its data survives kill + up, and goes with down and with the node. kafka.sh tool CLASS ARGUMENTS... runs one of Kafka's own programs there.
set -euo pipefail
# shellcheck source=node.sh
. "$(dirname "$0")/node.sh"
folder=$NODE_STATE/kafka
settings=$REPOSITORY/test/kafka

# The JVM's flags are those of the class data that jars.sh made.
java=(java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Dlog4j2.configurationFile=file:$settings/log4j2.properties")

# The broker's own traffic (transaction markers) has a listener too: the name that pods use is not known outside the cluster's DNS.
configuration() {
  cat "$settings/server.properties"
  cat <<X
listeners=PODS://$NODE_IP:9092,HOST://127.0.0.1:9094,INTERNAL://127.0.0.1:9095,CONTROLLER://127.0.0.1:9093
advertised.listeners=PODS://kafka.kafka.svc.cluster.local:9092,HOST://127.0.0.1:$NODE_KAFKA_PORT,INTERNAL://127.0.0.1:9095
listener.security.protocol.map=PODS:PLAINTEXT,HOST:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
controller.quorum.voters=1@127.0.0.1:9093
log.dirs=$folder/data
X
}

broker() { running "$folder/pid" kafka.Kafka; }

# A Service without a selector and its endpoint: the process has a name in the cluster's DNS, the same as Kafka in a pod has.
service() {
  "$NODE_SCRIPTS/exec.sh" kubectl apply -f - >/dev/null <<X
apiVersion: v1
kind: Namespace
metadata: {name: kafka}
---
apiVersion: v1
kind: Service
metadata: {name: kafka, namespace: kafka}
spec: {clusterIP: None, ports: [{name: kafka, port: 9092}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kafka-process, namespace: kafka, labels: {kubernetes.io/service-name: kafka}}
addressType: IPv4
ports: [{name: kafka, port: 9092, protocol: TCP}]
endpoints: [{addresses: ["$NODE_IP"], conditions: {ready: true}}]
X
}

up() {
  local jars start=$SECONDS
  jars=$("$settings/jars.sh")
  if broker >/dev/null; then echo "kafka: already up"; return; fi
  mkdir -p "$folder"
  [[ -d $folder/data ]] || cp -r "$jars/format" "$folder/data"
  configuration >"$folder/server.properties"
  [[ ! -f $jars/kafka.jsa ]] || java+=("-XX:SharedArchiveFile=$jars/kafka.jsa")
  setsid "$NODE_SCRIPTS/exec.sh" "${java[@]}" -Xmx512m -cp "$jars/lib/*" kafka.Kafka "$folder/server.properties" >>"$folder/broker.log" 2>&1 </dev/null &
  echo $! >"$folder/pid"
  # the port opens when the broker has registered
  await 60 "$NODE_SCRIPTS/exec.sh" bash -c "exec 3<>/dev/tcp/$NODE_IP/9092" || { tail -n 20 "$folder/broker.log" >&2; exit 1; }
  service
  forward kafka "$NODE_KAFKA_PORT" 9094
  echo "kafka: up after $((SECONDS - start)) s: pods kafka.kafka.svc:9092, host 127.0.0.1:$NODE_KAFKA_PORT"
}

stop() { # SIGNAL, to the JVM and not to nsenter in front of it
  local outer
  outer=$(broker) || return 0
  kill "-$1" "$(first_child "$outer")"
  gone() { ! kill -0 "$outer"; }
  await 30 gone || { echo "kafka: does not end" >&2; exit 1; }
  rm -f "$folder/pid"
}

case ${1:-} in
up) up ;;
kill) stop KILL ;;
down)
  stop TERM
  stop_forward kafka
  if inner_process >/dev/null; then "$NODE_SCRIPTS/exec.sh" kubectl -n kafka delete service/kafka endpointslice/kafka-process --ignore-not-found >/dev/null; fi
  rm -rf "$folder" ;;
tool) # -Xmx: a tool beside a broker
  jars=$("$settings/jars.sh")
  exec "$NODE_SCRIPTS/exec.sh" "${java[@]}" -Xmx256m -cp "$jars/lib/*" "${@:2}" ;;
*)
  sed -n '2,4s/^# //p' "$0"
  exit 2 ;;
esac
