package render

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

const (
	kafkaVolume = "kafka"
	kafkaDir    = "/etc/millrace-kafka"
)

// The names of a connection's files, in a worker's folder and wherever else a connection is read.
const (
	FileCA           = "ca.crt"
	FileCert         = "tls.crt"
	FileKey          = "tls.key"
	FileUser         = "user"
	FilePassword     = "password"
	FileClientSecret = "client-secret"
	FileTokenCA      = "token-ca.crt" //nolint:gosec // a name, not a credential
)

// ConnectionFile is a key of a Secret or a ConfigMap that a connection needs as a file.
type ConnectionFile struct {
	// Name is one of the names above.
	Name string
	// Secret or ConfigMap is the object's name; the other one is empty.
	Secret, ConfigMap string
	// Key is the object's key.
	Key string
	// Field is where the connection's spec names it.
	Field string
}

// ConnectionFiles lists the files that a connection needs.
func ConnectionFiles(spec *v1alpha1.KafkaConnectionSpec) []ConnectionFile {
	var list []ConnectionFile
	secret := func(name, field string, ref *v1alpha1.SecretKeyReference) {
		if ref != nil {
			list = append(list, ConnectionFile{Name: name, Secret: ref.Name, Key: ref.Key, Field: field})
		}
	}
	authorities := func(name, field string, a *v1alpha1.Authorities) {
		switch {
		case a == nil:
		case a.ConfigMap != nil:
			list = append(list, ConnectionFile{Name: name, ConfigMap: a.ConfigMap.Name, Key: a.ConfigMap.Key, Field: field + ".configMap"})
		default:
			secret(name, field+".secret", a.Secret)
		}
	}
	if t := spec.TLS; t != nil {
		authorities(FileCA, "spec.tls.ca", t.CA)
		if c := t.ClientCertificate; c != nil {
			const field = "spec.tls.clientCertificate.secretRef"
			list = append(list,
				ConnectionFile{Name: FileCert, Secret: c.SecretRef.Name, Key: corev1.TLSCertKey, Field: field},
				ConnectionFile{Name: FileKey, Secret: c.SecretRef.Name, Key: corev1.TLSPrivateKeyKey, Field: field})
		}
	}
	s := spec.SASL
	if s == nil {
		return list
	}
	if u := s.User(); u != nil {
		member := "spec.sasl." + member(s.Type)
		secret(FileUser, member+".usernameRef", u.UsernameRef)
		secret(FilePassword, member+".passwordRef", &u.PasswordRef)
	}
	if o := s.OAuthBearer; o != nil && o.Token != nil {
		secret(FilePassword, "spec.sasl.oauthBearer.token.tokenRef", &o.Token.TokenRef)
	}
	if o := s.OAuthBearer; o != nil && o.ClientCredentials != nil {
		secret(FileClientSecret, "spec.sasl.oauthBearer.clientCredentials.clientSecretRef", &o.ClientCredentials.ClientSecretRef)
		authorities(FileTokenCA, "spec.sasl.oauthBearer.clientCredentials.ca", o.ClientCredentials.CA)
	}
	return list
}

// member is the name of a type's member.
func member(t v1alpha1.SASLType) string { return strings.ToLower(string(t)[:1]) + string(t)[1:] }

// Mechanism is the registered name of a SASL type.
func Mechanism(t v1alpha1.SASLType) string {
	switch t {
	case v1alpha1.SASLPlain:
		return "PLAIN"
	case v1alpha1.SASLScramSHA256:
		return "SCRAM-SHA-256"
	case v1alpha1.SASLScramSHA512:
		return "SCRAM-SHA-512"
	case v1alpha1.SASLOAuthBearer:
		return "OAUTHBEARER"
	default:
		return string(t)
	}
}

// connectionArgs are the flags that say how the brokers are reached; what is secret is in files.
func (w *Workload) connectionArgs() []string {
	var list []string
	has := map[string]bool{}
	for _, f := range ConnectionFiles(&w.Connection) {
		has[f.Name] = true
	}
	if w.Connection.TLS != nil {
		list = append(list, "--tls")
	}
	if s := w.Connection.SASL; s != nil {
		list = append(list, "--sasl-mechanism="+Mechanism(s.Type))
		if u := s.User(); u != nil && u.Username != "" {
			list = append(list, "--sasl-user="+literal(u.Username))
		}
		if o := s.OAuthBearer; o != nil && o.ClientCredentials != nil {
			c := o.ClientCredentials
			list = append(list, "--sasl-token-url="+literal(c.TokenURL), "--sasl-client-id="+literal(c.ClientID))
			if len(c.Scopes) > 0 {
				list = append(list, "--sasl-scopes="+literal(strings.Join(c.Scopes, " ")))
			}
		}
	}
	for _, file := range []struct{ name, flag string }{
		{FileCA, "--tls-ca"},
		{FileCert, "--tls-cert"},
		{FileKey, "--tls-key"},
		{FileUser, "--sasl-user-file"},
		{FilePassword, "--sasl-password-file"},
		{FileClientSecret, "--sasl-client-secret-file"},
		{FileTokenCA, "--sasl-token-ca"},
	} {
		if has[file.name] {
			list = append(list, file.flag+"="+kafkaDir+"/"+file.name)
		}
	}
	return list
}

// literal keeps the kubelet from taking $(NAME) in an argument for a variable.
func literal(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// connectionVolumes mounts the keys that the connection names, and no others. A mounted file changes with its Secret, which
// one that is mounted by a sub-path would not.
func (w *Workload) connectionVolumes() []corev1.Volume {
	files := ConnectionFiles(&w.Connection)
	if len(files) == 0 {
		return nil
	}
	mode := int32(secretMode)
	projected := &corev1.ProjectedVolumeSource{DefaultMode: &mode}
	for _, f := range files {
		items := []corev1.KeyToPath{{Key: f.Key, Path: f.Name}}
		source := corev1.VolumeProjection{}
		if f.ConfigMap != "" {
			source.ConfigMap = &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: f.ConfigMap}, Items: items}
		} else {
			source.Secret = &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: f.Secret}, Items: items}
		}
		projected.Sources = append(projected.Sources, source)
	}
	return []corev1.Volume{{Name: kafkaVolume, VolumeSource: corev1.VolumeSource{Projected: projected}}}
}

func (w *Workload) connectionMounts() []corev1.VolumeMount {
	if len(ConnectionFiles(&w.Connection)) == 0 {
		return nil
	}
	return []corev1.VolumeMount{{Name: kafkaVolume, MountPath: kafkaDir, ReadOnly: true}}
}
