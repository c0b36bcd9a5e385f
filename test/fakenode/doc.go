// Package fakenode plays what an API server alone lacks: the StatefulSet controller, the garbage collector, and the kubelet of one node. Pods are
// workers in this process: they run the worker's own code with the flags of their pods and the plan of their ConfigMap, so whatever the operator
// deploys works, or does not, as it would on a cluster.
//
//	StatefulSet ─► pods (Parallel, OnDelete) ─► worker, again when it ends ─► condition Ready
//	owner gone  ─► its objects go, and with a pod its worker
//
// A worker that is told to end commits and leaves; its pod is there until it has.
package fakenode
