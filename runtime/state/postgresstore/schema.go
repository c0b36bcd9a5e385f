package postgresstore

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/runtime/fault"
)

// schema is what Open makes where it is not there. Several workers may be at it at the same time: they wait for each
// other, since CREATE TABLE IF NOT EXISTS alone would collide.
const schema = `
SELECT pg_advisory_xact_lock(7310575178);
CREATE TABLE IF NOT EXISTS millrace_task (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job text NOT NULL, state_epoch bigint NOT NULL, task text NOT NULL,
  owner bigint NOT NULL, position bytea NOT NULL,
  UNIQUE (job, state_epoch, task)
);
CREATE TABLE IF NOT EXISTS millrace_state (
  task bigint NOT NULL, key bytea NOT NULL, value bytea NOT NULL,
  PRIMARY KEY (task, key)
);
`

const schemaThere = `SELECT to_regclass('millrace_task') IS NOT NULL AND to_regclass('millrace_state') IS NOT NULL`

// noPrivilege is PostgreSQL's insufficient_privilege.
const noPrivilege = "42501"

// prepare makes the tables where they are not there.
func (b *Backend) prepare(ctx context.Context) error {
	there := false
	if err := b.pool.QueryRow(ctx, schemaThere).Scan(&there); err != nil || there {
		return b.failed(err, "of job "+b.options.Job)
	}
	err := pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, schema)
		return err
	})
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == noPrivilege {
		return fault.Wrap(fault.User, err, "make the tables of the state").Do("let the user create tables in the database, or make them for it as the reference page on state says")
	}
	return b.failed(err, "of job "+b.options.Job)
}

// sweep deletes what older state epochs of this job have left. It is a cache of changelogs that are gone.
func (b *Backend) sweep(ctx context.Context) error {
	_, err := b.pool.Exec(ctx, `
		WITH old AS (DELETE FROM millrace_task WHERE job = $1 AND state_epoch < $2 RETURNING id)
		DELETE FROM millrace_state USING old WHERE millrace_state.task = old.id`, b.options.Job, b.options.StateEpoch)
	return b.failed(err, "of job "+b.options.Job)
}
