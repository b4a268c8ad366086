-- Which keys were copied elsewhere, as somebody noted, and when.
ALTER TABLE community_settings ADD COLUMN keys_copied TEXT NOT NULL DEFAULT '';
ALTER TABLE community_settings ADD COLUMN keys_copied_at BIGINT NOT NULL DEFAULT 0;
