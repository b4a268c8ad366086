-- What participants ask for, with its clock. Words are sealed with the participant's key; that it was asked and
-- answered, and when, stays.
CREATE TABLE privacy_request (
	id TEXT NOT NULL PRIMARY KEY,
	participant TEXT NOT NULL,
	program TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('access', 'correction', 'accounting', 'restriction')),
	words BYTEA,
	asked_at BIGINT NOT NULL,
	asked_by TEXT NOT NULL,
	due TEXT NOT NULL, -- civil date; moved on by the one extension
	extended_at BIGINT NOT NULL,
	extended_by TEXT NOT NULL,
	extended_why BYTEA,
	answered_at BIGINT NOT NULL,
	answered_by TEXT NOT NULL,
	outcome TEXT NOT NULL CHECK (outcome IN ('', 'granted', 'partly', 'denied')),
	answer BYTEA
);
CREATE INDEX privacy_request_participant ON privacy_request (participant, asked_at);
CREATE INDEX privacy_request_open ON privacy_request (due) WHERE answered_at = 0;

-- Complaints outlive an erasure: words are sealed with the program's key.
CREATE TABLE privacy_complaint (
	id TEXT NOT NULL PRIMARY KEY,
	program TEXT NOT NULL,
	account TEXT NOT NULL, -- who complains
	words BYTEA,
	made_at BIGINT NOT NULL,
	answered_at BIGINT NOT NULL,
	answered_by TEXT NOT NULL,
	answer BYTEA
);
CREATE INDEX privacy_complaint_account ON privacy_complaint (account, made_at);
CREATE INDEX privacy_complaint_at ON privacy_complaint (made_at);

CREATE TABLE privacy_incident (
	id TEXT NOT NULL PRIMARY KEY,
	program TEXT NOT NULL,
	account TEXT NOT NULL, -- who reported it
	words BYTEA,
	reported_at BIGINT NOT NULL,
	discovered TEXT NOT NULL, -- civil date from which the clock runs
	revision BIGINT NOT NULL,
	factors BYTEA, -- JSON: the four factors in words
	decision TEXT NOT NULL CHECK (decision IN ('', 'breach', 'low', 'none')),
	decided_at BIGINT NOT NULL,
	decided_by TEXT NOT NULL,
	affected BIGINT NOT NULL, -- people
	one_state BOOLEAN NOT NULL, -- more than 500 residents of one state
	told_people TEXT NOT NULL, -- civil dates, '' not yet
	told_secretary TEXT NOT NULL,
	told_media TEXT NOT NULL
);
CREATE INDEX privacy_incident_discovered ON privacy_incident (discovered);

-- How long what is kept, where a keeper decided otherwise than Hearth proposes.
CREATE TABLE privacy_retention (
	what TEXT NOT NULL PRIMARY KEY,
	years BIGINT NOT NULL,
	why TEXT NOT NULL,
	set_by TEXT NOT NULL,
	set_at BIGINT NOT NULL
);

-- What must not be erased, such as for a lawsuit that is expected.
CREATE TABLE privacy_hold (
	id TEXT NOT NULL PRIMARY KEY,
	participant TEXT NOT NULL,
	why BYTEA,
	placed_by TEXT NOT NULL,
	placed_at BIGINT NOT NULL,
	ended_by TEXT NOT NULL,
	ended_at BIGINT NOT NULL
);
CREATE INDEX privacy_hold_participant ON privacy_hold (participant);

-- The notices of 2.22 that were put into force, each version kept for good.
CREATE TABLE privacy_notice (
	version BIGINT NOT NULL PRIMARY KEY,
	effective TEXT NOT NULL, -- civil date
	english TEXT NOT NULL,
	spanish TEXT NOT NULL,
	hash TEXT NOT NULL,
	published_by TEXT NOT NULL,
	published_at BIGINT NOT NULL
);
