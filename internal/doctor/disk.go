// Package doctor owns the looking after a house: what is not right yet, and how to mend it.
//
// It must never change anything, nor say anything of a person.
package doctor

import (
	"os"
	"path/filepath"

	"hearth/internal/fault"
)

// Folder tells whether backups can be written into a folder. fault.Invalid, with the field backup_to: it is
// none, or nothing can be written there.
func Folder(path string) error {
	wrong := fault.New(fault.Invalid, "Something here needs another look.")
	if !filepath.IsAbs(path) {
		return wrong.With("backup_to", "Please write the whole path of the folder, beginning with a slash.")
	}
	if s, err := os.Stat(path); err != nil || !s.IsDir() {
		return wrong.With("backup_to", "There is no folder %s on the server. Make it there first.", path)
	}
	f, err := os.CreateTemp(path, ".hearth-*")
	if err != nil {
		return wrong.With("backup_to", "Nothing can be written into %s. Give it to the user that runs Hearth.", path)
	}
	_ = f.Close() // nothing was written
	return os.Remove(f.Name())
}
