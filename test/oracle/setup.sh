#!/usr/bin/env bash
# setup.sh: installs DuckDB for Python into a folder of the cache, keyed by the pinned versions, and prints the interpreter
# that sees it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${MILLRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/millrace}/oracle
target=$cache/$(sha256sum "$here/requirements.txt" | cut -c1-12)
if [[ ! -x $target/bin/python ]]; then
  mkdir -p "$cache"
  rm -rf "$target.new"
  # a fresh Debian has neither; elsewhere, or without root, the message below says what is missing
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null && [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "setup: installing python3-venv" >&2
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3-venv; } >&2
  fi
  python3 -m venv "$target.new" >&2 || {
    echo "test/oracle needs python3 with venv (Debian: apt-get install python3-venv)" >&2
    exit 1
  }
  "$target.new/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
  mv -T "$target.new" "$target"
fi
echo "$target/bin/python"
