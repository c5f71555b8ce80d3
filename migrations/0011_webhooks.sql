-- The second topic of the outbox: webhooks, addresses that are sent events over HTTP. Each has a topic of its own, webhook/<id>.
--
-- secret: what their deliveries are signed with, sealed under the key that also wraps the subjects' keys. types: which events;
-- empty: all. revision: grows when what waits is to be looked at anew from its beginning.
CREATE TABLE webhooks (
  id         text        COLLATE "C" PRIMARY KEY,
  url        text        NOT NULL,
  types      text[]      NOT NULL,
  secret     bytea       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  paused_at  timestamptz,
  pause      text,
  revision   bigint      NOT NULL DEFAULT 0,
  CHECK ((paused_at IS NULL) = (pause IS NULL))
);

-- Rows of the outbox that were tried in vain. Beside it, because the outbox itself is only added to and emptied.
CREATE TABLE outbox_attempts (
  topic    text        COLLATE "C" NOT NULL,
  position bigint      NOT NULL,
  attempts int         NOT NULL CHECK (attempts > 0),
  error    text        NOT NULL,
  first_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  next_at  timestamptz NOT NULL,
  PRIMARY KEY (topic, position)
);

-- Rows that are not tried any more, until an operator replays or drops them.
CREATE TABLE dead_letters (
  topic    text        COLLATE "C" NOT NULL,
  position bigint      NOT NULL,
  attempts int         NOT NULL,
  error    text        NOT NULL,
  first_at timestamptz NOT NULL,
  last_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, position)
);

-- What operators did with dead letters.
CREATE TABLE outbox_acts (
  number    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  who       text        NOT NULL,
  act       text        NOT NULL,
  topic     text        NOT NULL,
  positions bigint[]    NOT NULL
);

-- Both functions as before, and one row more for each webhook that wants the event: in the same transaction, or nothing is stored.
CREATE OR REPLACE FUNCTION append(
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
  hooked    bool;
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
         s.agreed,
         EXISTS (SELECT FROM webhooks)
    INTO base, head_hash, prev_at, same, agreed, hooked
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
        IF hooked THEN
          INSERT INTO outbox (topic, position)
            SELECT 'webhook/' || w.id, base + o
            FROM webhooks w CROSS JOIN generate_series(1, total) AS o
            WHERE cardinality(w.types) = 0 OR e_type[o] = ANY (w.types);
        END IF;
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

CREATE OR REPLACE FUNCTION append_one(
  p_epoch text, p_position bigint, p_hash bytea, p_topic text,
  p_type text, p_stream text, p_expected bigint, p_key bytea, p_command text, p_fingerprint bytea,
  e_id text, e_type text, e_version smallint, e_payload text, e_metadata text, e_content bytea,
  OUT base bigint, OUT at_us bigint, OUT head_hash bytea, OUT status int)
LANGUAGE plpgsql AS $$
DECLARE
  -- Parsed before the lock is taken: what others need not wait for.
  payload  json := e_payload::json;
  metadata json := e_metadata::json;
  prev_at timestamptz;
  at      timestamptz;
  head    bigint;
  known   bool;
  same    bool;
  hooked  bool;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'append needs READ COMMITTED: a snapshot older than the lock would show stale heads';
  END IF;
  PERFORM pg_advisory_xact_lock(7243392);

  -- From here on every statement has a snapshot taken under the lock.
  SELECT coalesce(h.position, 0), coalesce(h.hash, sha256(convert_to(l.log_id, 'UTF8'))), coalesce(h.recorded_at, '-infinity'),
         coalesce(s.seq, 0),
         EXISTS (SELECT FROM commands k WHERE k.key = p_key),
         l.epoch = p_epoch AND (p_position = 0
                                OR (p_position = h.position AND p_hash = h.hash)
                                OR (p_position < h.position
                                    AND EXISTS (SELECT FROM events e WHERE e.position = p_position AND e.hash = p_hash))),
         EXISTS (SELECT FROM webhooks)
    INTO base, head_hash, prev_at, head, known, same, hooked
    FROM log l
    LEFT JOIN LATERAL (SELECT e.position, e.hash, e.recorded_at FROM events e ORDER BY e.position DESC LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT e.seq FROM events e WHERE e.stream_id = p_stream ORDER BY e.seq DESC LIMIT 1) s ON true;
  IF same IS NOT TRUE THEN
    RAISE EXCEPTION 'the log was rewound: epoch % at position % is not in it', p_epoch, p_position USING ERRCODE = 'SY001';
  END IF;

  at := greatest(clock_timestamp(), prev_at);
  at_us := (extract(epoch FROM at) * 1000000)::bigint;
  status := CASE WHEN known THEN 2 WHEN head <> p_expected THEN 1 ELSE 0 END;
  IF status <> 0 THEN
    RETURN;
  END IF;
  head_hash := sha256(head_hash || int8send(base + 1) || int8send(p_expected + 1) || int8send(at_us) || e_content);
  WITH e AS (
    INSERT INTO events (position, event_id, stream_type, stream_id, seq, type, version, payload, metadata, command_id, recorded_at, hash)
    VALUES (base + 1, e_id, p_type, p_stream, p_expected + 1, e_type, e_version, payload, metadata, p_command, at, head_hash)),
  o AS (INSERT INTO outbox (topic, position) VALUES (p_topic, base + 1))
  INSERT INTO commands (key, fingerprint, stream_id, first_position, last_position, seq)
    VALUES (p_key, p_fingerprint, p_stream, base + 1, base + 1, p_expected + 1);
  IF hooked THEN
    INSERT INTO outbox (topic, position)
      SELECT 'webhook/' || w.id, base + 1 FROM webhooks w WHERE cardinality(w.types) = 0 OR e_type = ANY (w.types);
  END IF;
END $$;
