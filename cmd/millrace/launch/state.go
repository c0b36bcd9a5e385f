package launch

import (
	"context"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/connector/kafka/secretfile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/state/postgresstore"
	"github.com/millrace/millrace/runtime/state/redisstore"
	"github.com/millrace/millrace/runtime/state/remote"
)

// openState opens where the job's state is kept: on the server that the manifest names, else in memory, a run's disk
// being nobody's after it.
func openState(ctx context.Context, o *Options, j *job) (state.Backend, error) {
	topics := j.topics()
	switch s := &j.state; {
	case s.Backend == v1alpha1.StateRedis && s.Redis != nil:
		server, err := stateServer(o, s.Redis.URL, s.Redis.PasswordRef, s.Redis.CARef)
		if err != nil {
			return nil, err
		}
		redisstore.Silence()
		return redisstore.Open(ctx, redisstore.Options{Server: server, Job: topics.Prefix, StateEpoch: topics.StateEpoch})
	case s.Backend == v1alpha1.StatePostgres && s.Postgres != nil:
		server, err := stateServer(o, s.Postgres.URL, s.Postgres.PasswordRef, s.Postgres.CARef)
		if err != nil {
			return nil, err
		}
		return postgresstore.Open(ctx, postgresstore.Options{Server: server, Job: topics.Prefix, StateEpoch: topics.StateEpoch})
	default:
		return memory.New(), nil
	}
}

// stateServer says how a server is reached: there are no Secrets here, so their place is taken by files.
func stateServer(o *Options, url string, password, ca *v1alpha1.SecretKeyReference) (remote.Server, error) {
	server := remote.Server{URL: url}
	if password != nil && o.StatePassword == "" {
		return server, instead("passwordRef", password, "--state-password-file")
	}
	if ca != nil && o.StateCA == "" {
		return server, instead("caRef", ca, "--state-tls-ca")
	}
	if o.StatePassword != "" {
		server.Password = func() (string, error) { return secretfile.Line(o.StatePassword) }
		if _, err := server.Password(); err != nil {
			return server, err
		}
	}
	security, err := secretfile.Files{TLS: true, CA: o.StateCA}.Security()
	server.TLS = security.TLS
	return server, err
}

func instead(field string, ref *v1alpha1.SecretKeyReference, flag string) error {
	return fault.New(fault.User, fault.InField("spec.state"), "%s names the Secret %s, and there are none outside of a cluster", field, ref.Name).
		Do("name a file with its key %s: %s FILE", ref.Key, flag)
}
