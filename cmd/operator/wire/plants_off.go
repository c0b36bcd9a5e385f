//go:build !mutants

package wire

import "flag"

// PlantFlags registers the bugs that the tests plant and must then find. This build has none.
func (*Options) PlantFlags(*flag.FlagSet) {}
