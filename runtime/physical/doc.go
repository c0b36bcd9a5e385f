// Package physical is the compiled plan: stages cut where rows must move to another key, each a chain of operators, in
// a versioned document that the operator stores in a ConfigMap and the worker decodes. The worker never sees the SQL.
//
//	source topic ─► stage ─► branch ─► sink topic
//	                  │
//	                  └────► branch ─► exchange topic ─► stage (stateful) ─► branch ─► sink topic
//
// A task is one stage on one partition number of its input.
package physical
