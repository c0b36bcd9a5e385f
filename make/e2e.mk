# The end-to-end test's own test; included by the Makefile.

.PHONY: e2e-mutants
e2e-mutants: ## Run the end-to-end test on programs with planted bugs: it must turn red on each
	@test/e2e/run.sh mutants
