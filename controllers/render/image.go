package render

import (
	"strings"

	"github.com/millrace/millrace/api/v1alpha1"
)

// Image is the worker image for a job: the operator's, with the tag of spec.runtimeVersion where one is given.
func Image(operators string, job *v1alpha1.StreamJob) string {
	version := job.Spec.RuntimeVersion
	if version == "" {
		return operators
	}
	name, _, _ := strings.Cut(operators, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	return name + ":" + version
}
