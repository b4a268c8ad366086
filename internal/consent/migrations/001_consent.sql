-- What people allowed, whom they allowed it for, and what left because of it.

-- The words that people were shown, each version kept for good.
CREATE TABLE consent_form (
	version TEXT NOT NULL, -- such as share-1
	language TEXT NOT NULL,
	words TEXT NOT NULL, -- before names are put in
	hash TEXT NOT NULL,
	used_at BIGINT NOT NULL, -- when it was first signed
	PRIMARY KEY (version, language)
);

CREATE TABLE consent_recipient (
	id TEXT NOT NULL PRIMARY KEY,
	participant TEXT NOT NULL, -- '' for a place that many may name; else it is known for this person only
	kind TEXT NOT NULL CHECK (kind IN ('person', 'place')),
	name BYTEA NOT NULL, -- sealed with the program's key
	address BYTEA, -- sealed with the program's key
	covered BOOLEAN NOT NULL, -- a covered entity or business associate under HIPAA
	added_by TEXT NOT NULL,
	added_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL
);
CREATE INDEX consent_recipient_participant ON consent_recipient (participant);

-- Who is recorded as treating somebody: what a class wording needs before it matches anybody.
CREATE TABLE consent_treating (
	participant TEXT NOT NULL,
	recipient TEXT NOT NULL REFERENCES consent_recipient (id),
	added_by TEXT NOT NULL,
	added_at BIGINT NOT NULL,
	PRIMARY KEY (participant, recipient)
);

CREATE TABLE consent (
	id TEXT NOT NULL PRIMARY KEY,
	participant TEXT NOT NULL,
	program TEXT NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('draft', 'signed', 'revoked', 'discarded')),
	revision BIGINT NOT NULL,
	language TEXT NOT NULL,
	form TEXT NOT NULL,
	patient BYTEA, -- this and the other BYTEA columns are sealed with the participant's key
	what TEXT NOT NULL, -- codes, separated by spaces
	what_else BYTEA,
	class TEXT NOT NULL,
	purposes TEXT NOT NULL, -- codes, separated by spaces
	purpose_else BYTEA,
	channel TEXT NOT NULL,
	expires TEXT NOT NULL, -- civil date, '' when ending says
	ending TEXT NOT NULL,
	revocable_on TEXT NOT NULL,
	prepared_by TEXT NOT NULL,
	prepared_at BIGINT NOT NULL,
	signature BYTEA,
	signed_at BIGINT NOT NULL,
	document BYTEA,
	hash TEXT NOT NULL,
	revoked_at BIGINT NOT NULL,
	revoked_by TEXT NOT NULL,
	revoked_how TEXT NOT NULL
);
CREATE INDEX consent_participant ON consent (participant, state);
CREATE INDEX consent_ends ON consent (expires) WHERE state = 'signed';

CREATE TABLE consent_to (
	consent TEXT NOT NULL REFERENCES consent (id),
	recipient TEXT NOT NULL REFERENCES consent_recipient (id),
	PRIMARY KEY (consent, recipient)
);
CREATE INDEX consent_to_recipient ON consent_to (recipient);

-- What we agreed not to share, 2.26.
CREATE TABLE consent_restriction (
	id TEXT NOT NULL PRIMARY KEY,
	participant TEXT NOT NULL,
	recipient TEXT NOT NULL, -- '' for anybody
	what TEXT NOT NULL, -- codes, '' for everything
	agreed_by TEXT NOT NULL,
	agreed_at BIGINT NOT NULL,
	ended_by TEXT NOT NULL,
	ended_at BIGINT NOT NULL
);
CREATE INDEX consent_restriction_participant ON consent_restriction (participant);

-- The accounting. Rows are added and marked as sent, nothing else: they are the evidence, and outlive what was
-- erased. That is why they are sealed with the program's key.
CREATE TABLE disclosure (
	id TEXT NOT NULL PRIMARY KEY,
	participant TEXT NOT NULL,
	program TEXT NOT NULL,
	at BIGINT NOT NULL,
	actor TEXT NOT NULL,
	recipient TEXT NOT NULL,
	recipient_name BYTEA, -- name and address as they were
	what TEXT NOT NULL,
	description BYTEA,
	purpose TEXT NOT NULL,
	basis TEXT NOT NULL,
	consent TEXT NOT NULL, -- id, '' on another basis
	evidence BYTEA, -- JSON
	notice TEXT NOT NULL, -- version of the notice that went along, '' where none is due
	way TEXT NOT NULL,
	size BIGINT NOT NULL, -- bytes
	hash TEXT NOT NULL, -- SHA-256 of what left
	state TEXT NOT NULL CHECK (state IN ('made', 'stopped')),
	sent BIGINT NOT NULL -- bytes, where it was stopped
);
CREATE INDEX disclosure_participant ON disclosure (participant, at);
CREATE INDEX disclosure_at ON disclosure (at);
CREATE INDEX disclosure_consent ON disclosure (consent);

-- Who has to be told that a consent was taken back, and who was.
CREATE TABLE consent_tell (
	consent TEXT NOT NULL REFERENCES consent (id),
	recipient TEXT NOT NULL REFERENCES consent_recipient (id),
	asked_at BIGINT NOT NULL,
	told_at BIGINT NOT NULL,
	told_by TEXT NOT NULL,
	PRIMARY KEY (consent, recipient)
);
CREATE INDEX consent_tell_open ON consent_tell (asked_at) WHERE told_at = 0;
