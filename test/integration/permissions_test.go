//go:build integration

package integration_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/compile"
	runtimekafka "github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/connector/kafka/secretfile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
	"github.com/millrace/millrace/test/kafka"
)

// permission is a row of the reference's table.
type permission struct {
	resource, name, pattern string
	operations              []string
	row                     string
}

const permissionsPage = "../../docs/reference/kafka-permissions.md"

// readPermissions reads the table of the reference.
func readPermissions(t *testing.T) []permission {
	t.Helper()
	text, err := os.ReadFile(permissionsPage)
	if err != nil {
		t.Fatal(err)
	}
	var list []permission
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 7 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if cells[1] == "resource" || strings.HasPrefix(cells[1], "-") {
			continue
		}
		list = append(list, permission{cells[1], cells[2], cells[3], strings.Split(cells[4], ", "), strings.Join(cells[1:5], " ")})
	}
	if len(list) < 5 {
		t.Fatalf("the table in %s has %d rows", permissionsPage, len(list))
	}
	return list
}

// names are what a row's name stands for in the test's job.
func (p permission) names(t *testing.T, job string) []string {
	t.Helper()
	names, ok := map[string][]string{
		"each topic that is read": {"rows_in"}, "each topic that is written": {"copies", "counts"}, "prefix": {job},
	}[p.name]
	if !ok {
		t.Fatalf("the test knows no name %q", p.name)
	}
	return names
}

// allow makes the row's ACLs.
func (p permission) allow(t *testing.T, admin *kadm.Client, job string) {
	t.Helper()
	var operations []kadm.ACLOperation
	for _, o := range p.operations {
		operation, err := kmsg.ParseACLOperation(o)
		if err != nil {
			t.Fatal(err)
		}
		operations = append(operations, operation)
	}
	pattern := kadm.ACLPatternLiteral
	if p.pattern == "prefixed" {
		pattern = kadm.ACLPatternPrefixed
	}
	b := kadm.NewACLs().Allow("User:" + user).AllowHosts("*").Operations(operations...).ResourcePatternType(pattern)
	switch names := p.names(t, job); p.resource {
	case "topic":
		b = b.Topics(names...)
	case "group":
		b = b.Groups(names...)
	case "transactional id":
		b = b.TransactionalIDs(names...)
	default:
		t.Fatalf("the test knows no resource %q", p.resource)
	}
	made, err := admin.CreateACLs(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range made {
		if m.Err != nil {
			t.Fatalf("%s: %v", p.row, m.Err)
		}
	}
}

const (
	user     = "worker"
	password = "of the worker"
)

// guarded is a broker with an authorizer, and what its worker says it is.
type guarded struct {
	*kafka.Broker
	client   *kgo.Client
	security runtimekafka.Security
	plan     *physical.Plan
	delivery spec.Delivery // empty: exactly once
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{Broker: kafka.Start(t, kafka.Guarded(map[string]string{user: password}))}
	var err error
	if g.client, err = kgo.NewClient(kgo.SeedBrokers(g.Address())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.client.Close)
	if _, err := kadm.NewClient(g.client).CreateTopics(t.Context(), 1, 1, nil, "rows_in", "copies", "counts"); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		value, err := json.Marshal(row{K: "k", ID: int64(i), TS: int64(i) * windowMillis})
		if err == nil {
			err = g.client.ProduceSync(t.Context(), &kgo.Record{Topic: "rows_in", Value: value}).FirstErr()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	files := secretfile.Files{Mechanism: "PLAIN", User: filepath.Join(dir, "user"), Password: filepath.Join(dir, "password")}
	for name, text := range map[string]string{files.User: user + "\n", files.Password: password + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if g.security, err = files.Security(); err != nil {
		t.Fatal(err)
	}
	if g.plan, err = compile.Compile(spec.Job{Name: "job", SQL: query, File: "query.sql", MaxParallelism: 2, BadRows: spec.BadRowsFail}); err != nil {
		t.Fatal(err)
	}
	return g
}

// work runs the job for a while, twice: the second worker finds what the first has left. It returns what Run has said first, and
// how many commits there were.
func (g *guarded) work(ctx context.Context, t *testing.T, job string) (commits int64, err error) {
	t.Helper()
	const enough = 20 * time.Second
	for range 2 {
		w, e := worker.New(worker.Config{
			Plan: g.plan, Topics: physical.Topics{Prefix: job, StateEpoch: 1}, Epoch: 1,
			Kafka:   runtimekafka.Options{Brokers: []string{g.Guarded()}, Security: g.security},
			Backend: memory.New(), TrimInterval: 50 * time.Millisecond, Bounded: true, Delivery: g.delivery, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
		})
		if e != nil {
			return commits, e
		}
		life, end := context.WithTimeout(ctx, enough)
		err = w.Run(life)
		commits += w.Snapshot().Commits
		end()
		if err != nil {
			return commits, err
		}
	}
	return commits, nil
}

// TestAJobNeedsThePermissionsOfTheReference runs a job whose principal has what the reference lists, and then, for each row,
// without what that one allows.
func TestAJobNeedsThePermissionsOfTheReference(t *testing.T) {
	g := newGuarded(t)
	admin := kadm.NewClient(g.client)
	rows := readPermissions(t)
	try := func(number int, without int) (int64, error) {
		job := "it.acl.job" + strconv.Itoa(number)
		for i, p := range rows {
			if i != without {
				p.allow(t, admin, job)
			}
		}
		return g.work(t.Context(), t, job)
	}
	if commits, err := try(0, -1); err != nil || commits == 0 {
		t.Fatalf("with all of them: %d commits, %v", commits, err)
	}
	for i, d := range []spec.Delivery{spec.AtLeastOnce, spec.AtMostOnce} {
		g.delivery = d
		transactions := slices.IndexFunc(rows, func(p permission) bool { return p.resource == "transactional id" })
		if commits, err := try(100+i, transactions); err != nil || commits == 0 {
			t.Errorf("%s without transactional ids: %d commits, %v", d, commits, err)
		}
	}
	g.delivery = ""
	for i, p := range rows {
		if slices.Contains([]string{"rows_in", "copies"}, p.names(t, "")[0]) { // these were allowed for the job before
			gone := kadm.NewACLs().Topics(p.names(t, "")...).Allow("User:" + user).AllowHosts("*").Operations().ResourcePatternType(kadm.ACLPatternLiteral)
			if _, err := admin.DeleteACLs(t.Context(), gone); err != nil {
				t.Fatal(err)
			}
		}
		_, err := try(1+i, i)
		if fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "ACL") {
			t.Errorf("without %s: %v", p.row, err)
		}
		t.Logf("without %s: %v", p.row, err)
	}
}
