// Command worker-full is the worker with all that it can have: Parquet for savepoints, and the clients of the servers that state can be
// on. The worker starts it where a job needs one of them: what is linked takes memory, used or not (docs/decisions/0067-two-workers.md).
package main

import (
	"context"
	"os"

	"github.com/millrace/millrace/cmd/worker/program"
	"github.com/millrace/millrace/runtime/savepoint/parquet"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/postgresstore"
	"github.com/millrace/millrace/runtime/state/redisstore"
	"github.com/millrace/millrace/runtime/state/remote"
)

func main() {
	os.Exit(program.Main(program.Links{
		Files: parquet.Files{},
		Redis: func(ctx context.Context, server remote.Server, job string, stateEpoch int64) (state.Backend, error) {
			redisstore.Silence()
			return redisstore.Open(ctx, redisstore.Options{Server: server, Job: job, StateEpoch: stateEpoch})
		},
		Postgres: func(ctx context.Context, server remote.Server, job string, stateEpoch int64) (state.Backend, error) {
			return postgresstore.Open(ctx, postgresstore.Options{Server: server, Job: job, StateEpoch: stateEpoch})
		},
	}))
}
