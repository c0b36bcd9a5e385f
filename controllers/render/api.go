package render

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const (
	// httpsPort is the worker's port for its HTTP API.
	httpsPort = 8443
	apiVolume = "api"
	apiDir    = "/etc/millrace-api"
	tokenKey  = "token"
	// secretMode lets the worker's group, and nobody else, read the Secret.
	secretMode = 0o440
)

// ports are the container's: health and metrics for all, the API where the job opens it.
func (w *Workload) ports() []corev1.ContainerPort {
	list := []corev1.ContainerPort{{Name: "http", ContainerPort: httpPort, Protocol: corev1.ProtocolTCP}}
	if w.Job.Spec.API != nil {
		list = append(list, corev1.ContainerPort{Name: "https", ContainerPort: httpsPort, Protocol: corev1.ProtocolTCP})
	}
	return list
}

func (w *Workload) servicePorts() []corev1.ServicePort {
	var list []corev1.ServicePort
	for _, p := range w.ports() {
		list = append(list, corev1.ServicePort{Name: p.Name, Port: p.ContainerPort, TargetPort: intstr.FromString(p.Name), Protocol: p.Protocol})
	}
	return list
}

func (w *Workload) apiArgs() []string {
	if w.Job.Spec.API == nil {
		return nil
	}
	return []string{
		"--https=:" + strconv.Itoa(httpsPort),
		"--https-cert=" + apiDir + "/" + corev1.TLSCertKey,
		"--https-key=" + apiDir + "/" + corev1.TLSPrivateKeyKey,
		"--https-token-file=" + apiDir + "/" + tokenKey,
	}
}

func (w *Workload) apiMounts() []corev1.VolumeMount {
	if w.Job.Spec.API == nil {
		return nil
	}
	return []corev1.VolumeMount{{Name: apiVolume, MountPath: apiDir, ReadOnly: true}}
}

// apiVolumes mounts the three keys of the Secret, whatever else it holds. A pod waits for them: it is not to run with the
// door that the job asks for missing.
func (w *Workload) apiVolumes() []corev1.Volume {
	if w.Job.Spec.API == nil {
		return nil
	}
	mode := int32(secretMode)
	var items []corev1.KeyToPath
	for _, key := range []string{corev1.TLSCertKey, corev1.TLSPrivateKeyKey, tokenKey} {
		items = append(items, corev1.KeyToPath{Key: key, Path: key})
	}
	return []corev1.Volume{{
		Name: apiVolume,
		VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{
			SecretName: w.Job.Spec.API.SecretRef.Name, Items: items, DefaultMode: &mode,
		}},
	}}
}
