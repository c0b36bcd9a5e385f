package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/connector/kafka/secretfile"
	"github.com/millrace/millrace/runtime/fault"
)

// Opener opens clusters. It is safe for concurrent use.
type Opener struct {
	// Reader reads past the cache: a cached one would list and watch the Secrets of the whole cluster.
	Reader client.Reader
	// Pool keeps the clusters.
	Pool *kafkaadmin.Pool
}

//+kubebuilder:rbac:groups="",resources=secrets,verbs=get

// Open returns the cluster of a connection. It asks no broker. Errors have a reason for the conditions: see package verdict.
func (o Opener) Open(ctx context.Context, connection *v1alpha1.KafkaConnection) (*kafkaadmin.Cluster, error) {
	held, err := o.read(ctx, connection)
	if err != nil {
		return nil, err
	}
	security, err := files(&connection.Spec, held).Security()
	if err != nil {
		return nil, verdict.Because(v1alpha1.ReasonSecretInvalid, err)
	}
	hash, err := hashOf(&connection.Spec, held)
	if err != nil {
		return nil, err
	}
	return o.Pool.Get(kafkaadmin.Identity{Connection: string(connection.UID), Hash: hash}, kafka.Options{
		Brokers: connection.Spec.BootstrapServers, Security: security,
	})
}

// content is what the files of a connection hold, by their names.
type content map[string][]byte

// read gets what the connection names. Objects that are named twice are read once.
func (o Opener) read(ctx context.Context, connection *v1alpha1.KafkaConnection) (content, error) {
	held, seen := content{}, map[string]map[string][]byte{}
	for _, f := range render.ConnectionFiles(&connection.Spec) {
		kind, name := "Secret", f.Secret
		if f.ConfigMap != "" {
			kind, name = "ConfigMap", f.ConfigMap
		}
		at := fault.InField(f.Field)
		data, ok := seen[kind+name]
		if !ok {
			var err error
			data, err = o.data(ctx, kind, client.ObjectKey{Namespace: connection.Namespace, Name: name})
			if apierrors.IsNotFound(err) {
				return nil, verdict.Because(v1alpha1.ReasonSecretNotFound,
					fault.New(fault.Transient, at, "there is no %s %s in namespace %s", kind, name, connection.Namespace).
						Do("create it with the key %s; it is looked for again", f.Key))
			}
			if err != nil {
				return nil, verdict.Because(v1alpha1.ReasonSecretUnreadable, fault.Wrap(fault.Transient, err, "read %s %s", kind, name).At(at))
			}
			seen[kind+name] = data
		}
		value, ok := data[f.Key]
		if !ok {
			return nil, verdict.Because(v1alpha1.ReasonSecretNotFound,
				fault.New(fault.Transient, at, "%s %s has no key %s", kind, name, f.Key).Do("add the key, or correct the field; it is looked for again"))
		}
		held[f.Name] = value
	}
	return held, nil
}

func (o Opener) data(ctx context.Context, kind string, key client.ObjectKey) (map[string][]byte, error) {
	if kind == "Secret" {
		secret := &corev1.Secret{}
		err := o.Reader.Get(ctx, key, secret)
		return secret.Data, err
	}
	m := &corev1.ConfigMap{}
	err := o.Reader.Get(ctx, key, m)
	data := m.BinaryData
	if data == nil {
		data = map[string][]byte{}
	}
	for name, text := range m.Data {
		data[name] = []byte(text)
	}
	return data, err
}

// files says to the same code as the workers' what the connection is, so that both sides read a Secret alike.
func files(spec *v1alpha1.KafkaConnectionSpec, held content) secretfile.Files {
	name := func(file string) string {
		if _, ok := held[file]; ok {
			return file
		}
		return ""
	}
	f := secretfile.Files{
		TLS: spec.TLS != nil, CA: name(render.FileCA), Cert: name(render.FileCert), Key: name(render.FileKey),
		User: name(render.FileUser), Password: name(render.FilePassword),
		Read: func(file string) ([]byte, error) {
			if text, ok := held[file]; ok {
				return text, nil
			}
			return nil, fault.New(fault.Bug, fault.Place{}, "the file %s was not read", file)
		},
	}
	s := spec.SASL
	if s == nil {
		return f
	}
	f.Mechanism = render.Mechanism(s.Type)
	if u := s.User(); u != nil {
		f.Name = u.Username
	}
	if o := s.OAuthBearer; o != nil && o.ClientCredentials != nil {
		c := o.ClientCredentials
		f.TokenServer = secretfile.TokenServer{
			URL: c.TokenURL, ClientID: c.ClientID, Secret: name(render.FileClientSecret),
			Scopes: strings.Join(c.Scopes, " "), CA: name(render.FileTokenCA),
		}
	}
	return f
}

// hashOf identifies a way to reach a cluster: what the spec says, and what the files hold.
func hashOf(spec *v1alpha1.KafkaConnectionSpec, held content) (string, error) {
	text, err := json.Marshal(struct {
		Spec *v1alpha1.KafkaConnectionSpec
		Held content
	}{spec, held})
	if err != nil {
		return "", fault.Wrap(fault.Bug, err, "encode a connection")
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
