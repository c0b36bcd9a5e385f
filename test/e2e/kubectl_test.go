//go:build e2e

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// tryKubectl runs kubectl and returns what it printed.
func tryKubectl(ctx context.Context, stdin string, args ...string) (string, error) {
	command := append(append([]string{}, world.kubectl...), args...)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// kubectl runs kubectl, shows the command as a person would type it, and fails the scenario when it fails.
func kubectl(ctx context.Context, args ...string) string {
	GinkgoHelper()
	GinkgoWriter.Println("$ kubectl", strings.Join(args, " "))
	out, err := tryKubectl(ctx, "", args...)
	GinkgoWriter.Print(out)
	Expect(err).NotTo(HaveOccurred(), out)
	return out
}

// millrace runs the command line as kubectl's plugin of that name, on the same cluster.
func millrace(ctx context.Context, args ...string) string {
	GinkgoHelper()
	GinkgoWriter.Println("$ kubectl millrace", strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, world.millrace, append(args, world.kubectl[1:]...)...)
	out, err := cmd.CombinedOutput()
	GinkgoWriter.Print(string(out))
	Expect(err).NotTo(HaveOccurred(), string(out))
	return string(out)
}

// apply applies one of the manifests, with the ${NAMES} in it filled in.
func apply(ctx context.Context, namespace, file string, names map[string]string) {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join("manifests", file))
	Expect(err).NotTo(HaveOccurred())
	applyText(ctx, namespace, fill(string(text), names), file)
}

func applyText(ctx context.Context, namespace, text, what string) {
	GinkgoHelper()
	GinkgoWriter.Println("$ kubectl apply -n", namespace, "-f", what)
	out, err := tryKubectl(ctx, text, "apply", "-n", namespace, "-f", "-")
	GinkgoWriter.Print(out)
	Expect(err).NotTo(HaveOccurred(), out)
}

func fill(text string, names map[string]string) string {
	return os.Expand(text, func(name string) string {
		value, ok := names[name]
		Expect(ok).To(BeTrue(), "the manifest needs %s", name)
		return value
	})
}
