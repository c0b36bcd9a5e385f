#!/usr/bin/env bash
# jars.sh: fetches a real Kafka's published jars once, into the cache outside the tree, and prints the folder:
#   lib/        the jars                     format/     a formatted, empty data folder: starting from a copy saves a JVM a start
#   kafka.jsa   class data of a running broker: halves the time to start (absent where the JVM cannot make it)
# Says what it does on standard error, nothing when all is there. Needs java (17 or later) and mvn; test/setup.sh installs them on Debian.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's#.*<kafka.version>\(.*\)</kafka.version>.*#\1#p' "$here/pom.xml")
cache=${MILLRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/millrace}
target=$cache/kafka-$version
if [[ ! -d $target ]]; then
  for program in java mvn; do
    command -v "$program" >/dev/null || {
      echo "$program is not installed: on Debian run test/setup.sh as root, elsewhere install a JDK 17 or later and Maven" >&2
      exit 1
    }
  done
  mkdir -p "$cache"
  exec 9>"$cache/.lock-kafka"
  if command -v flock >/dev/null; then flock 9; fi
fi

java=(java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "-Dlog4j2.configurationFile=file:$here/log4j2.properties")

properties() { # DATA PORT
  cat "$here/server.properties"
  # static voters: the address of the quorum is then not part of the formatted data
  printf 'listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:%s\ncontroller.quorum.voters=1@127.0.0.1:%s\nlog.dirs=%s\n' "$2" "$2" "$1"
}

fetch() { # FOLDER
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$1/lib" >&2
  properties "$1/format" 9093 >"$1/server.properties"
  "${java[@]}" -cp "$1/lib/*" kafka.tools.StorageTool format -t MillraceTestBroker0000 -c "$1/server.properties" >"$1/format.log" || {
    cat "$1/format.log" >&2
    exit 1
  }
  rm "$1/server.properties" "$1/format.log"
}

# share_classes FOLDER: one broker runs and stops, and the JVM keeps what it loaded. Only a cache: without it brokers start slower.
share_classes() {
  local tmp pid
  tmp=$(mktemp -d "$cache/.kafka-XXXXXX")
  cp -r "$1/format" "$tmp/data"
  properties "$tmp/data" $((20000 + RANDOM % 10000)) >"$tmp/server.properties"
  "${java[@]}" -XX:ArchiveClassesAtExit="$tmp/kafka.jsa" -cp "$1/lib/*" kafka.Kafka "$tmp/server.properties" >"$tmp/log" 2>&1 &
  pid=$!
  for _ in $(seq 300); do
    if ! kill -0 "$pid" 2>/dev/null || grep -q 'Kafka Server started' "$tmp/log"; then break; fi
    sleep 0.2
  done
  kill "$pid" 2>/dev/null || true
  wait "$pid" || true # 143: ended by our signal
  if [[ -s $tmp/kafka.jsa ]]; then mv "$tmp/kafka.jsa" "$1/kafka.jsa"; fi
  rm -rf "$tmp"
}

if [[ ! -d $target ]]; then
  echo "kafka: fetching the jars of Kafka $version (55 MB, about a minute), once, into $target" >&2
  tmp=$(mktemp -d "$cache/.kafka-XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  fetch "$tmp"
  chmod 755 "$tmp"
  mv "$tmp" "$target"
  trap - EXIT
  share_classes "$target"
fi
echo "$target"
