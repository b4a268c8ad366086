-- Names leave the table as plain text. A sign-in name is found by its blind index, which SQL cannot make:
-- it is empty until the first start.
ALTER TABLE account DROP COLUMN name;
ALTER TABLE account DROP COLUMN name_key;
ALTER TABLE account DROP COLUMN role;
ALTER TABLE account ADD COLUMN name BYTEA; -- the chosen name, sealed
ALTER TABLE account ADD COLUMN sign_in BYTEA; -- the name to sign in by, sealed
ALTER TABLE account ADD COLUMN sign_in_index TEXT;
ALTER TABLE account ADD COLUMN totp BYTEA; -- the secret of the one-time codes, sealed
ALTER TABLE account ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0; -- the last one that was used
ALTER TABLE account ADD COLUMN language TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX account_sign_in ON account (sign_in_index);
