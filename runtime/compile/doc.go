// Package compile turns a job into its plan: parse, bind, optimise, cut into stages. It is pure and takes bounded time,
// so that admission, the reconciler and the command line call it alike.
//
//	text ─sql.Parse─► tree ─logical.Bind─► ─logical.Optimize─► chains ─cut─► physical.Plan
//
// The cut is made where rows must move to another key:
//
//	Scan ─► Filter ─► Window ─► (keys, arguments) ═ exchange ═► Aggregate ─► Filter ─► Project ─► sink
//	└────────── source stage of the topic ──────┘               └───── stage of the aggregate ───────┘
//
// All chains over one topic share one source stage, which decodes what any of them reads, once.
package compile
