// Package release says which version this is.
package release

// Version is that of all programs that are built from this tree, and of the Helm chart; one that ends in "-dev" is on its way to being released.
const Version = "0.2.0-dev"
