package wire

import (
	"context"

	"k8s.io/apimachinery/pkg/types"

	"github.com/millrace/millrace/controllers/streamjob"
	"github.com/millrace/millrace/controllers/workerapi"
)

// byAddress asks workers by the addresses of their pods.
type byAddress struct{ client *workerapi.Client }

// Ask asks a worker.
func (b byAddress) Ask(ctx context.Context, _ types.NamespacedName, address string) (*workerapi.Report, error) {
	return b.client.Ask(ctx, address)
}

func (o *Options) workers() streamjob.Workers {
	if o.Workers != nil {
		return o.Workers
	}
	return byAddress{workerapi.New()}
}
