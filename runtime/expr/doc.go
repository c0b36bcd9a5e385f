// Package expr is the one expression language: typed trees that a plan carries as JSON, and programs compiled from
// them that run over column batches. Names are resolved and types decided before a tree is made (runtime/logical); here
// nothing is looked up and nothing is converted silently.
package expr
