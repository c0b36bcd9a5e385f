package savepoint

import (
	"context"

	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/state"
)

// WriteSmall is WriteTask with files of some kilobytes.
func WriteSmall(ctx context.Context, blobs snapshot.Blobs, files Files, h Header, frozen state.Frozen, codecs []operator.NamedCodec) (Part, string, error) {
	return writeTask(ctx, blobs, files, h, frozen, codecs, limits{batchBytes: 400, groupBytes: 1000, fileBytes: 3000})
}
