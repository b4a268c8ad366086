package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hearth/internal/account"
	"hearth/internal/casework"
	"hearth/internal/config"
	"hearth/internal/consent"
	"hearth/internal/db"
	"hearth/internal/vault"
)

// sealed is every sealed column of the house: each package that owns some says which.
var sealed = slices.Concat(account.Sealed, consent.Sealed, casework.Sealed)

// openVault opens the keys, or makes them when the house is new. A database that was sealed with keys is
// never given others.
func openVault(ctx context.Context, d *db.DB, c config.Config, now func() time.Time) (*vault.Vault, error) {
	where := vault.Where{File: c.Keys}
	keys, err := vault.LoadKeys(ctx, where)
	if errors.Is(err, vault.ErrNoKeys) {
		bound, err := vault.Bound(ctx, d)
		if err != nil {
			return nil, err
		}
		if bound {
			return nil, fmt.Errorf("this database holds sealed data, but there is no key file at %s. Put the key file back there, "+
				"or say with --keys (%s) where it is. Hearth makes no new keys for it: they would open nothing", where, config.Variable("keys"))
		}
		if keys, err = vault.CreateKeys(now()); err != nil {
			return nil, err
		}
		if keys, err = keys.SaveNew(ctx, where); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	return vault.Open(ctx, d, keys, vault.Options{Where: where, Now: now, Columns: slices.Concat([]vault.Column{}, sealed)})
}
