package main

import (
	"bytes"
	"fmt"
	"strings"
)

const referenceHead = `# The API

<!-- Generated from api/v1alpha1 by make generate. Edit the comments there. -->

All kinds are ` + "`millrace.dev/v1alpha1`" + ` and namespaced. A duration is a Go duration such as ` + "`100ms`, `30s` or `5m`" + `; a quantity is one of
Kubernetes, such as ` + "`10Gi`" + `. The column *change* says what a change of the field does to a running job:

| change | what happens |
|---|---|
| Ignore | nothing to the running job; the value counts the next time that it is read |
| Rescale | tasks move between workers, nothing restarts |
| Roll | worker pods are replaced one by one; no state is lost and no epoch begins |
| Savepoint | the job gets a new plan, or stops: with the same state and exchanges it goes on from its committed offsets in a new epoch, otherwise by a savepoint, as spec.upgrade says; what can't be followed is refused, with the reason in the condition PlanAccepted, and the running job goes on |
| Immutable | the API server refuses the change |
`

// referencePage writes the reference page of all kinds.
func referencePage(kinds []kind) []byte {
	var b bytes.Buffer
	b.WriteString(referenceHead)
	for _, k := range kinds {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", k.name, k.doc)
		b.WriteString("| field | type | default | change | meaning |\n|---|---|---|---|---|\n")
		for _, f := range k.spec {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", f.path, f.typ+bounds(f.markers), fallback(f), f.change, cell(f.doc))
		}
		fmt.Fprintf(&b, "\n### Status of a %s\n\n| field | type | meaning |\n|---|---|---|\n", k.name)
		for _, f := range k.status {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.path, f.typ, cell(f.doc))
		}
	}
	return b.Bytes()
}

// bounds says in a few words what the schema allows.
func bounds(markers map[string]string) string {
	const prefix = "kubebuilder:validation:"
	var parts []string
	if v, ok := markers[prefix+"Enum"]; ok {
		parts = append(parts, strings.ReplaceAll(v, ";", ", "))
	}
	for _, bound := range []struct{ marker, text string }{
		{"Minimum", "at least %s"},
		{"Maximum", "at most %s"},
		{"MinItems", "at least %s"},
		{"MaxItems", "at most %s"},
		{"MaxProperties", "at most %s keys"},
		{"MaxLength", "at most %s characters"},
	} {
		if v, ok := markers[prefix+bound.marker]; ok {
			parts = append(parts, fmt.Sprintf(bound.text, v))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// fallback is the default as the page shows it.
func fallback(f field) string {
	if v, ok := f.markers["kubebuilder:default"]; ok {
		return "`" + strings.Trim(v, `"`) + "`"
	}
	if !f.optional {
		return "required"
	}
	return ""
}

// cell makes a text safe inside a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
