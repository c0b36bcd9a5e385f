//go:build !linux

package measure

import "syscall"

// attributes does nothing: only Linux can tie a child's life to its parent's.
func attributes() *syscall.SysProcAttr { return nil }
