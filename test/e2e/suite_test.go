//go:build e2e

package e2e

import (
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// world is the cluster and the broker that all scenarios share.
var world *environment

func TestEndToEnd(t *testing.T) {
	RegisterFailHandler(Fail)
	EnforceDefaultTimeoutsWhenUsingContexts()
	SetDefaultEventuallyTimeout(patience(os.Getenv("E2E_PATIENCE")))
	SetDefaultEventuallyPollingInterval(200 * time.Millisecond)
	suite, reporter := GinkgoConfiguration()
	reporter.Verbose = true
	suite.Timeout = 25 * time.Minute
	RunSpecs(t, "Millrace on a cluster", suite, reporter)
}

// patience is how long a scenario waits for one thing.
func patience(text string) time.Duration {
	const usual = 90 * time.Second
	if d, err := time.ParseDuration(text); err == nil {
		return d
	}
	return usual
}

var _ = BeforeSuite(func(ctx SpecContext) {
	var err error
	world, err = newEnvironment(ctx, os.Getenv)
	Expect(err).NotTo(HaveOccurred())
	Eventually(operatorReady).WithContext(ctx).Should(Succeed())
}, NodeTimeout(3*time.Minute))

var _ = AfterSuite(func() {
	if world != nil {
		world.close()
	}
})

var _ = ReportAfterSuite("where the logs are", func(report Report) {
	if !report.SuiteSucceeded && world != nil {
		GinkgoWriter.Println("logs of what failed:", world.logs)
		_, _ = os.Stderr.WriteString("logs of what failed: " + world.logs + "\n")
	}
})
