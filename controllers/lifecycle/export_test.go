package lifecycle

// LaterDefaults are the defaults that are no wish.
func LaterDefaults() map[string]any { return laterDefaults }
