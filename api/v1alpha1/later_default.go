package v1alpha1

// laterDefaults are the defaults of fields that came after v0.1.0, by kind and path. With the new CRD the API server adds them to each object that it
// reads, and nobody has asked for anything by that: without a row here an upgrade of the operator would roll every job, or record a version of it.
var laterDefaults = map[string]any{ //nolint:gochecknoglobals // a table
	"StreamJob.mode": string(ModeStreaming), "StreamJob.endAt.type": "Latest",
}

// LaterDefault returns the default of a field, by a path such as "StreamJob.state.backend", if it came after v0.1.0: in what is compared with what
// former versions have kept, it counts as no value.
func LaterDefault(path string) (value any, later bool) {
	value, later = laterDefaults[path]
	return value, later
}
