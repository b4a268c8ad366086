-- What somebody may do, for which program or group, and from when until when. It replaces the one role.
CREATE TABLE account_grant (
	id TEXT NOT NULL PRIMARY KEY,
	account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	role TEXT NOT NULL,
	program TEXT NOT NULL, -- '' for every one
	group_id TEXT NOT NULL, -- '' for every one
	from_day TEXT NOT NULL, -- both days belong to it; '' is open
	until_day TEXT NOT NULL,
	given_by TEXT NOT NULL,
	given_at BIGINT NOT NULL
);

CREATE INDEX account_grant_account ON account_grant (account_id);

INSERT INTO account_grant (id, account_id, role, program, group_id, from_day, until_day, given_by, given_at)
	SELECT id, id, role, '', '', '', '', 'command line', created_at FROM account;

-- Names as they stood before they were sealed. The first start seals them and empties this.
CREATE TABLE account_unsealed (
	account_id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL
);

INSERT INTO account_unsealed (account_id, name) SELECT id, name FROM account;
