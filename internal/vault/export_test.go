package vault

import "net/http"

// Through lets a test answer for the key service.
func (w Where) Through(t http.RoundTripper) Where {
	w.transport = t
	return w
}

// StopAt lets a test kill a rotation: it stops at the step for which f returns an error, and gives nothing back.
func (v *Vault) StopAt(f func(step string) error) { v.stopAt = f }

// Batch lets a test have more steps with fewer rows.
func (v *Vault) Batch(rows int) { v.batch = rows }

// ProgramKeys is how many program keys the key file holds.
func (k *Keys) ProgramKeys() int { return len(k.programIDs()) }
