-- Which node publishes a room's live stream, as long as the term runs. token: the position of the event that began it, 0 before
-- there is one; started: that event's seq. owner: the node as it was started, node: as it is called. report: what it last said.
CREATE TABLE live_streams (
  room_id    text        PRIMARY KEY,
  token      bigint      NOT NULL DEFAULT 0,
  started    bigint      NOT NULL DEFAULT 0,
  by         text,
  owner      text        NOT NULL,
  node       text        NOT NULL,
  until      timestamptz NOT NULL,
  kicked     boolean     NOT NULL DEFAULT false,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  report     jsonb
);
CREATE INDEX live_streams_until ON live_streams (until);

-- The list of rooms tells which are live. No event of a stream is older than this, so that nothing has to be rebuilt.
DO $$
DECLARE
  directory text;
BEGIN
  FOR directory IN SELECT tablename FROM pg_tables
    WHERE schemaname = current_schema() AND tablename ~ '^room_directory(_g[0-9]+)?$'
  LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN live boolean NOT NULL DEFAULT false', directory);
  END LOOP;
END $$;
