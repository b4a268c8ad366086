package vault

// StopAt lets a test kill a rotation: it stops at the step for which f returns an error, and gives nothing back.
func (v *Vault) StopAt(f func(step string) error) { v.stopAt = f }

// ProgramKeys is how many program keys the key file holds.
func (k *Keys) ProgramKeys() int { return len(k.programIDs()) }
