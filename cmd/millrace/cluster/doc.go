// Package cluster does what the command line does with jobs that run on Kubernetes, over the API server and with the user's own rights:
//
//	Access (flags, kubeconfig) ─► Cluster ─► Status, Logs, Plan, Scale, Lag, Report, History, Rollback, Suspend, Resume, MakeSavepoint, Savepoints
//	                                │
//	                                ├─ objects of Millrace and what belongs to them, read as they are
//	                                └─ a worker's plain door, through the API server's proxy to its pod
//
// It reads no Secret: what it prints and packs up can be shown to others, and needs no rights to them.
package cluster
