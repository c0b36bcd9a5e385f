package postgresstore

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/remote"
)

const (
	defaultPort    = 5432
	dialTimeout    = 3 * time.Second
	mostConnection = 8

	sslMode    = "sslmode"
	sslDisable = "disable"
	sslVerify  = "verify-full"
)

// Options says whose state is kept, and where.
type Options struct {
	// Server is postgres://USER@HOST[:PORT]/DATABASE. TLS is used, and the server's certificate checked, unless the URL
	// ends in ?sslmode=disable.
	Server remote.Server
	// Job is the prefix of the job's names on Kafka, and StateEpoch the job's epoch at which its state began anew.
	Job        string
	StateEpoch int64
}

// Backend is the state of a job's tasks in a database. It is safe for concurrent use.
type Backend struct {
	pool    *pgxpool.Pool
	options Options
	host    string
	opened  remote.Opened
}

// Open connects, makes the tables where they are not there, and deletes what is left of older state epochs of the job. The
// server must be there.
func Open(ctx context.Context, o Options) (*Backend, error) {
	u, err := o.Server.Parse("postgres", "postgresql")
	if err != nil {
		return nil, err
	}
	b := &Backend{options: o}
	config, err := b.config(u)
	if err != nil {
		return nil, err
	}
	if b.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fault.Wrap(fault.User, err, "the settings of the state's server")
	}
	if err = b.prepare(ctx); err == nil {
		err = b.sweep(ctx)
	}
	if err != nil {
		b.pool.Close()
		return nil, err
	}
	return b, nil
}

// config is made of the URL alone: neither environment nor files of libpq have a say.
func (b *Backend) config(u *url.URL) (*pgxpool.Config, error) {
	mode := sslVerify
	for name, values := range u.Query() {
		if name != sslMode || len(values) != 1 || values[0] != sslDisable && values[0] != sslVerify {
			return nil, fault.New(fault.User, fault.Place{}, "the URL of a PostgreSQL server has options other than %s=%s and %s=%s", sslMode, sslVerify, sslMode, sslDisable)
		}
		mode = values[0]
	}
	database := strings.Trim(u.Path, "/")
	if u.User.Username() == "" || database == "" {
		return nil, fault.New(fault.User, fault.Place{}, "the URL of a PostgreSQL server names no user or no database")
	}
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "the settings of libpq in the environment")
	}
	c := config.ConnConfig
	c.Host, c.Port, c.User, c.Database, c.Password = u.Hostname(), defaultPort, u.User.Username(), database, ""
	if text := u.Port(); text != "" {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return nil, fault.New(fault.User, fault.Place{}, "the port of the URL of a PostgreSQL server is no port")
		}
		c.Port = uint16(port)
	}
	b.host = net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
	c.Fallbacks, c.TLSConfig, c.ConnectTimeout = nil, nil, dialTimeout
	c.RuntimeParams = map[string]string{"application_name": "millrace " + b.options.Job, "synchronous_commit": "on"}
	if mode == sslVerify {
		if c.TLSConfig, err = b.options.Server.Config(c.Host); err != nil {
			return nil, err
		}
	}
	config.MaxConns = mostConnection
	config.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) (err error) {
		c.Password, err = b.options.Server.Secret()
		return err
	}
	return config, nil
}

// Open returns the store of a task, empty or as it was left. Whoever had it open before can't write any more.
func (b *Backend) Open(task string) (state.Store, error) {
	if err := b.opened.Take(task); err != nil {
		return nil, err
	}
	s := &store{backend: b, task: task}
	if err := s.claim(); err != nil {
		b.opened.Give(task)
		return nil, err
	}
	return s, nil
}

// Drop deletes what is kept of a task.
func (b *Backend) Drop(task string) error {
	if err := b.opened.Take(task); err != nil {
		return err
	}
	defer b.opened.Give(task)
	return remote.Retry(b.options.Server.Patience, func(ctx context.Context, _ int) error {
		_, err := b.pool.Exec(ctx, `
			WITH old AS (DELETE FROM millrace_task WHERE job = $1 AND state_epoch = $2 AND task = $3 RETURNING id)
			DELETE FROM millrace_state USING old WHERE millrace_state.task = old.id`, b.options.Job, b.options.StateEpoch, task)
		return b.failed(err, task)
	})
}

// Flush returns when all that was applied before is on the server's disk: the log is written in order, and the end of a
// transaction that waits for it comes behind.
func (b *Backend) Flush() error {
	return remote.Retry(b.options.Server.Patience, func(ctx context.Context, _ int) error {
		_, err := b.pool.Exec(ctx, `UPDATE millrace_task SET owner = owner WHERE id =
			(SELECT id FROM millrace_task WHERE job = $1 AND state_epoch = $2 LIMIT 1)`, b.options.Job, b.options.StateEpoch)
		return b.failed(err, "of job "+b.options.Job)
	})
}

// Close closes the connections.
func (b *Backend) Close() error {
	if err := b.opened.None(); err != nil {
		return err
	}
	b.pool.Close()
	return nil
}

// failed classifies an error of a call for a task; nil stays nil.
func (b *Backend) failed(err error, task string) error {
	if err == nil {
		return nil
	}
	e, answered := errors.AsType[*pgconn.PgError](err)
	if !answered {
		return remote.Away(err, task, b.host)
	}
	wrapped := fault.Wrap(fault.User, err, "the state of task %s", task)
	switch {
	case e.Code == "54000": // program_limit_exceeded
		return wrapped.Do("a key is too long for PostgreSQL's indexes; keep state in pebble or redis")
	case e.Code == noPrivilege || strings.HasPrefix(e.Code, "28"): // invalid authorization
		return wrapped.Do("see that user and password of the server %s are right, and what the user may do", b.host)
	case e.Code == "3D000": // invalid_catalog_name
		return wrapped.Do("make the database on the server %s", b.host)
	}
	for _, class := range []string{"08", "25", "40", "53", "55", "57", "58"} { // connection, state, rollback, resources, not ready, operator, system
		if strings.HasPrefix(e.Code, class) {
			return fault.Wrap(fault.Transient, err, "the state of task %s", task).Do("see what ails the server %s", b.host)
		}
	}
	return wrapped.Do("see that the tables millrace_* on the server %s are as the reference page on state says", b.host)
}
