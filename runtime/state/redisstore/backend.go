package redisstore

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/remote"
)

const (
	defaultPort = "6379"
	dialTimeout = 3 * time.Second
	// answerTimeout bounds the wait for one answer: the largest commit keeps a server busy for some seconds.
	answerTimeout = 15 * time.Second
	connections   = 8
)

// Options says whose state is kept, and where.
type Options struct {
	// Server is redis://[USER@]HOST[:PORT][/DATABASE], or rediss:// for TLS.
	Server remote.Server
	// Job is the prefix of the job's names on Kafka, and StateEpoch the job's epoch at which its state began anew.
	Job        string
	StateEpoch int64
}

// Backend is the state of a job's tasks on a server. It is safe for concurrent use.
type Backend struct {
	client  *redis.Client
	options Options
	host    string
	scripts scripts
	opened  remote.Opened
}

// Open connects, and deletes what is left of older state epochs of the job. The server must be there.
func Open(ctx context.Context, o Options) (*Backend, error) {
	u, err := o.Server.Parse("redis", "rediss")
	if err != nil {
		return nil, err
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	database := 0
	if path := strings.Trim(u.Path, "/"); path != "" {
		if database, err = strconv.Atoi(path); err != nil || database < 0 {
			return nil, fault.New(fault.User, fault.Place{}, "the database of the URL of a Redis server is not a number from 0 on")
		}
	}
	if u.RawQuery != "" {
		return nil, fault.New(fault.User, fault.Place{}, "the URL of a Redis server has options, and none is known")
	}
	b := &Backend{options: o, host: net.JoinHostPort(u.Hostname(), port), scripts: newScripts()}
	config := &redis.Options{
		Addr: b.host, DB: database, PoolSize: connections, MaxRetries: -1,
		DialTimeout: dialTimeout, DialerRetries: 1, ReadTimeout: answerTimeout, WriteTimeout: answerTimeout, ContextTimeoutEnabled: false,
		Protocol: 2, DisableIdentity: true,
		CredentialsProviderContext: func(context.Context) (user, password string, err error) {
			password, err = b.options.Server.Secret()
			if password == "" {
				return "", "", err
			}
			return u.User.Username(), password, err
		},
	}
	if u.Scheme == "rediss" {
		if config.TLSConfig, err = o.Server.Config(u.Hostname()); err != nil {
			return nil, err
		}
	}
	b.options = o
	b.client = redis.NewClient(config)
	if err := b.sweep(ctx); err != nil {
		return nil, errors.Join(err, b.client.Close())
	}
	return b, nil
}

// sweep deletes what older state epochs of this job have left. It is a cache of changelogs that are gone.
func (b *Backend) sweep(ctx context.Context) error {
	tasks, err := b.client.SMembers(ctx, jobKey(b.options.Job)).Result()
	if err != nil {
		return b.failed(err, "of job "+b.options.Job)
	}
	for _, member := range tasks {
		number, task, _ := strings.Cut(member, ":")
		if epoch, err := strconv.ParseInt(number, 10, 64); err != nil || epoch >= b.options.StateEpoch {
			continue
		} else if err := b.drop(ctx, epoch, task); err != nil {
			return err
		}
	}
	return nil
}

// Open returns the store of a task, empty or as it was left. Whoever had it open before can't write any more.
func (b *Backend) Open(task string) (state.Store, error) {
	if err := b.opened.Take(task); err != nil {
		return nil, err
	}
	s := &store{backend: b, task: task, key: taskKey(b.options.Job, b.options.StateEpoch, task)}
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
		return b.drop(ctx, b.options.StateEpoch, task)
	})
}

func (b *Backend) drop(ctx context.Context, epoch int64, task string) error {
	keys := []string{taskKey(b.options.Job, epoch, task), jobKey(b.options.Job)}
	if err := b.scripts.drop.Run(ctx, b.client, keys, jobMember(epoch, task)).Err(); err != nil {
		return b.failed(err, task)
	}
	return nil
}

// Close closes the connections.
func (b *Backend) Close() error {
	if err := b.opened.None(); err != nil {
		return err
	}
	if err := b.client.Close(); err != nil {
		return fault.Wrap(fault.Transient, err, "close the connections to %s", b.host)
	}
	return nil
}

// failed classifies an error of a call for a task.
func (b *Backend) failed(err error, task string) error {
	answer, answered := errors.AsType[redis.Error](err)
	if !answered {
		return remote.Away(err, task, b.host)
	}
	word, _, _ := strings.Cut(answer.Error(), " ")
	switch word {
	case "NOAUTH", "WRONGPASS", "NOPERM":
		return fault.Wrap(fault.User, err, "the state of task %s", task).Do("see that user and password of the server %s are right, and what the user may do", b.host)
	case "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "OOM", "BUSY", "NOREPLICAS", "MISCONF", "EXECABORT":
		return fault.Wrap(fault.Transient, err, "the state of task %s", task).Do("see what ails the server %s", b.host)
	default:
		return fault.Wrap(fault.User, err, "the state of task %s", task).Do("see that the server %s is Redis 6 or later and no cluster, and that its keys millrace:* are not used by others", b.host)
	}
}
