// Package render turns manifests into what runs: a StreamJob and its tables into the compiler's job, and a job with its
// plan into the Kubernetes objects of an epoch. It is pure: the same input gives the same objects, field by field, so
// that applying them again changes nothing.
//
//	<job>-<epoch>   StatefulSet (Parallel, OnDelete) and ConfigMap with the plan (immutable): one each an epoch
//	<job>-worker    headless Service, ServiceAccount without rights, PodDisruptionBudget, NetworkPolicy: for the job's life
package render
