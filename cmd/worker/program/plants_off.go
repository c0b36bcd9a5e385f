//go:build !mutants

package program

import (
	"flag"

	"github.com/millrace/millrace/runtime/worker"
)

// plants are bugs that the end-to-end tests plant and must then find. This build has none.
type plants struct{}

func (plants) flags(*flag.FlagSet) {}

func (plants) apply(*worker.Config) {}
