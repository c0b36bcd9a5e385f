// Package envtest runs the operator as it is deployed (config/default, with its own rights) against a real API server and
// etcd, and a Kafka broker in the process. There is no kubelet: the tests play the part of the StatefulSet controller.
// Build tag envtest; KUBEBUILDER_ASSETS names the folder with etcd, kube-apiserver and kubectl.
package envtest
