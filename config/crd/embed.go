// Package crd carries the generated CustomResourceDefinitions inside the binaries, so that the command line tool holds
// a manifest to the very schema, defaults and rules that a cluster holds it to.
package crd

import "embed"

// Files are the CustomResourceDefinitions, as YAML, under bases/.
//
//go:embed bases/*.yaml
var Files embed.FS
