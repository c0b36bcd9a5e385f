package redisstore

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// Silence makes the client library keep to itself what it would print on the standard error: all of it comes back as errors
// of calls. The library has one logger for the whole process, so a program does this before it opens a backend.
func Silence() { redis.SetLogger(silent{}) }

type silent struct{}

// Printf prints nothing.
func (silent) Printf(context.Context, string, ...any) {}
