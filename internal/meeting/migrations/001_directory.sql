-- The directory: feeds, what each of them said (listing), what the public sees of it (meeting), and what
-- people here wrote on top (meeting_override). Instants are Unix milliseconds, 0 where there is none.

-- One row. Whoever changes what the public sees of meetings raises seq in the same transaction; the row
-- lock orders the commits, so that a reader who has seen n has seen everything up to n.
CREATE TABLE directory_clock (
    id  BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL
);
INSERT INTO directory_clock (id, seq) VALUES (1, 0);

-- One row, locked by whoever reads listings and overrides in order to write meetings from them.
CREATE TABLE directory_writer (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1)
);
INSERT INTO directory_writer (id) VALUES (1);

CREATE TABLE feed (
    id             TEXT    NOT NULL PRIMARY KEY,
    name           TEXT    NOT NULL,
    format         TEXT    NOT NULL,
    fellowship     TEXT    NOT NULL,
    zone           TEXT    NOT NULL,
    url            TEXT    NOT NULL,
    file           TEXT    NOT NULL,
    every_ms       BIGINT  NOT NULL,
    local          BOOLEAN NOT NULL, -- the built-in source: meetings that editors here added
    created_at     BIGINT  NOT NULL,
    removed_at     BIGINT  NOT NULL,
    etag           TEXT    NOT NULL,
    last_modified  TEXT    NOT NULL,
    fetched_hash   TEXT    NOT NULL, -- of the settings with which etag and last_modified were stored
    payload_hash   TEXT    NOT NULL, -- of settings and bytes as last applied
    held_hash      TEXT    NOT NULL, -- of settings and bytes that wait for a person; '' when nothing waits
    last_good_at   BIGINT  NOT NULL,
    active         BIGINT  NOT NULL,
    failures       BIGINT  NOT NULL, -- in a row
    due_at         BIGINT  NOT NULL,
    last_sync      TEXT    NOT NULL, -- feed_sync.id of the latest, '' before the first
    last_good_sync TEXT    NOT NULL, -- the latest that was applied
    lease_by       TEXT    NOT NULL,
    lease_until    BIGINT  NOT NULL
);
CREATE UNIQUE INDEX feed_name ON feed (name) WHERE removed_at = 0;

-- The payload of a feed that shrank too much, gzipped, until a person says what to do.
CREATE TABLE feed_held (
    feed_id TEXT   NOT NULL PRIMARY KEY REFERENCES feed (id) ON DELETE CASCADE,
    hash    TEXT   NOT NULL,
    payload BYTEA  NOT NULL,
    at      BIGINT NOT NULL
);

CREATE TABLE feed_sync (
    id          TEXT   NOT NULL PRIMARY KEY,
    feed_id     TEXT   NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    state       TEXT   NOT NULL CHECK (state IN ('applied', 'same', 'held', 'failed')),
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    doc         TEXT   NOT NULL -- the report as JSON
);
CREATE INDEX feed_sync_feed ON feed_sync (feed_id, finished_at);

-- What the public sees: the preferred listing with what people here wrote on top. Only 'active' is
-- public: 'gone' vanished from all its feeds, 'removed' lost its only feed, 'merged' is another listing of
-- the meeting merged_into, 'hidden' was taken down by an editor.
CREATE TABLE meeting (
    id               TEXT    NOT NULL PRIMARY KEY,
    state            TEXT    NOT NULL CHECK (state IN ('active', 'gone', 'removed', 'merged', 'hidden')),
    merged_into      TEXT    NOT NULL,
    feed_id          TEXT    NOT NULL, -- of the preferred listing
    source_id        TEXT    NOT NULL, -- of the preferred listing
    feeds            BIGINT  NOT NULL, -- how many feeds have it now
    fellowship       TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    day              BIGINT  NOT NULL, -- 0 Sunday to 6 Saturday, -1 by appointment
    start_min        BIGINT  NOT NULL, -- minutes after midnight, -1 none
    end_min          BIGINT  NOT NULL,
    zone             TEXT    NOT NULL,
    attendance       TEXT    NOT NULL,
    stated           BOOLEAN NOT NULL,
    location         TEXT    NOT NULL,
    address          TEXT    NOT NULL,
    city             TEXT    NOT NULL,
    region           TEXT    NOT NULL,
    postal_code      TEXT    NOT NULL,
    country          TEXT    NOT NULL,
    lat              DOUBLE PRECISION NOT NULL,
    lng              DOUBLE PRECISION NOT NULL,
    has_point        BOOLEAN NOT NULL,
    approximate      BOOLEAN NOT NULL,
    conference_url   TEXT    NOT NULL,
    conference_phone TEXT    NOT NULL,
    types            TEXT    NOT NULL, -- separated by spaces
    languages        TEXT    NOT NULL, -- separated by spaces
    area             TEXT    NOT NULL,
    doc              TEXT    NOT NULL, -- the composed Occurrence as JSON
    changed_seq      BIGINT  NOT NULL,
    created_at       BIGINT  NOT NULL,
    updated_at       BIGINT  NOT NULL
);
CREATE INDEX meeting_changed ON meeting (changed_seq);
CREATE INDEX meeting_merged ON meeting (merged_into) WHERE merged_into <> '';

