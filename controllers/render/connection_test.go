package render_test

import (
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
)

func key(name, key string) *v1alpha1.SecretKeyReference {
	return &v1alpha1.SecretKeyReference{Name: name, Key: key}
}

// connections are ways to reach brokers, each with what a pod must have for it.
var connections = map[string]struct {
	change func(*v1alpha1.KafkaConnectionSpec)
	args   []string // all that speak of the connection
	files  string   // object/key → file of each projected source, in order
}{
	"plain text": {func(*v1alpha1.KafkaConnectionSpec) {}, nil, ""},
	"TLS with the machine's authorities": {
		func(c *v1alpha1.KafkaConnectionSpec) { c.TLS = &v1alpha1.KafkaTLS{} }, []string{"--tls"}, "",
	},
	"TLS with an authority of a ConfigMap": {
		func(c *v1alpha1.KafkaConnectionSpec) {
			c.TLS = &v1alpha1.KafkaTLS{CA: &v1alpha1.Authorities{Type: v1alpha1.AuthoritiesConfigMap, ConfigMap: &v1alpha1.ConfigMapKeyReference{Name: "trust", Key: "bundle.pem"}}}
		}, []string{"--tls", "--tls-ca=/etc/millrace-kafka/ca.crt"}, "configMap trust/bundle.pem→ca.crt",
	},
	"a certificate of ours": {
		func(c *v1alpha1.KafkaConnectionSpec) {
			c.TLS = &v1alpha1.KafkaTLS{
				CA:                &v1alpha1.Authorities{Type: v1alpha1.AuthoritiesSecret, Secret: key("cluster", "ca.crt")},
				ClientCertificate: &v1alpha1.ClientCertificate{SecretRef: v1alpha1.TLSSecretReference{Name: "me"}},
			}
		},
		[]string{"--tls", "--tls-ca=/etc/millrace-kafka/ca.crt", "--tls-cert=/etc/millrace-kafka/tls.crt", "--tls-key=/etc/millrace-kafka/tls.key"},
		"secret cluster/ca.crt→ca.crt secret me/tls.crt→tls.crt secret me/tls.key→tls.key",
	},
	"a user of a Secret": {
		func(c *v1alpha1.KafkaConnectionSpec) {
			c.SASL = &v1alpha1.KafkaSASL{Type: v1alpha1.SASLScramSHA512, ScramSHA512: &v1alpha1.SASLUser{UsernameRef: key("user", "username"), PasswordRef: *key("user", "password")}}
		},
		[]string{"--sasl-mechanism=SCRAM-SHA-512", "--sasl-user-file=/etc/millrace-kafka/user", "--sasl-password-file=/etc/millrace-kafka/password"},
		"secret user/username→user secret user/password→password",
	},
	"a user that is named": {
		func(c *v1alpha1.KafkaConnectionSpec) {
			c.SASL = &v1alpha1.KafkaSASL{Type: v1alpha1.SASLPlain, Plain: &v1alpha1.SASLUser{Username: "$(POD_NAME)", PasswordRef: *key("user", "password")}}
		},
		[]string{"--sasl-mechanism=PLAIN", "--sasl-user=$$(POD_NAME)", "--sasl-password-file=/etc/millrace-kafka/password"},
		"secret user/password→password",
	},
	"a token": {
		func(c *v1alpha1.KafkaConnectionSpec) {
			c.SASL = &v1alpha1.KafkaSASL{Type: v1alpha1.SASLOAuthBearer, OAuthBearer: &v1alpha1.OAuthBearer{
				Type: v1alpha1.OAuthFromToken, Token: &v1alpha1.OAuthToken{TokenRef: *key("user", "token")},
			}}
		},
		[]string{"--sasl-mechanism=OAUTHBEARER", "--sasl-password-file=/etc/millrace-kafka/password"},
		"secret user/token→password",
	},
	"a token's server": {
		func(c *v1alpha1.KafkaConnectionSpec) {
			c.SASL = &v1alpha1.KafkaSASL{Type: v1alpha1.SASLOAuthBearer, OAuthBearer: &v1alpha1.OAuthBearer{
				Type: v1alpha1.OAuthFromClientCredentials, ClientCredentials: &v1alpha1.OAuthClientCredentials{
					TokenURL: "https://login/token", ClientID: "me", ClientSecretRef: *key("client", "secret"), Scopes: []string{"kafka", "more"},
					CA: &v1alpha1.Authorities{Type: v1alpha1.AuthoritiesSecret, Secret: key("login", "ca.crt")},
				},
			}}
		},
		[]string{
			"--sasl-mechanism=OAUTHBEARER", "--sasl-token-url=https://login/token", "--sasl-client-id=me", "--sasl-scopes=kafka more",
			"--sasl-client-secret-file=/etc/millrace-kafka/client-secret", "--sasl-token-ca=/etc/millrace-kafka/token-ca.crt",
		},
		"secret client/secret→client-secret secret login/ca.crt→token-ca.crt",
	},
}

func TestAPodHasItsConnectionAsFiles(t *testing.T) {
	for name, c := range connections {
		t.Run(name, func(t *testing.T) {
			w := workload(job())
			c.change(&w.Connection)
			objects, err := w.Objects()
			if err != nil {
				t.Fatal(err)
			}
			text, err := yaml.Marshal(objects[len(objects)-1])
			if err != nil {
				t.Fatal(err)
			}
			var set struct {
				Spec struct{ Template struct{ Spec podSpec } }
			}
			if err := yaml.Unmarshal(text, &set); err != nil {
				t.Fatal(err)
			}
			pod := set.Spec.Template.Spec
			var args []string
			for _, a := range pod.Containers[0].Args {
				if strings.HasPrefix(a, "--tls") || strings.HasPrefix(a, "--sasl") {
					args = append(args, a)
				}
			}
			if got, want := strings.Join(args, "\n"), strings.Join(c.args, "\n"); got != want {
				t.Errorf("arguments\n%s\nwant\n%s", got, want)
			}
			if got := pod.files(); got != c.files {
				t.Errorf("files %s, want %s", got, c.files)
			}
			mounted := strings.Contains(string(text), "mountPath: /etc/millrace-kafka")
			if mounted != (c.files != "") || strings.Contains(string(text), "subPath") || strings.Contains(string(text), "secretKeyRef") {
				t.Errorf("mounts or variables:\n%s", text)
			}
		})
	}
}

type podSpec struct {
	Containers []struct{ Args []string }
	Volumes    []struct {
		Name      string
		Projected struct {
			DefaultMode int32
			Sources     []struct{ Secret, ConfigMap *projection }
		}
	}
}

type projection struct {
	Name  string
	Items []struct{ Key, Path string }
}

// files lists what the volume of the connection projects.
func (p podSpec) files() string {
	var list []string
	for _, v := range p.Volumes {
		if v.Name != "kafka" {
			continue
		}
		if mode := v.Projected.DefaultMode; mode != 0o440 {
			list = append(list, "all of mode "+strconv.FormatInt(int64(mode), 8))
		}
		for _, s := range v.Projected.Sources {
			kind, from := "secret", s.Secret
			if s.ConfigMap != nil {
				kind, from = "configMap", s.ConfigMap
			}
			list = append(list, kind+" "+from.Name+"/"+from.Items[0].Key+"→"+from.Items[0].Path)
		}
	}
	return strings.Join(list, " ")
}
