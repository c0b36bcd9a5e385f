#!/usr/bin/env bash
# build.sh PEER: builds a peer (flink, kstreams or spark) once, into the cache outside the tree, and prints the folder:
#   lib/      the jars that its pom.xml names      classes/  the peer's program, compiled      conf/  its logging
# The folder is named for the version and what the sources hold, so that a change builds anew. Says what it does on standard
# error, nothing when all is there. Needs a JDK 17 or later and mvn.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peer=${1:?"usage: build.sh flink|kstreams|spark"}
[[ -f $here/$peer/pom.xml ]] || { echo "no peer is named $peer; there are flink, kstreams and spark" >&2; exit 2; }
version=$(sed -n 's#.*<peer.version>\(.*\)</peer.version>.*#\1#p' "$here/$peer/pom.xml")
cache=${MILLRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/millrace}/peers
jars=$cache/$peer-$version-jars-$(cksum <"$here/$peer/pom.xml" | cut -d' ' -f1)
fingerprint() { (cd "$here/$peer" && find . -type f | LC_ALL=C sort | xargs cat) | cksum | cut -d' ' -f1; }
target=$cache/$peer-$version-$(fingerprint)
if [[ ! -d $target ]]; then
  for program in javac mvn; do
    command -v "$program" >/dev/null || {
      echo "$program is not installed: on Debian run test/setup.sh as root, elsewhere install a JDK 17 or later and Maven" >&2
      exit 1
    }
  done
  mkdir -p "$cache"
  exec 9>"$cache/.lock-$peer"
  if command -v flock >/dev/null; then flock 9; fi
fi
if [[ ! -d $target ]]; then # another build may have ended while this one waited
  tmp=$(mktemp -d "$cache/.building-$peer-XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  chmod 755 "$tmp"
  if [[ ! -d $jars ]]; then
    echo "peers: fetching the jars of $peer $version (one to three minutes), once, into $jars" >&2
    mvn -q -B -f "$here/$peer/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$tmp/jars" >&2
    mv "$tmp/jars" "$jars"
  fi
  echo "peers: compiling $peer" >&2
  mkdir "$tmp/classes"
  (cd "$here/$peer" && find src -name '*.java' -print0 | xargs -0 javac --release 17 -proc:none -d "$tmp/classes" -cp "$jars/*") >&2
  if [[ -d $here/$peer/conf ]]; then cp -r "$here/$peer/conf" "$tmp/conf"; fi
  ln -s "$jars" "$tmp/lib"
  mv "$tmp" "$target"
  trap - EXIT
fi
echo "$target"