-- One feed's word on one occurrence. meeting_id is the meeting it belongs to now: often another
-- listing's, where several feeds have the same meeting. home_id is the meeting that was made for it and to
-- which it returns when they part, '' while it never stood alone.
CREATE TABLE listing (
    id         TEXT    NOT NULL PRIMARY KEY,
    feed_id    TEXT    NOT NULL REFERENCES feed (id),
    key        TEXT    NOT NULL,
    source_id  TEXT    NOT NULL,
    fellowship TEXT    NOT NULL,
    home_id    TEXT    NOT NULL,
    meeting_id TEXT    NOT NULL REFERENCES meeting (id),
    state      TEXT    NOT NULL CHECK (state IN ('active', 'gone', 'removed')),
    hash       TEXT    NOT NULL,
    slot       TEXT    NOT NULL, -- fellowship, day and start: only listings of one slot can be the same meeting
    name       TEXT    NOT NULL,
    zone       TEXT    NOT NULL,
    lat        DOUBLE PRECISION NOT NULL,
    lng        DOUBLE PRECISION NOT NULL,
    has_point  BOOLEAN NOT NULL,
    conference TEXT    NOT NULL, -- what identifies its online room, '' where nothing does
    place      TEXT    NOT NULL, -- its address, folded, '' where it is only a town
    rank       BIGINT  NOT NULL, -- lower is nearer to the original
    doc        TEXT    NOT NULL, -- the Occurrence as JSON
    raw        TEXT    NOT NULL, -- the row as it came
    first_seen BIGINT  NOT NULL,
    last_seen  BIGINT  NOT NULL, -- of a vanished listing; an active one was last seen when its feed was
    gone_at    BIGINT  NOT NULL
);
CREATE UNIQUE INDEX listing_key ON listing (feed_id, key);
CREATE INDEX listing_meeting ON listing (meeting_id);
CREATE INDEX listing_slot ON listing (slot);

CREATE TABLE listing_change (
    sync_id    TEXT   NOT NULL REFERENCES feed_sync (id) ON DELETE CASCADE,
    listing_id TEXT   NOT NULL,
    field      TEXT   NOT NULL,
    was        TEXT   NOT NULL,
    becomes    TEXT   NOT NULL,
    PRIMARY KEY (sync_id, listing_id, field)
);
CREATE INDEX listing_change_listing ON listing_change (listing_id);

CREATE TABLE meeting_override (
    meeting_id TEXT   NOT NULL REFERENCES meeting (id),
    field      TEXT   NOT NULL,
    value      TEXT   NOT NULL,
    by_whom    TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (meeting_id, field)
);

CREATE TABLE suggestion (
    id         TEXT   NOT NULL PRIMARY KEY,
    meeting_id TEXT   NOT NULL REFERENCES meeting (id),
    kind       TEXT   NOT NULL CHECK (kind IN ('change', 'closed', 'moved', 'not_found')),
    changes    TEXT   NOT NULL, -- JSON: field, from, to
    note       TEXT   NOT NULL, -- for editors only, never published
    state      TEXT   NOT NULL CHECK (state IN ('open', 'accepted', 'declined')),
    at         BIGINT NOT NULL,
    decided_by TEXT   NOT NULL,
    decided_at BIGINT NOT NULL,
    answer     TEXT   NOT NULL
);
CREATE INDEX suggestion_state ON suggestion (state, at);
CREATE INDEX suggestion_meeting ON suggestion (meeting_id);
