package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Group is the API group of all kinds of Millrace.
const Group = "millrace.dev"

// GroupVersion is the group and version of this package.
var GroupVersion = schema.GroupVersion{Group: Group, Version: "v1alpha1"}

// SchemeBuilder collects the functions that add this package's kinds to a scheme.
var SchemeBuilder = runtime.NewSchemeBuilder(addKinds)

// AddToScheme adds the kinds of this package to a scheme.
var AddToScheme = SchemeBuilder.AddToScheme

func addKinds(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(
		GroupVersion,
		&KafkaConnection{}, &KafkaConnectionList{},
		&StreamTopic{}, &StreamTopicList{},
		&StreamJob{}, &StreamJobList{},
		&StreamSavepoint{}, &StreamSavepointList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
