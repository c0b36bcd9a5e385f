package program

import (
	"io"
	"slices"
	"strings"
	"testing"
)

func TestADoorWithoutALockIsRefused(t *testing.T) {
	base := []string{"--plan", "p", "--brokers", "b:1", "--prefix", "x", "--ordinal", "0", "--state-backend", "memory"}
	cert, key, token := []string{"--https-cert", "c"}, []string{"--https-key", "k"}, []string{"--https-token-file", "t"}
	cases := map[string]struct {
		flags [][]string
		want  string
	}{
		"no door":             {nil, ""},
		"a door with a lock":  {[][]string{{"--https", ":8443"}, cert, key, token}, ""},
		"no token":            {[][]string{{"--https", ":8443"}, cert, key}, "--https without --https-token-file"},
		"no certificate":      {[][]string{{"--https", ":8443"}, key, token}, "--https without --https-cert"},
		"no key":              {[][]string{{"--https", ":8443"}, cert, token}, "--https without --https-key"},
		"a lock and no door":  {[][]string{token}, "without --https"},
		"a certificate alone": {[][]string{cert, key}, "without --https"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			args := base
			for _, f := range c.flags {
				args = append(slices.Clip(args), f...)
			}
			_, err := parse(args, io.Discard)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
