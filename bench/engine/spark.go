package engine

import (
	"context"
	"time"
)

func spark(p Paths) *Engine {
	return &Engine{
		Name: "spark", Title: "Spark", AtLeastOnce: true, Reports: true,
		CommitInterval: time.Second,
		Queries:        []string{"q0", "q1", "q2", "q5", "q11", "q12", "q21", "q22"},
		prepare:        func(ctx context.Context, e *Engine) error { return build(ctx, e, p, "spark") },
		command: func(e *Engine, r Run) ([]string, error) {
			// what Spark's own launcher passes on Java 17
			options := open("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util", "java.util.concurrent",
				"java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar")
			options = append(options, "-XX:+IgnoreUnrecognizedVMOptions", "--add-modules=jdk.incubator.vector", "-Djdk.reflect.useDirectMethodHandle=false")
			return java(e, r, "SparkPeer", "rocksdb", options...), nil
		},
	}
}
