//go:build integration

package integration_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	runtimekafka "github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
)

// TestATrialNeedsItsGroupBesides runs a trial with what a job has, and then with the group that the reference names besides.
func TestATrialNeedsItsGroupBesides(t *testing.T) {
	g := newGuarded(t)
	admin := kadm.NewClient(g.client)
	job := physical.Topics{Prefix: "it.acl.tried", StateEpoch: 1}
	for _, p := range readPermissions(t) {
		p.allow(t, admin, job.Prefix)
	}
	try := func(id string) error {
		w, err := worker.New(worker.Config{
			Plan: g.plan, Topics: job.Trial(2, id), Trial: &worker.Trial{Of: job, Rows: 100}, Epoch: 2,
			Kafka:   runtimekafka.Options{Brokers: []string{g.Guarded()}, Security: g.security},
			Backend: memory.New(), Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
		})
		if err != nil {
			return err
		}
		return w.Run(t.Context())
	}
	if err := try("aaaaaa"); fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "ACL") {
		t.Errorf("without the group: %v", err)
	}
	group := kadm.NewACLs().Allow("User:"+user).AllowHosts("*").Operations(kadm.OpRead, kadm.OpDescribe).ResourcePatternType(kadm.ACLPatternPrefixed).Groups(job.Prefix + ".")
	if _, err := admin.CreateACLs(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	if err := try("bbbbbb"); err != nil {
		t.Errorf("with it: %v", err)
	}
}
