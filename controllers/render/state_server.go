package render

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

const (
	serverVolume   = "state-server"
	serverDir      = "/etc/millrace-state"
	serverPassword = "password"
	serverCA       = "ca.crt"
)

// stateServer is the server that a job's state is on.
type stateServer struct {
	url          string
	password, ca *v1alpha1.SecretKeyReference
}

// server returns the server of the job's state, or nil where workers keep it themselves.
func (w *Workload) server() *stateServer {
	switch s := &w.Job.Spec.State; {
	case s.Backend == v1alpha1.StateRedis && s.Redis != nil:
		return &stateServer{s.Redis.URL, s.Redis.PasswordRef, s.Redis.CARef}
	case s.Backend == v1alpha1.StatePostgres && s.Postgres != nil:
		return &stateServer{s.Postgres.URL, s.Postgres.PasswordRef, s.Postgres.CARef}
	default:
		return nil
	}
}

// args are the flags that say how the server is reached; secrets are files.
func (s *stateServer) args() []string {
	if s == nil {
		return nil
	}
	list := []string{"--state-url=" + s.url}
	if s.password != nil {
		list = append(list, "--state-password-file="+serverDir+"/"+serverPassword)
	}
	if s.ca != nil {
		list = append(list, "--state-tls-ca="+serverDir+"/"+serverCA)
	}
	return list
}

// volume holds the server's secrets, each under a name of ours; nil where there is none.
func (s *stateServer) volume() *corev1.Volume {
	if s == nil || s.password == nil && s.ca == nil {
		return nil
	}
	projected := &corev1.ProjectedVolumeSource{}
	for _, file := range []struct {
		ref  *v1alpha1.SecretKeyReference
		name string
	}{{s.password, serverPassword}, {s.ca, serverCA}} {
		if file.ref == nil {
			continue
		}
		projected.Sources = append(projected.Sources, corev1.VolumeProjection{Secret: &corev1.SecretProjection{
			LocalObjectReference: corev1.LocalObjectReference{Name: file.ref.Name},
			Items:                []corev1.KeyToPath{{Key: file.ref.Key, Path: file.name}},
		}})
	}
	return &corev1.Volume{Name: serverVolume, VolumeSource: corev1.VolumeSource{Projected: projected}}
}

// mounts are those of the volume.
func (s *stateServer) mounts() []corev1.VolumeMount {
	if s.volume() == nil {
		return nil
	}
	return []corev1.VolumeMount{{Name: serverVolume, MountPath: serverDir, ReadOnly: true}}
}
