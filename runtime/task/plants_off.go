//go:build !mutants

package task

// Plants are bugs that the tests plant and must then find. This build has none.
type Plants struct{}

func (Plants) cutEarly() bool { return false }

func (Plants) restored(m Meta) Meta { return m }

func (Plants) appliesUnconfirmed() bool { return false }

func (Plants) trustsAll() bool { return false }
