-- Records of participants. Every BYTEA column is sealed with the participant's own key.
CREATE TABLE participant (
	id TEXT NOT NULL PRIMARY KEY,
	program TEXT NOT NULL,
	account TEXT NOT NULL, -- '' when they do not sign in
	revision BIGINT NOT NULL,
	called BYTEA,
	legal_name BYTEA,
	birth_month BYTEA,
	name_index TEXT NOT NULL, -- blind: what they are called, and the month of birth; finds a double, and one person in an emergency
	language TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('open', 'left', 'erased')),
	opened_at BIGINT NOT NULL,
	opened_by TEXT NOT NULL
);
CREATE UNIQUE INDEX participant_account ON participant (account) WHERE account <> '';
CREATE INDEX participant_program ON participant (program, state);
CREATE INDEX participant_name ON participant (name_index);

CREATE TABLE contact_point (
	id TEXT NOT NULL PRIMARY KEY,
	participant TEXT NOT NULL REFERENCES participant (id),
	kind TEXT NOT NULL CHECK (kind IN ('phone', 'email', 'address')),
	value BYTEA,
	value_index TEXT NOT NULL, -- blind
	safety BYTEA, -- JSON: what may be sent and said there
	added_at BIGINT NOT NULL
);
CREATE INDEX contact_point_participant ON contact_point (participant);
CREATE INDEX contact_point_value ON contact_point (value_index);

CREATE TABLE pairing (
	id TEXT NOT NULL PRIMARY KEY,
	participant TEXT NOT NULL REFERENCES participant (id),
	peer TEXT NOT NULL, -- account
	supervisor TEXT NOT NULL, -- account
	role TEXT NOT NULL CHECK (role IN ('primary', 'backup')),
	from_day TEXT NOT NULL,
	until_day TEXT NOT NULL, -- '' while it lasts
	made_by TEXT NOT NULL
);
CREATE INDEX pairing_participant ON pairing (participant);
CREATE INDEX pairing_peer ON pairing (peer);
CREATE INDEX pairing_supervisor ON pairing (supervisor);

CREATE TABLE case_note (
	id TEXT NOT NULL PRIMARY KEY,
	participant TEXT NOT NULL REFERENCES participant (id),
	at BIGINT NOT NULL,
	by_account TEXT NOT NULL,
	words BYTEA
);
CREATE INDEX case_note_participant ON case_note (participant, at);

-- Records that somebody opened without a relationship, because it could not wait.
CREATE TABLE emergency_access (
	id TEXT NOT NULL PRIMARY KEY,
	participant TEXT NOT NULL REFERENCES participant (id),
	account TEXT NOT NULL,
	reason BYTEA,
	at BIGINT NOT NULL,
	until_at BIGINT NOT NULL,
	judged_by TEXT NOT NULL,
	judged_at BIGINT NOT NULL,
	judgement TEXT NOT NULL CHECK (judgement IN ('', 'right', 'wrong'))
);
CREATE INDEX emergency_access_account ON emergency_access (account, until_at);
CREATE INDEX emergency_access_participant ON emergency_access (participant);
CREATE INDEX emergency_access_open ON emergency_access (at) WHERE judgement = '';
