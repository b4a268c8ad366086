-- Work that must happen later. A row lives until its work is done; dead ones stay until a person decides.
CREATE TABLE job (
	id TEXT NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL,
	uniq TEXT NOT NULL, -- '' when several of a kind may wait
	args TEXT NOT NULL, -- JSON
	state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'dead')),
	again BOOLEAN NOT NULL, -- asked for once more while it ran
	attempt BIGINT NOT NULL,
	run_at BIGINT NOT NULL,
	lease_until BIGINT NOT NULL, -- whoever runs it holds it until then
	problem TEXT NOT NULL, -- of the last attempt
	created_at BIGINT NOT NULL
);

CREATE INDEX job_next ON job (run_at, id) WHERE state = 'ready';
CREATE INDEX job_lease ON job (lease_until) WHERE state = 'running';
CREATE UNIQUE INDEX job_once ON job (kind, uniq) WHERE uniq <> '' AND state IN ('ready', 'running');

-- The last slot of each periodic kind that was handed out: no two processes hand out the same.
CREATE TABLE job_slot (
	kind TEXT NOT NULL PRIMARY KEY,
	slot BIGINT NOT NULL
);
