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
