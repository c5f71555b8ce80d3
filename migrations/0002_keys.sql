-- Keys and secrets: beside the log, never in it.

-- One data key for each subject, wrapped by the server's credential key. Without it what the log holds about the subject is noise.
CREATE TABLE subject_keys (
  subject      text        PRIMARY KEY,
  wrapped      bytea,                                     -- NULL: destroyed
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  destroyed_at timestamptz,
  CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

-- What nodes share when no setting gives it.
CREATE TABLE secrets (
  name  text  PRIMARY KEY,
  value bytea NOT NULL
);
