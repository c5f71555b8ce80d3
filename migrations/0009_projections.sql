-- The read side. Read models have their tables from the program (adapters/postgres/src/read_models), which makes the next
-- generation of them beside the present one; here is what is known about them. The first directory is derived again.
DROP TABLE room_directory, room_directory_members;
DELETE FROM checkpoints;

-- generation: which set of tables is in place. poison_*: the event that stopped the projection, and since when.
ALTER TABLE checkpoints
  ADD COLUMN generation      bigint NOT NULL DEFAULT 1,
  ADD COLUMN poison_position bigint,
  ADD COLUMN poison_reason   text,
  ADD COLUMN poison_at       timestamptz;

-- Who does which work. token grows with every new owner: what an earlier one still writes can be told.
CREATE TABLE leases (
  name  text        COLLATE "C" PRIMARY KEY,
  owner text        NOT NULL,
  token bigint      NOT NULL,
  until timestamptz NOT NULL
);

-- The present rebuild of a projection, or the last one. Projections of one job share a pass over the log up to `target`.
-- position: what the new tables hold, once all of the pass is in them.
CREATE TABLE rebuilds (
  name         text        PRIMARY KEY,
  job          text        COLLATE "C" NOT NULL,
  generation   bigint      NOT NULL,
  state        text        NOT NULL,
  target       bigint      NOT NULL,
  position     bigint      NOT NULL,
  owner        text,
  started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  resumed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  resumed_done bigint      NOT NULL DEFAULT 0,
  ended_at     timestamptz,
  error        text
);
-- Parts of the log, by a hash of the stream, that are in the new tables of a job.
CREATE TABLE rebuild_buckets (
  job    text   COLLATE "C" NOT NULL,
  bucket int    NOT NULL,
  events bigint NOT NULL,
  PRIMARY KEY (job, bucket)
);
