-- Who is signed in. The token itself is only in the browser. Everybody signs in once more.
DROP TABLE account_session;
CREATE TABLE account_session (
	token_hash TEXT NOT NULL PRIMARY KEY,
	id TEXT NOT NULL UNIQUE, -- by which its owner ends it
	account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	device TEXT NOT NULL, -- such as "Firefox, Android"
	how TEXT NOT NULL CHECK (how IN ('passkey', 'password', 'code', 'recovery', 'oidc', 'link')),
	short BOOLEAN NOT NULL, -- this is not my device
	created_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	proved_at BIGINT NOT NULL -- when its owner last proved who they are
);
CREATE INDEX account_session_account ON account_session (account_id);
CREATE INDEX account_session_seen ON account_session (seen_at);

CREATE TABLE account_passkey (
	id TEXT NOT NULL PRIMARY KEY,
	account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	site TEXT NOT NULL, -- the relying party's id
	credential_id TEXT NOT NULL UNIQUE, -- base64url
	public_key BYTEA NOT NULL,
	model TEXT NOT NULL, -- AAGUID, hexadecimal
	flags BIGINT NOT NULL, -- as the authenticator's data has them
	transports TEXT NOT NULL,
	sign_count BIGINT NOT NULL,
	copied_at BIGINT NOT NULL, -- when its count first went backwards: it may exist twice
	label BYTEA, -- what its owner calls it, sealed
	created_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL
);
CREATE INDEX account_passkey_account ON account_passkey (account_id);

-- Printed codes, each good once. Only a keyed hash of each is here.
CREATE TABLE account_recovery (
	account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	code TEXT NOT NULL,
	made_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, code)
);

-- Who an organisation's own sign-in says somebody is: a blind index over issuer and subject.
CREATE TABLE account_oidc (
	subject TEXT NOT NULL PRIMARY KEY,
	account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	linked_at BIGINT NOT NULL
);
CREATE INDEX account_oidc_account ON account_oidc (account_id);

-- The first half of something that takes two: a challenge that waits for its answer. Bound to one browser
-- by a cookie, used once, gone after minutes.
CREATE TABLE account_step (
	token_hash TEXT NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL,
	data BYTEA NOT NULL, -- sealed
	tries BIGINT NOT NULL,
	ends_at BIGINT NOT NULL
);
CREATE INDEX account_step_ends ON account_step (ends_at);

CREATE TABLE account_invitation (
	id TEXT NOT NULL PRIMARY KEY,
	token_hash TEXT NOT NULL UNIQUE,
	account_id TEXT, -- somebody who has an account and needs a way back in
	participant TEXT NOT NULL, -- whose record the new account belongs to, or ''
	name BYTEA, -- the chosen name that was proposed, sealed
	grants TEXT NOT NULL, -- JSON
	setup BOOLEAN NOT NULL, -- the one-time link of a first start
	made_by TEXT NOT NULL,
	made_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL, -- 0: not yet
	used_by TEXT NOT NULL
);
