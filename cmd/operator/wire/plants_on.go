//go:build mutants

package wire

import "flag"

// PlantFlags registers the bugs that the tests plant and must then find.
func (o *Options) PlantFlags(f *flag.FlagSet) {
	f.BoolVar(&o.plants.IgnoreDeletion, "plant-ignore-deletion", false, "look away when a job is deleted")
	f.BoolVar(&o.plants.BeginEmpty, "plant-begin-empty", false, "let no epoch begin from a savepoint")
}
