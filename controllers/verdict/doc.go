// Package verdict turns the outcome of a pass into conditions by the kstatus rules, in one place for all kinds: Reconciling,
// Stalled and Suspended are there only while they hold, never two of them, and Ready is there unless the object is suspended.
package verdict
