package cluster

import (
	"time"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/millrace/millrace/runtime/fault"
)

// requestPatience bounds a request to the API server that is no stream.
const requestPatience = 30 * time.Second

// Access is how to reach a cluster: a kubeconfig and what flags say instead. Make it with NewAccess.
type Access struct {
	rules     *clientcmd.ClientConfigLoadingRules
	overrides *clientcmd.ConfigOverrides
}

// NewAccess returns an access by the kubeconfig that kubectl would take, within a Pod by its ServiceAccount.
func NewAccess() *Access {
	return &Access{rules: clientcmd.NewDefaultClientConfigLoadingRules(), overrides: &clientcmd.ConfigOverrides{}}
}

// Flags adds kubectl's flags.
func (a *Access) Flags(f *pflag.FlagSet) {
	f.StringVar(&a.rules.ExplicitPath, clientcmd.RecommendedConfigPathFlag, "", "the kubeconfig file; default: as kubectl")
	names := clientcmd.RecommendedConfigOverrideFlags("")
	names.ContextOverrideFlags.Namespace.ShortName = "n"
	names.AuthOverrideFlags.Username.LongName, names.AuthOverrideFlags.Password.LongName = "", "" // servers have long ceased to take them
	clientcmd.BindOverrideFlags(a.overrides, f, names)
}

// Open returns the cluster. Nothing is asked yet.
func (a *Access) Open() (*Cluster, error) {
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(a.rules, a.overrides)
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "find the cluster").Do("give --kubeconfig or --context, or set KUBECONFIG; kubectl config get-contexts shows what there is")
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "find the namespace").Do("give --namespace")
	}
	return New(config, namespace)
}

// New returns a cluster by a config that is at hand.
func New(config *rest.Config, namespace string) (*Cluster, error) {
	config = rest.CopyConfig(config)
	config.QPS, config.Burst = -1, 0 // a command asks a few questions; the server has its own limits
	return connect(config, namespace)
}
