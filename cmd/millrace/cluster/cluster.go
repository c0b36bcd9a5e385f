package cluster

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

// mostObjects bounds a list that is read at once; the rest comes in further pages.
const mostObjects = 500

// Cluster is a namespace of a cluster. It is safe for concurrent use.
type Cluster struct {
	// Namespace is what the commands are about.
	Namespace string
	config    *rest.Config
	objects   dynamic.Interface
	core      rest.Interface // /api/v1, for what is no object: logs and the proxy
}

func connect(config *rest.Config, namespace string) (*Cluster, error) {
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "connect to %s", config.Host)
	}
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, corev1.SchemeGroupVersion) // errors are objects, too
	raw := rest.CopyConfig(config)
	raw.APIPath, raw.GroupVersion = "/api", &corev1.SchemeGroupVersion
	raw.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	core, err := rest.RESTClientFor(raw)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "connect to %s", config.Host)
	}
	return &Cluster{Namespace: namespace, config: config, objects: objects, core: core}, nil
}

// kind names a kind of object for requests, and for people.
type kind struct {
	schema.GroupVersionResource
	name string
}

func ours(resource, name string) kind {
	return kind{v1alpha1.GroupVersion.WithResource(resource), name}
}

func jobs() kind        { return ours("streamjobs", "StreamJob") }
func topics() kind      { return ours("streamtopics", "StreamTopic") }
func connections() kind { return ours("kafkaconnections", "KafkaConnection") }

func core(resource, name string) kind {
	return kind{corev1.SchemeGroupVersion.WithResource(resource), name}
}

// get reads one object.
func (c *Cluster) get(ctx context.Context, k kind, name string) (*unstructured.Unstructured, error) {
	ctx, cancel := context.WithTimeout(ctx, requestPatience)
	defer cancel()
	o, err := c.objects.Resource(k.GroupVersionResource).Namespace(c.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, c.said(err, "get "+k.Resource, k.name+" "+c.Namespace+"/"+name)
	}
	return o, nil
}

// list reads all objects of a kind, in all namespaces where that is "", as a selector says.
func (c *Cluster) list(ctx context.Context, k kind, namespace string, o metav1.ListOptions) ([]unstructured.Unstructured, error) {
	ctx, cancel := context.WithTimeout(ctx, requestPatience)
	defer cancel()
	var all []unstructured.Unstructured
	o.Limit = mostObjects
	for {
		page, err := c.objects.Resource(k.GroupVersionResource).Namespace(namespace).List(ctx, o)
		if err != nil {
			return nil, (&Cluster{Namespace: namespace}).said(err, "list "+k.Resource, k.name+"s")
		}
		all = append(all, page.Items...)
		if o.Continue = page.GetContinue(); o.Continue == "" {
			return all, nil
		}
	}
}

// typed makes a typed object of one that was read.
func typed[T any](o *unstructured.Unstructured) (*T, error) {
	t := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, t); err != nil {
		return nil, fault.Wrap(fault.Corrupt, err, "read %s %s", o.GetKind(), o.GetName()).Do("use a millrace of the operator's version")
	}
	return t, nil
}

// Job reads a job.
func (c *Cluster) Job(ctx context.Context, name string) (*v1alpha1.StreamJob, error) {
	o, err := c.get(ctx, jobs(), name)
	if err != nil {
		return nil, err
	}
	return typed[v1alpha1.StreamJob](o)
}

// Names lists the names of the namespace's jobs.
func (c *Cluster) Names(ctx context.Context) ([]string, error) {
	items, err := c.list(ctx, jobs(), c.Namespace, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(items))
	for i := range items {
		names = append(names, items[i].GetName())
	}
	return names, nil
}

// workers reads a job's pods, by epoch and ordinal.
func (c *Cluster) workers(ctx context.Context, job string) ([]*corev1.Pod, error) {
	items, err := c.list(ctx, core("pods", "Pod"), c.Namespace, metav1.ListOptions{LabelSelector: render.LabelJob + "=" + job})
	if err != nil {
		return nil, err
	}
	pods := make([]*corev1.Pod, 0, len(items))
	for i := range items {
		pod, err := typed[corev1.Pod](&items[i])
		if err != nil {
			return nil, err
		}
		pods = append(pods, pod)
	}
	slices.SortFunc(pods, func(a, b *corev1.Pod) int {
		return cmp.Or(cmp.Compare(epochOf(a), epochOf(b)), cmp.Compare(ordinalOf(a), ordinalOf(b)), strings.Compare(a.Name, b.Name))
	})
	return pods, nil
}

func epochOf(pod *corev1.Pod) int { return number(pod.Labels[render.LabelEpoch]) }

func ordinalOf(pod *corev1.Pod) int { return number(pod.Name[strings.LastIndexByte(pod.Name, '-')+1:]) }

// number reads a number, and what is none as -1.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}
