package render

import (
	"net/url"
	"strings"
)

// SavepointLocation names the folder of a savepoint in the store of a URL, for people: without the store's options.
func SavepointLocation(store, prefix, id string) string {
	base, _, _ := strings.Cut(store, "?")
	return strings.TrimSuffix(base, "/") + "/" + url.PathEscape(prefix) + "/savepoints/" + id
}
