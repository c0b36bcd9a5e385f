package cluster

import (
	"regexp"
	"strings"

	"github.com/millrace/millrace/controllers/render"
)

// redacted stands for what is not to be shown.
const redacted = "<redacted>"

// secretWords are in the names of things that are secret.
const secretWords = `(?:password|passwd|passphrase|pwd|token|secret|credential|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|jaas|authorization)`

// redactor takes out of objects and texts what may be secret. It goes by names and forms, so it takes out too much rather than too little; what is
// secret and looks like nothing, alone in a line of a log, it can't know. It is safe for concurrent use.
type redactor struct {
	name  *regexp.Regexp // of a field
	forms []form
}

// form is a text that holds a secret, and what remains of it.
type form struct {
	pattern *regexp.Regexp
	keep    string
}

func newRedactor() *redactor {
	return &redactor{
		name: regexp.MustCompile(`(?i)` + secretWords),
		forms: []form{
			{regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|$)`), redacted},
			// a user in a URL
			{regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@"'<>]+@`), "${1}" + redacted + "@"},
			{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{6,}`), "${1} " + redacted},
			// name = value, name: value, "name":"value", also within a text that is quoted itself
			{regexp.MustCompile(`(?i)([\w.-]*` + secretWords + `[\w.-]*\\?["']?\s*(?:=>|[=:])\s*)(\\"(?:[^"\\]|\\[^"])*\\"|"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,;&"'{}()\\]+)`), "${1}" + redacted},
			// tokens by their own form
			{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?`), redacted},
			{regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`), redacted},
		},
	}
}

// text returns a text without what looks secret. A reference to a Secret, ${secret:name/key}, says where it is and stays.
func (r *redactor) text(s string) string {
	parts := strings.Split(s, "${secret:")
	for i, part := range parts {
		kept := ""
		if i > 0 {
			if end := strings.IndexByte(part, '}'); end >= 0 {
				kept, part = part[:end+1], part[end+1:]
			}
		}
		for _, f := range r.forms {
			part = f.pattern.ReplaceAllString(part, f.keep)
		}
		parts[i] = kept + part
	}
	return strings.Join(parts, "${secret:")
}

// object returns a copy of an object as the API server has it, without what may be secret: values of environment variables and headers, fields with
// such names, and the annotations in which kubectl repeats all of the object, and the operator the pods.
func (r *redactor) object(o map[string]any) map[string]any {
	clean, _ := r.value("", o).(map[string]any)
	return clean
}

func (r *redactor) value(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		return r.fields(v)
	case []any:
		list := make([]any, 0, len(v))
		for _, item := range v {
			list = append(list, r.value(name, item))
		}
		return list
	case string:
		if r.names(name) && v != "" {
			return redacted
		}
		return r.text(v)
	default:
		return v
	}
}

func (r *redactor) fields(o map[string]any) map[string]any {
	clean := make(map[string]any, len(o))
	_, named := o["name"].(string)
	for name, v := range o {
		switch {
		case name == "managedFields" || name == "kubectl.kubernetes.io/last-applied-configuration" || name == render.AnnotationPods:
			continue
		case name == "value" && named:
			clean[name] = redacted
		default:
			clean[name] = r.value(name, v)
		}
	}
	return clean
}

// names says whether a field's text is secret by its name. The name of a Secret is not, nor is the path of a file.
func (r *redactor) names(field string) bool {
	for _, end := range []string{"Name", "Ref", "Path", "File", "Policy"} {
		if strings.HasSuffix(field, end) {
			return false
		}
	}
	return r.name.MatchString(field)
}
