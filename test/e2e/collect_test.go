//go:build e2e

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
)

// collect writes what helps to understand a failure into a folder: the objects, the pods' logs, the operator's, what
// Kafka knows of the groups.
func collect(ctx context.Context, namespace string) {
	folder := filepath.Join(world.logs, namespace)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		GinkgoWriter.Println("logs:", err)
		return
	}
	save := func(file string, args ...string) {
		out, err := tryKubectl(ctx, "", args...)
		if err != nil {
			out += "\n" + err.Error()
		}
		if err := os.WriteFile(filepath.Join(folder, file), []byte(out), 0o600); err != nil {
			GinkgoWriter.Println("logs:", err)
		}
	}
	save("objects.yaml", "-n", namespace, "get", "streamjobs,streamtopics,kafkaconnections,statefulsets,pods", "-o", "yaml")
	save("describe.txt", "-n", namespace, "describe", "streamjobs,pods")
	save("events.txt", "-n", namespace, "get", "events", "--sort-by=.lastTimestamp")
	save("operator.log", "-n", operatorNamespace, "logs", "-l", operatorLabel, "--tail=-1")
	save("operator-before.log", "-n", operatorNamespace, "logs", "-l", operatorLabel, "--tail=-1", "--previous")
	pods, _ := tryKubectl(ctx, "", "-n", namespace, "get", "pods", "-o", "name")
	for pod := range strings.FieldsSeq(pods) {
		name := strings.TrimPrefix(pod, "pod/")
		save(name+".log", "-n", namespace, "logs", name, "--tail=-1")
		save(name+"-before.log", "-n", namespace, "logs", name, "--tail=-1", "--previous")
	}
	var groups strings.Builder
	if lags, err := world.admin.Lag(ctx); err == nil {
		for _, l := range lags.Sorted() {
			if strings.Contains(l.Group, namespace) {
				groups.WriteString(l.Group + " " + l.State + "\n")
				for _, m := range l.Lag.Sorted() {
					groups.WriteString("  " + m.Topic + " " + m.Commit.Metadata + "\n")
				}
			}
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "groups.txt"), []byte(groups.String()), 0o600); err != nil {
		GinkgoWriter.Println("logs:", err)
	}
	GinkgoWriter.Println("logs of this scenario:", folder)
}
