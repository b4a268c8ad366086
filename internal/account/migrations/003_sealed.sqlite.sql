-- SQLite cannot drop a column that is unique: the table is built anew.
CREATE TABLE account_new (
	id TEXT NOT NULL PRIMARY KEY,
	password TEXT NOT NULL,
	disabled INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	name BLOB,
	sign_in BLOB,
	sign_in_index TEXT,
	totp BLOB,
	totp_step INTEGER NOT NULL DEFAULT 0,
	language TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO account_new (id, password, disabled, created_at) SELECT id, password, disabled, created_at FROM account;
DROP TABLE account;
ALTER TABLE account_new RENAME TO account;
CREATE UNIQUE INDEX account_sign_in ON account (sign_in_index);
