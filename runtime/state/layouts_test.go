package state_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/state"
)

// writtenChanges is what every version so far has written for the changes below; other bytes are another layout.
const writtenChanges = "010501010203030305040101c801000001006b6579656d707479676f6e65617a7676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676621072d074"

// TestChangesAreAsTheVersionsBeforeWroteThem: they are in changelogs that workers of another version read.
func TestChangesAreAsTheVersionsBeforeWroteThem(t *testing.T) {
	var c state.Changes
	for _, err := range []error{
		c.Put([]byte("key"), []byte(strings.Repeat("v", 200))), c.Put([]byte("empty"), nil), c.Delete([]byte("gone")), c.DeleteRange([]byte("a"), []byte("b")), c.DeleteRange([]byte("z"), nil),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := hex.EncodeToString(c.Encode(nil)); got != writtenChanges {
		t.Errorf("wrote\n%s\nwant\n%s", got, writtenChanges)
	}
	written, err := hex.DecodeString(writtenChanges)
	if err != nil {
		t.Fatal(err)
	}
	var back state.Changes
	if err := state.DecodeChanges(written, &back); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(back.Encode(nil)); got != writtenChanges {
		t.Errorf("read, and wrote\n%s\nwant\n%s", got, writtenChanges)
	}
}
