// Package v1alpha1 is the contract with the user: KafkaConnection, StreamTopic and StreamJob.
//
// Every field of a spec has three promises: a doc comment (what it means, its unit, what zero is), a default or a
// bound in the schema, and a marker "+millrace:change=" that says what a change of it does to a running job:
//
//   - Ignore: nothing happens to the running job; the value counts the next time it is read.
//   - Rescale: tasks move between workers, nothing restarts.
//   - Roll: worker pods are replaced one by one; no state is lost and no epoch begins.
//   - Savepoint: the job gets a new plan, or stops. Where state and exchanges are those of the running plan, the job goes on
//     from its committed offsets in a new epoch; otherwise by a savepoint, as spec.upgrade says; what can't be followed is refused,
//     and the running job goes on.
//   - Immutable: the API server refuses the change.
//
// The markers are read by tools/apigen, which writes the table that the lifecycle uses and the reference page; a field
// without one fails the build. The package imports only k8s.io/api and k8s.io/apimachinery, so that the command line
// tool can link it without a client.
//
// +kubebuilder:object:generate=true
// +groupName=millrace.dev
package v1alpha1
