package admission

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/fault"
)

// mostPort is the highest port of TCP.
const mostPort = 65535

// Servers is what is wrong with a connection's servers: the pattern of the CRD takes ports and addresses that there are not.
func Servers(connection *v1alpha1.KafkaConnection) error {
	for i, server := range connection.Spec.BootstrapServers {
		at := fault.InField(fmt.Sprintf("spec.bootstrapServers[%d]", i))
		colon := strings.LastIndexByte(server, ':')
		if colon < 0 {
			return fault.New(fault.User, at, "%q has no port", server).Do("write HOST:PORT")
		}
		if n, err := strconv.ParseUint(server[colon+1:], 10, 32); err != nil || n < 1 || n > mostPort {
			return fault.New(fault.User, at, "%q has no port between 1 and %d", server, mostPort).Do("correct it")
		}
		if host, ok := strings.CutPrefix(server[:colon], "["); ok {
			if _, err := netip.ParseAddr(strings.TrimSuffix(host, "]")); err != nil {
				return fault.New(fault.User, at, "%q is no address of IPv6", server[:colon]).Do("correct it")
			}
		}
	}
	return nil
}

// Connection judges a KafkaConnection that is created (old is nil) or changed. Jobs are those of its namespace.
func (j *Judge) Connection(now, old *v1alpha1.KafkaConnection, jobs []v1alpha1.StreamJob) Answer {
	var a Answer
	if Settled(now) || old != nil && slices.Equal(now.Spec.BootstrapServers, old.Spec.BootstrapServers) {
		return a
	}
	if err := Servers(now); err != nil {
		a.object(lifecycle.Obstacle{Reason: v1alpha1.ReasonBrokersUnreachable, Message: err.Error()}, err, "spec.bootstrapServers", true)
		return a
	}
	if old == nil {
		return a
	}
	users := 0
	for i := range jobs {
		if job := &jobs[i]; job.Spec.ConnectionRef.Name == now.Name && job.DeletionTimestamp == nil {
			users++
		}
	}
	if users > 0 {
		a.warn(fmt.Sprintf("the workers of %d StreamJobs are replaced one by one: the servers must be of the Kafka cluster that they know, which holds their offsets and state", users))
	}
	return a
}
