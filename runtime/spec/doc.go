// Package spec is what the compiler takes: a job and the tables that it may name, free of Kubernetes. The operator and
// the command line both make one from their manifests, by the same code, so that what runs on a laptop is admitted by
// a cluster.
package spec
