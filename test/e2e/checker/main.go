// Command checker reads a job's input and what it wrote with committed records only, computes what should have come
// out, and says whether every sum came out exactly once:
//
//	checker -brokers kafka:9092 -input readings -output totals -within 60s
//
// Its status is 0 when all is right, 1 when it is not, with the differences, and 2 when it could not find out. It links
// nothing of the engine.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/millrace/millrace/test/e2e/rows"
)

const differencesMax = 20

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	status := run(ctx, os.Args[1:], os.Stdout)
	stop()
	os.Exit(status)
}

func run(ctx context.Context, args []string, out io.Writer) int {
	flags := flag.NewFlagSet("checker", flag.ContinueOnError)
	flags.SetOutput(out)
	brokers := flags.String("brokers", "", "addresses of Kafka brokers, comma separated")
	input := flags.String("input", "", "topic that the job reads")
	output := flags.String("output", "", "topic that the job writes")
	within := flags.Duration("within", time.Minute, "how long to wait for what has not come out yet")
	ignore := flags.String("ignore", "", "a sensor that may come out or not")
	if err := flags.Parse(args); err != nil || *brokers == "" || *input == "" || *output == "" {
		_, _ = fmt.Fprintln(out, "checker: needs -brokers, -input and -output")
		return 2
	}
	c := check{brokers: strings.Split(*brokers, ","), input: *input, output: *output, within: *within, ignore: *ignore}
	expected, differences, err := c.run(ctx)
	if err != nil {
		_, _ = fmt.Fprintln(out, "checker:", err)
		return 2
	}
	report(out, expected, differences)
	if len(differences) > 0 {
		return 1
	}
	return 0
}

func report(out io.Writer, e rows.Expected, differences []string) {
	if len(differences) == 0 {
		_, _ = fmt.Fprintf(out, "checker: %d readings, %d of them late: %d sums, every one exactly once\n", e.Rows, e.Late, len(e.Sums))
		return
	}
	_, _ = fmt.Fprintf(out, "checker: %d readings, %d of them late: of %d sums %d are wrong\n", e.Rows, e.Late, len(e.Sums), len(differences))
	for i, d := range differences {
		if i == differencesMax {
			_, _ = fmt.Fprintln(out, "  and so on")
			return
		}
		_, _ = fmt.Fprintln(out, " ", d)
	}
}
