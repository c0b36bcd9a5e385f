package main

import (
	"flag"
	"fmt"
	"go/format"
	"os"
)

func main() {
	types := flag.String("types", "api/v1alpha1", "`folder` of the API types")
	changes := flag.String("changes", "", "`file` to write the table of changes to; none writes none")
	reference := flag.String("reference", "", "`file` to write the reference page to; none writes none")
	flag.Parse()
	if err := generate(*types, *changes, *reference); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(types, changes, reference string) error {
	model, err := load(types)
	if err != nil {
		return err
	}
	if changes != "" {
		source, err := format.Source(changesSource(model))
		if err != nil {
			return fmt.Errorf("format %s: %w", changes, err)
		}
		if err := os.WriteFile(changes, source, 0o600); err != nil {
			return err
		}
	}
	if reference == "" {
		return nil
	}
	return os.WriteFile(reference, referencePage(model), 0o600)
}
