//go:build !linux

package disk

// renameNew renames temporary to path, which must be free.
func renameNew(temporary, path string) error { return linkNew(temporary, path) }
