#!/usr/bin/env bash
# run.sh: compares Millrace's results with DuckDB's over the same files.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0 ORACLE_PYTHON MILLRACE
ORACLE_PYTHON=$(test/oracle/setup.sh)
go build -o bin/millrace ./cmd/millrace
MILLRACE=$PWD/bin/millrace
exec "$(tools/path.sh gotestsum)" --format pkgname -- -tags oracle -count=1 -timeout 10m "$@" ./test/oracle/...
