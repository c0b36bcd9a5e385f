package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// memoryGroup is a control group with a limit of memory, below the one that this process is in.
type memoryGroup struct {
	folder string
	second bool // version 2, else 1
}

// newMemoryGroup makes a group. It takes the rights of root, mostly, and a control group that has the memory controller.
func newMemoryGroup(limit int64) (*memoryGroup, error) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	g, err := memoryGroupAmong(string(text))
	if err != nil {
		return nil, err
	}
	g.folder = filepath.Join(g.folder, "millrace-bench-"+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(g.folder, 0o755); err != nil { //nolint:gosec // the kernel's folder
		return nil, err
	}
	name := "memory.limit_in_bytes"
	if g.second {
		name = "memory.max"
	}
	if err := os.WriteFile(filepath.Join(g.folder, name), []byte(strconv.FormatInt(limit, 10)), 0o600); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// memoryGroupAmong finds the group of a process that has the memory controller, by what /proc says of its groups.
func memoryGroupAmong(groups string) (*memoryGroup, error) {
	var second *memoryGroup
	for line := range strings.Lines(groups) {
		number, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, _ := strings.Cut(rest, ":")
		if slices.Contains(strings.Split(controllers, ","), "memory") {
			return &memoryGroup{folder: filepath.Join("/sys/fs/cgroup/memory", group)}, nil
		}
		if number == "0" {
			second = &memoryGroup{folder: filepath.Join("/sys/fs/cgroup", group), second: true}
		}
	}
	if second == nil {
		return nil, errors.New("the kernel has no control group with a limit of memory for this process")
	}
	return second, nil
}

// within is a command line that runs another one in the group: it is there before its first allocation.
func (g *memoryGroup) within() []string {
	return []string{"sh", "-c", `echo $$ >"$0" && exec "$@"`, filepath.Join(g.folder, "cgroup.procs")}
}

// peak is the most that the group has ever used, pages of files included; the kernel gives those back when it needs to.
func (g *memoryGroup) peak() (int64, error) {
	name := "memory.max_usage_in_bytes"
	if g.second {
		name = "memory.peak"
	}
	text, err := os.ReadFile(filepath.Join(g.folder, name))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
}

// anonymous is what the group uses now without pages of files: what can't be given back.
func (g *memoryGroup) anonymous() (int64, error) {
	if g.second {
		return g.value("memory.stat", "anon")
	}
	return g.value("memory.stat", "total_rss")
}

// kills is how many processes of the group the kernel has killed for its limit.
func (g *memoryGroup) kills() (int64, error) {
	if g.second {
		return g.value("memory.events", "oom_kill")
	}
	return g.value("memory.oom_control", "oom_kill")
}

// value reads a number by its name from one of the group's files.
func (g *memoryGroup) value(file, name string) (int64, error) {
	text, err := os.ReadFile(filepath.Join(g.folder, file)) //nolint:gosec // the kernel's
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if n, found := strings.CutPrefix(line, name+" "); found {
			return strconv.ParseInt(strings.TrimSpace(n), 10, 64)
		}
	}
	return 0, fmt.Errorf("%s says nothing of %s", file, name)
}

// close removes the group, whose processes have ended.
func (g *memoryGroup) close() error { return os.Remove(g.folder) }
