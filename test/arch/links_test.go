package arch

import (
	"os/exec"
	"strings"
	"testing"
)

// What a program links takes memory, used or not (docs/decisions/0067-two-workers.md).
func TestTheWorkerLinksNoLargeLibrary(t *testing.T) {
	large := []string{"github.com/parquet-go/", "github.com/jackc/", "github.com/redis/", "gocloud.dev/", "k8s.io/", "sigs.k8s.io/"}
	for program, free := range map[string]bool{"cmd/worker": true, "cmd/worker-full": false} {
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", module+program)
		text, err := list.Output()
		if err != nil {
			t.Fatalf("%v: %v", list, err)
		}
		var found []string
		for name := range strings.FieldsSeq(string(text)) {
			if prefix(large, name) {
				found = append(found, name)
			}
		}
		if free && len(found) > 0 {
			t.Errorf("%s links %s", program, strings.Join(found, " "))
		}
		if !free && len(found) == 0 {
			t.Errorf("%s links none of %v: the test looks for nothing", program, large)
		}
	}
}
