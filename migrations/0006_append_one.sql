-- `append` for one command with one event: the same rules without the arrays, which cost more than the event itself.
-- status: 0 accepted, 1 the stream moved, 2 the command is known.
CREATE FUNCTION append_one(
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
                                    AND EXISTS (SELECT FROM events e WHERE e.position = p_position AND e.hash = p_hash)))
    INTO base, head_hash, prev_at, head, known, same
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
END $$;
