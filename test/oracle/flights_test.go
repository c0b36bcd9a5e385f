//go:build oracle

package oracle

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// run runs a program that run.sh named in the environment, and returns its output.
func run(t *testing.T, variable string, args ...string) string {
	t.Helper()
	program := os.Getenv(variable)
	if program == "" {
		t.Fatalf("%s is not set: run this by test/oracle/run.sh", variable)
	}
	command := exec.CommandContext(t.Context(), program, args...)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

func query(t *testing.T, sql string) []string {
	t.Helper()
	return strings.Split(strings.TrimSuffix(run(t, "ORACLE_PYTHON", "query.py", sql), "\n"), "\n")
}

// same fails unless the two queries give the same rows, each as often.
func same(t *testing.T, got, want string) {
	t.Helper()
	for side, difference := range map[string]string{
		"wrong or too many": fmt.Sprintf("((%s) EXCEPT ALL (%s)) LIMIT 5", got, want),
		"missing":           fmt.Sprintf("((%s) EXCEPT ALL (%s)) LIMIT 5", want, got),
	} {
		if rows := query(t, difference); len(rows) > 1 || rows[0] != "" {
			t.Errorf("%s:\n%s", side, strings.Join(rows, "\n"))
		}
	}
}

// Sessions are those of the textbook: a row begins one when it is more than the gap after the row before it.
func TestSessionsPerCarrier(t *testing.T) {
	input := filepath.Join("../../examples/flights", "flights.jsonl.gz")
	want := `WITH marked AS (SELECT *, coalesce(departed_at - lag(departed_at) OVER w > INTERVAL 9 MINUTE, true)::INT AS fresh
			FROM read_json('` + input + `', columns = {departed_at: 'TIMESTAMP', carrier: 'VARCHAR', dep_delay: 'INT'})
			WINDOW w AS (PARTITION BY carrier ORDER BY departed_at)),
		numbered AS (SELECT *, sum(fresh) OVER (PARTITION BY carrier ORDER BY departed_at) AS session FROM marked)
		SELECT carrier, min(departed_at) AS window_start, max(departed_at) + INTERVAL 9 MINUTE AS window_end,
			count(*)::BIGINT AS flights, sum(dep_delay)::BIGINT AS delay FROM numbered GROUP BY carrier, session`
	if rows := query(t, want); len(rows) < 1000 {
		t.Fatalf("the oracle finds %d sessions, which can't be right", len(rows))
	}
	sql := filepath.Join(t.TempDir(), "sessions.sql")
	if err := os.WriteFile(sql, []byte(`
		CREATE TABLE flights (carrier STRING, dep_delay INT, departed_at TIMESTAMP(3),
			WATERMARK FOR departed_at AS departed_at - INTERVAL '1' DAY) WITH ('topic' = 'flights', 'format' = 'json');
		CREATE TABLE sessions (carrier STRING, window_start TIMESTAMP(3), window_end TIMESTAMP(3), flights BIGINT, delay BIGINT)
			WITH ('topic' = 'sessions', 'format' = 'json');
		INSERT INTO sessions SELECT carrier, window_start, window_end, COUNT(*), SUM(dep_delay)
			FROM SESSION(TABLE flights PARTITION BY carrier, DESCRIPTOR(departed_at), INTERVAL '9' MINUTE)
			GROUP BY carrier, window_start, window_end;`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, parallelism := range []string{"1", "2"} {
		t.Run("parallelism "+parallelism, func(t *testing.T) {
			output := filepath.Join(t.TempDir(), "out.jsonl")
			run(t, "MILLRACE", "run", "--sql", sql, "--parallelism", parallelism, "--input", "flights="+input, "--output", "sessions="+output)
			same(t, `SELECT carrier, window_start, window_end, flights, delay FROM read_json('`+output+`', columns = {
				carrier: 'VARCHAR', window_start: 'TIMESTAMP', window_end: 'TIMESTAMP', flights: 'BIGINT', delay: 'BIGINT'})`, want)
		})
	}
}

// The totals of `make run` are those of the same aggregate over the same file, at any parallelism.
func TestHourlyDelaysPerCarrier(t *testing.T) {
	const example = "../../examples/flights"
	input := filepath.Join(example, "flights.jsonl.gz")
	want := `SELECT carrier, time_bucket(INTERVAL 1 HOUR, departed_at) AS window_start,
		time_bucket(INTERVAL 1 HOUR, departed_at) + INTERVAL 1 HOUR AS window_end,
		count(*)::BIGINT AS flights, avg(dep_delay)::DOUBLE AS mean_delay, max(dep_delay)::INT AS worst_delay
		FROM read_json('` + input + `', columns = {departed_at: 'TIMESTAMP', carrier: 'VARCHAR', dep_delay: 'INT'}) GROUP BY ALL`
	if rows := query(t, want); len(rows) < 1000 {
		t.Fatalf("the oracle finds %d windows, which can't be right", len(rows))
	}
	for _, parallelism := range []string{"1", "2"} {
		t.Run("parallelism "+parallelism, func(t *testing.T) {
			output := filepath.Join(t.TempDir(), "out.jsonl")
			run(t, "MILLRACE", "run", "-f", example, "--parallelism", parallelism, "--input", "flights="+input, "--output", "delays_by_carrier="+output)
			same(t, `SELECT carrier, window_start, window_end, flights, mean_delay, worst_delay FROM read_json('`+output+`', columns = {
				carrier: 'VARCHAR', window_start: 'TIMESTAMP', window_end: 'TIMESTAMP', flights: 'BIGINT', mean_delay: 'DOUBLE', worst_delay: 'INT'})`, want)
		})
	}
}
