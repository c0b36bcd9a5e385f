// Package verdict turns the outcome of a pass into conditions by the kstatus rules, in one place for all kinds: Ready is
// always there, Reconciling and Stalled only while they hold.
package verdict
