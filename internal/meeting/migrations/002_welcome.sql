-- What is known of the welcome in meetings. Nothing here says who a visitor is: no account, no address, no
-- day. An id that sorts by time would give the day away, so the ids of reports are random.

CREATE TABLE visit_report (
    id         TEXT   NOT NULL PRIMARY KEY, -- random, never made from a clock
    meeting_id TEXT   NOT NULL REFERENCES meeting (id), -- as reported; where that is merged, it counts for the other
    month      TEXT   NOT NULL, -- of the visit, 2026-05
    week       TEXT   NOT NULL, -- ISO week in which the report came, 2026-W21
    answers    TEXT   NOT NULL, -- JSON, right: answer
    happened   TEXT   NOT NULL, -- codes separated by spaces
    tone       TEXT   NOT NULL,
    note       TEXT   NOT NULL, -- for editors only, never published, erased after half a year
    state      TEXT   NOT NULL CHECK (state IN ('accepted', 'queued', 'refused')),
    reasons    TEXT   NOT NULL, -- why it had to wait, codes separated by spaces
    decided_by TEXT   NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE INDEX visit_report_meeting ON visit_report (meeting_id, state);
CREATE INDEX visit_report_week ON visit_report (week);
CREATE INDEX visit_report_queue ON visit_report (state) WHERE state = 'queued';

-- Counters against floods. A counter is twenty bits of a keyed hash: some four thousand addresses share
-- each, so that not even the key tells which it was. Key and counters are deleted when the day is over.
CREATE TABLE network_key (
    day    TEXT  NOT NULL PRIMARY KEY,
    secret BYTEA NOT NULL
);
CREATE TABLE visit_network (
    day     TEXT   NOT NULL,
    counter TEXT   NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (day, counter)
);

-- The key that signs challenges, and the challenges that have been used, until they would have expired.
CREATE TABLE challenge_key (
    id     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    secret BYTEA  NOT NULL
);
CREATE TABLE challenge_used (
    id         TEXT   NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE TABLE group_statement (
    id           TEXT   NOT NULL PRIMARY KEY,
    meeting_id   TEXT   NOT NULL REFERENCES meeting (id),
    answers      TEXT   NOT NULL, -- JSON, right: answer
    voice        TEXT   NOT NULL CHECK (voice IN ('group_conscience', 'secretary')),
    speaker      TEXT   NOT NULL, -- who spoke for the group: a role, never a name
    said_on      TEXT   NOT NULL, -- civil date
    link         TEXT   NOT NULL,
    words        TEXT   NOT NULL, -- the group's own, published
    added_by     TEXT   NOT NULL,
    added_at     BIGINT NOT NULL,
    withdrawn_by TEXT   NOT NULL,
    withdrawn_at BIGINT NOT NULL
);
CREATE INDEX group_statement_meeting ON group_statement (meeting_id) WHERE withdrawn_at = 0;

-- The parameters of the score, all rights in one version.
CREATE TABLE welcome_fit (
    version    BIGINT NOT NULL PRIMARY KEY,
    state      TEXT   NOT NULL CHECK (state IN ('active', 'waiting', 'past', 'refused')),
    doc        TEXT   NOT NULL, -- JSON, a fit for each right
    meetings   BIGINT NOT NULL, -- with reports
    reports    BIGINT NOT NULL,
    decided    BIGINT NOT NULL, -- cards with an answer before
    moved      BIGINT NOT NULL, -- cards on which an answer changes
    made_at    BIGINT NOT NULL,
    decided_by TEXT   NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX welcome_fit_active ON welcome_fit (state) WHERE state = 'active';
CREATE UNIQUE INDEX welcome_fit_waiting ON welcome_fit (state) WHERE state = 'waiting';

-- The card of each meeting about which something is known, as it may be public. Made from the tables
-- above and rewritten whenever they change and every night.
CREATE TABLE welcome_verdict (
    meeting_id TEXT   NOT NULL PRIMARY KEY REFERENCES meeting (id),
    doc        TEXT   NOT NULL, -- JSON, a verdict for each right; '' where nothing is known any more
    more       TEXT   NOT NULL, -- JSON, what the card says besides
    revision   BIGINT NOT NULL
);
