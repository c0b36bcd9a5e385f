// Command operator measures what the operator costs at the size of a large cluster: a real API server and etcd, the operator's own binary as a
// process, 500 jobs, and 5 000 pods that are none of its business.
//
//	API server, etcd (processes) ◄─► operator (a process: wall clock, CPU, memory, requests)
//	        ▲                            │
//	        └── StatefulSets' pods,      ▼
//	            made and called ready   broker in memory
//
// Workers do not run: pods are made and called ready in the kubelet's place, so the figures are the operator's alone. Run it by
// `make bench-operator`, which builds what it needs.
package main
