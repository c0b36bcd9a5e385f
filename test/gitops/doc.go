// Package gitops says of an object what those say who wait for it: kstatus, as Flux has it, the health rule for Argo CD, and
// kubectl wait. Tests compare them.
package gitops
