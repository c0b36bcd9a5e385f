// Package admission judges what users ask for before it is stored: a change is refused, with the place and what to do, or it is taken
// with warnings. It talks to nobody; package webhook gathers what it needs and passes its answers on.
//
//	(new object, old object or none, the tables that were found, the plan that runs or none) ─► refusals, warnings
//
// Refused is only what is wrong whatever else may arrive. A table that is not there may come: manifests are applied in any order, and
// Helm sends StreamJobs before StreamTopics. What was wrong before a change and is not touched by it is a warning, so that an object which
// came past the webhook can still be scaled, labelled and deleted.
//
// The reconcilers say the same words of what they find in a stored object, because they ask here: Query and Template make the obstacles
// of a job's conditions, Compare the reason for which its state can't be carried over.
package admission
