//go:build !mutants

package task

import "github.com/millrace/millrace/runtime/state"

// Plants are bugs that the tests plant and must then find. This build has none.
type Plants struct{}

func (Plants) cutEarly() bool { return false }

func (Plants) lapFrom(state.Store) scanner { return nil }

func (Plants) restored(m Meta) Meta { return m }

func (Plants) appliesUnconfirmed() bool { return false }

func (Plants) trustsAll() bool { return false }
