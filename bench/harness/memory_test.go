package main

import "testing"

func TestSizesOfMemory(t *testing.T) {
	for text, want := range map[string]int64{"512MiB": 512 << 20, "2GiB": 2 << 30, "512": 0, "0MiB": 0, "-1GiB": 0, "MiB": 0, "1TiB": 0, "99999999999GiB": 0} {
		if got, err := size(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}

func TestTheGroupWithALimitOfMemoryIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		groups, folder string
		second         bool
	}{
		"version 2":                 {"0::/user/shell\n", "/sys/fs/cgroup/user/shell", true},
		"version 1":                 {"3:cpu:/\n2:memory:/a/b\n", "/sys/fs/cgroup/memory/a/b", false},
		"both, and memory is in 1":  {"2:memory:/a\n0::/\n", "/sys/fs/cgroup/memory/a", false},
		"both, the other way round": {"0::/\n2:memory:/a\n", "/sys/fs/cgroup/memory/a", false},
		"none":                      {"", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := memoryGroupAmong(c.groups)
			if (err == nil) != (c.folder != "") {
				t.Fatal(err)
			}
			if err == nil && (g.folder != c.folder || g.second != c.second) {
				t.Errorf("%+v", *g)
			}
		})
	}
}
