//go:build oracle

package oracle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What DuckDB writes, Millrace reads; what Millrace writes, DuckDB reads; and the rows are the same.
func TestFilesOfBothSides(t *testing.T) {
	// NULL every seventh row in each column, at another place.
	const source = `SELECT
		CASE WHEN i % 7 <> 0 THEN i - 5000 END::INTEGER AS small,
		CASE WHEN i % 7 <> 1 THEN i * 1000000007 END::BIGINT AS big,
		CASE WHEN i % 7 <> 2 THEN i / 7.0 END::DOUBLE AS ratio,
		CASE WHEN i % 7 <> 3 THEN i % 2 = 0 END AS flag,
		CASE WHEN i % 7 <> 4 THEN 'no "' || i || '",' || chr(10) || 'é' END AS name,
		CASE WHEN i % 7 <> 5 THEN DATE '1960-01-31' + i::INTEGER END AS day,
		CASE WHEN i % 7 <> 6 THEN TIMESTAMP '1969-12-31 23:59:59.999999' + i * INTERVAL '61.5' SECOND END AS seen,
		(i / 100)::DECIMAL(18, 2) AS price,
		(TIMESTAMP '2013-01-31 05:15:00' + i * INTERVAL 1 MILLISECOND)::TIMESTAMP_MS AS at_millis,
		(TIMESTAMP '2013-01-31 05:15:00' + i * INTERVAL 1 MICROSECOND)::TIMESTAMP_NS AS at_nanos,
		TIME '05:15:00' + i * INTERVAL 1 MICROSECOND AS clock,
		i::UTINYINT AS tiny
		FROM range(0, 256) r(i)`
	// What Millrace makes of it, in DuckDB's types.
	const columns = `small, big, ratio, flag, name, day, seen, price::DOUBLE AS price, at_millis::TIMESTAMP AS at_millis, at_nanos::TIMESTAMP AS at_nanos,
		clock::VARCHAR AS clock, tiny::INTEGER AS tiny`
	dir := t.TempDir()
	sql := filepath.Join(dir, "q.sql")
	const declared = `CREATE TABLE rows (small INT, big BIGINT, ratio DOUBLE, flag BOOLEAN, name STRING, day DATE, seen TIMESTAMP, price DOUBLE,
		at_millis TIMESTAMP, at_nanos TIMESTAMP, clock STRING, tiny INT) WITH ('topic' = 'rows', 'format' = 'json');
		SELECT small, big, ratio, flag, name, day, seen, price, at_millis, at_nanos, clock, tiny FROM rows;`
	if err := os.WriteFile(sql, []byte(declared), 0o600); err != nil {
		t.Fatal(err)
	}
	for input, options := range map[string]string{
		"plain.parquet":  "(FORMAT parquet, COMPRESSION uncompressed)",
		"snappy.parquet": "(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 100)",
		"zstd.parquet":   "(FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2)",
		"in.csv":         "(FORMAT csv, HEADER)",
		"in.csv.gz":      "(FORMAT csv, HEADER, COMPRESSION gzip)",
		"in.jsonl.zst":   "(FORMAT json, COMPRESSION zstd, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%fZ')",
	} {
		t.Run(input, func(t *testing.T) {
			in := filepath.Join(dir, input)
			query(t, "COPY ("+source+") TO '"+in+"' "+options)
			for _, output := range []string{"out.parquet", "out.csv", "out.csv.gz", "out.jsonl.zst"} {
				out := filepath.Join(t.TempDir(), output)
				run(t, "MILLRACE", "run", "--sql", sql, "--input", "rows="+in, "--output", "results="+out)
				same(t, "SELECT * FROM "+reader(out), "SELECT "+columns+" FROM ("+source+")")
			}
		})
	}
}

// reader is how DuckDB reads a file of the test.
func reader(file string) string {
	const types = `{small: 'INTEGER', big: 'BIGINT', ratio: 'DOUBLE', flag: 'BOOLEAN', name: 'VARCHAR', day: 'DATE', seen: 'TIMESTAMP', price: 'DOUBLE',
		at_millis: 'TIMESTAMP', at_nanos: 'TIMESTAMP', clock: 'VARCHAR', tiny: 'INTEGER'}`
	switch {
	case strings.HasPrefix(filepath.Base(file), "out.parquet"):
		return "(SELECT * REPLACE (seen AT TIME ZONE 'UTC' AS seen, at_millis AT TIME ZONE 'UTC' AS at_millis, at_nanos AT TIME ZONE 'UTC' AS at_nanos) FROM '" + file + "')"
	case strings.HasPrefix(filepath.Base(file), "out.csv"):
		return "read_csv('" + file + "', header = true, columns = " + types + ")"
	default:
		return "read_json('" + file + "', columns = " + types + ")"
	}
}
