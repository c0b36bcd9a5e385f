#!/usr/bin/env bash
# image.sh OUT.tar: the broker as an image, without a container engine: the C library, a JVM cut to what Kafka uses, the jars. For clusters where a
# broker must be a pod (examples/kafka); the entrypoint is java with the class path set, and there is no shell. Needs a JDK with its modules (jlink).
set -euo pipefail
out=$(realpath -m "${1:?"usage: image.sh OUT.tar"}")
here=$(cd "$(dirname "$0")" && pwd)
jars=$("$here/jars.sh")
[[ ! -f $out || $out -ot $jars/lib || $out -ot $0 ]] || exit 0
command -v jlink >/dev/null || { echo "jlink is not installed: test/setup.sh installs a JDK" >&2; exit 1; }
echo "kafka: building the image of a broker (about half a minute), once, as $out" >&2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

jlink --add-modules "$(printf '%s,' java.{base,desktop,logging,management,naming,rmi,scripting,sql} java.security.{jgss,sasl})$(printf '%s,' jdk.{unsupported,management,crypto.ec})jdk.zipfs" \
  --strip-debug --no-header-files --no-man-pages --output "$tmp/jre"
"$tmp/jre/bin/java" -Xshare:dump >/dev/null 2>&1 # jlink leaves the JVM's class data out, and a start is slower without

# What the JVM links, and what is loaded by name: name services, and libpthread by the zstd library.
mkdir -p "$tmp/os/tmp" "$tmp/os/etc"
libraries() {
  ldd "$tmp"/jre/bin/java "$tmp"/jre/lib/server/libjvm.so "$tmp"/jre/lib/*.so | awk '$2 == "=>" && $3 ~ /^\// && $3 !~ /\/jre\// { print $3 } $1 ~ /^\/.*ld-linux/ { print $1 }'
  ldconfig -p | awk '/lib(nss_files|nss_dns|pthread|dl|rt|m)\.so\.[0-9]/ && $0 !~ /hwcaps/ { print $NF }' | grep "$(uname -m)"
}
libraries | sort -u | while read -r library; do
  mkdir -p "$tmp/os$(dirname "$library")"
  cp -L "$library" "$tmp/os$library"
done
echo 'kafka:x:65532:65532::/:/' >"$tmp/os/etc/passwd"
echo 'kafka:x:65532:' >"$tmp/os/etc/group"
echo 'hosts: files dns' >"$tmp/os/etc/nsswitch.conf"

(cd "$here/../.." && go build -o "$tmp/image" ./tools/image)
"$tmp/image" -o "$out" -name e2e.local/kafka:1 -entrypoint /jre/bin/java \
  -env 'JDK_JAVA_OPTIONS=-cp /kafka/lib/* -Dlog4j2.configurationFile=file:/kafka/log4j2.properties' \
  "$tmp/os:/" "$tmp/jre:/jre" "$jars/lib:/kafka/lib" "$here/log4j2.properties:/kafka/log4j2.properties" >&2
