-- The log: events, what was answered to commands, the outbox, snapshots, and the one function that writes them.

-- One row. `epoch` names this incarnation of the log; `generation` counts incarnations, so that an older one is recognised.
CREATE TABLE log (
  id          smallint    PRIMARY KEY CHECK (id = 1),
  log_id      text        NOT NULL,
  epoch       text        NOT NULL,
  generation  bigint      NOT NULL CHECK (generation > 0),
  partitions  integer     NOT NULL CHECK (partitions > 0),
  signing_key bytea,                                      -- public half
  minted_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- payload and metadata are json, not jsonb: the exact text is what the hash covers.
CREATE TABLE events (
  position    bigint      PRIMARY KEY CHECK (position > 0),
  event_id    text        NOT NULL,
  stream_type text        NOT NULL,
  stream_id   text        COLLATE "C" NOT NULL,
  seq         bigint      NOT NULL CHECK (seq > 0),
  type        text        NOT NULL,
  version     smallint    NOT NULL,
  payload     json        NOT NULL,
  metadata    json        NOT NULL,
  command_id  text        NOT NULL,
  recorded_at timestamptz NOT NULL,
  hash        bytea       NOT NULL,
  CONSTRAINT events_stream UNIQUE (stream_id, seq)
);

-- The outcome of a command: which positions its events have (none: first_position = last_position + 1).
-- key: a digest of the actor and the command's id, because ids are scattered and every byte of their index is paid for.
CREATE TABLE commands (
  key            bytea  PRIMARY KEY CHECK (length(key) = 16),
  fingerprint    bytea  NOT NULL,
  stream_id      text   COLLATE "C" NOT NULL,
  first_position bigint NOT NULL,
  last_position  bigint NOT NULL,
  seq            bigint NOT NULL
);

CREATE TABLE outbox (
  topic    text   COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (topic, position)
);

CREATE TABLE checkpoints (
  name       text        PRIMARY KEY,
  position   bigint      NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- `kept` rows survive the thinning that follows each new snapshot, so that time travel starts nearby.
CREATE TABLE snapshots (
  stream_id      text    COLLATE "C" NOT NULL,
  schema_version integer NOT NULL,
  seq            bigint  NOT NULL,
  kept           boolean NOT NULL,
  state          json    NOT NULL,
  PRIMARY KEY (stream_id, schema_version, seq)
);

-- What is written stays: an edit is refused whoever asks.
CREATE FUNCTION refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE TRIGGER commands_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commands
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- Appends a batch and commits with the statement that calls it.
--
-- Input, in arrays: appends (a_*, one per stream), commands (c_*, in the order of their appends), events (e_*, in the order of
-- their commands). Indexes (c_append, e_command) are 1-based. An append is accepted whole or not at all: when its stream ends
-- with the event at position a_head, whose seq is a_expected, and none of its commands is known.
-- status: 0 accepted, 1 the stream moved, 2 a command is known.
-- The caller passes the epoch, and position and hash of the last event that it has seen of any stream; SQLSTATE SY001 says that
-- this log no longer holds what the caller has seen.
CREATE FUNCTION append(
  p_epoch text, p_position bigint, p_hash bytea, p_topic text,
  a_type text[], a_stream text[], a_expected bigint[], a_head bigint[], a_events int[],
  c_append int[], c_key bytea[], c_id text[], c_fingerprint bytea[], c_events int[], c_seq bigint[],
  e_command int[], e_seq bigint[], e_id text[], e_type text[], e_version smallint[], e_payload text[], e_metadata text[], e_content bytea[],
  OUT base bigint, OUT at_us bigint, OUT head_hash bytea, OUT statuses int[])
LANGUAGE plpgsql AS $$
DECLARE
  -- Parsed before the lock is taken: what others need not wait for.
  payloads  json[] := e_payload::json[];
  metadatas json[] := e_metadata::json[];
  total     int := cardinality(e_id);
  same      bool;
  agreed    bool;
  prev_at   timestamptz;
  at        timestamptz;
  link      bytea;
  chained   bytea;
  hashes    bytea[];
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'append needs READ COMMITTED: a snapshot older than the lock would show stale heads';
  END IF;
  PERFORM pg_advisory_xact_lock(7243392);

  -- From here on every statement has a snapshot taken under the lock.
  SELECT coalesce(h.position, 0), coalesce(h.hash, sha256(convert_to(l.log_id, 'UTF8'))), coalesce(h.recorded_at, '-infinity'),
         l.epoch = p_epoch AND (p_position = 0
                                OR (p_position = h.position AND p_hash = h.hash)
                                OR (p_position < h.position
                                    AND EXISTS (SELECT FROM events e WHERE e.position = p_position AND e.hash = p_hash))),
         s.agreed
    INTO base, head_hash, prev_at, same, agreed
    FROM log l
    LEFT JOIN LATERAL (SELECT e.position, e.hash, e.recorded_at FROM events e ORDER BY e.position DESC LIMIT 1) h ON true
    -- That a stream reaches its expected event is proven by the hash: the caller has seen no event after that position. That
    -- nothing follows it, the unique key tells when rows are stored; only an append without rows has to look.
    CROSS JOIN (
      SELECT bool_and(a_events[o] > 0
                      OR NOT EXISTS (SELECT FROM events e WHERE e.stream_id = a_stream[o] AND e.seq = a_expected[o] + 1)) AS agreed
      FROM (SELECT generate_series(1, cardinality(a_stream)) AS o) a) s;
  IF same IS NOT TRUE THEN
    RAISE EXCEPTION 'the log was rewound: epoch % at position % is not in it', p_epoch, p_position USING ERRCODE = 'SY001';
  END IF;
  at := greatest(clock_timestamp(), prev_at);
  at_us := (extract(epoch FROM at) * 1000000)::bigint;
  link := int8send(at_us);

  statuses := array_fill(0, ARRAY[cardinality(a_stream)]);
  -- Twice at most: as if nothing stood in the way, then without what does. Known commands are rare; their unique key finds them.
  LOOP
    IF NOT agreed THEN
      SELECT array_agg(CASE WHEN k.append IS NOT NULL THEN 2 WHEN coalesce(h.seq, 0) <> a_expected[a.o] THEN 1 ELSE 0 END ORDER BY a.o),
             bool_and(h.seq IS DISTINCT FROM a_expected[a.o] OR h.position = a_head[a.o])
        INTO statuses, same
        FROM generate_series(1, cardinality(a_stream)) AS a(o)
        LEFT JOIN LATERAL (SELECT e.seq, e.position FROM events e WHERE e.stream_id = a_stream[a.o] ORDER BY e.seq DESC LIMIT 1) h ON true
        LEFT JOIN (SELECT DISTINCT c.append FROM unnest(c_append, c_key) AS c(append, key) JOIN commands USING (key)) k
               ON k.append = a.o;
      IF NOT same THEN
        RAISE EXCEPTION 'the log was rewound: a stream has another event at its end' USING ERRCODE = 'SY001';
      END IF;
      SELECT array_agg(e.command ORDER BY e.o), array_agg(e.seq ORDER BY e.o), array_agg(e.id ORDER BY e.o), array_agg(e.type ORDER BY e.o),
             array_agg(e.version ORDER BY e.o), array_agg(e.payload ORDER BY e.o), array_agg(e.metadata ORDER BY e.o), array_agg(e.content ORDER BY e.o), count(*)
        INTO e_command, e_seq, e_id, e_type, e_version, payloads, metadatas, e_content, total
        FROM unnest(e_command, e_seq, e_id, e_type, e_version, payloads, metadatas, e_content)
             WITH ORDINALITY AS e(command, seq, id, type, version, payload, metadata, content, o)
        WHERE statuses[c_append[e.command]] = 0;
    END IF;

    chained := head_hash;
    hashes := NULL;
    FOR i IN 1 .. total LOOP
      chained := sha256(chained || int8send(base + i) || int8send(e_seq[i]) || link || e_content[i]);
      hashes[i] := chained;
    END LOOP;
    BEGIN
      -- Elements are read by index: as rows of unnest() each array would be written out and read again.
      INSERT INTO commands (key, fingerprint, stream_id, first_position, last_position, seq)
        SELECT c_key[o], c_fingerprint[o], a_stream[append], last - events + 1, last, seq
        FROM (SELECT o, append, events, seq,
                     CASE WHEN seq = a_expected[append] THEN a_head[append]
                          ELSE base + sum(events) OVER (ROWS UNBOUNDED PRECEDING) END AS last
              FROM (SELECT o, c_append[o] AS append, c_events[o] AS events, c_seq[o] AS seq
                    FROM (SELECT generate_series(1, cardinality(c_id)) AS o) i OFFSET 0) c
              WHERE statuses[append] = 0) c;
      IF total > 0 THEN
        INSERT INTO events (position, event_id, stream_type, stream_id, seq, type, version, payload, metadata, command_id, recorded_at, hash)
          SELECT base + o, e_id[o], a_type[append], a_stream[append], e_seq[o], e_type[o], e_version[o],
                 payloads[o], metadatas[o], c_id[command], at, hashes[o]
          FROM (SELECT o, e_command[o] AS command, c_append[e_command[o]] AS append
                FROM (SELECT generate_series(1, total) AS o) i OFFSET 0) e;
        INSERT INTO outbox (topic, position) SELECT p_topic, base + generate_series(1, total);
      END IF;
      head_hash := chained;
      RETURN;
    EXCEPTION WHEN unique_violation THEN
      IF NOT agreed THEN
        RAISE;
      END IF;
      agreed := false;
    END;
  END LOOP;
END $$;
