-- People who sign in to look after the community.
CREATE TABLE account (
	id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL, -- as it is shown
	name_key TEXT NOT NULL UNIQUE, -- as it is compared
	role TEXT NOT NULL CHECK (role IN ('administrator', 'editor')),
	password TEXT NOT NULL, -- argon2id
	disabled BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL
);

-- Who is signed in. The token itself is only in the browser.
CREATE TABLE account_session (
	token_hash TEXT NOT NULL PRIMARY KEY,
	account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	created_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL
);

CREATE INDEX account_session_account ON account_session (account_id);
CREATE INDEX account_session_seen ON account_session (seen_at);
