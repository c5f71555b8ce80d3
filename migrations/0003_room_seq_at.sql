-- The seq a stream had at a time (0: none yet). recorded_at never decreases along a stream, so halving finds it.
CREATE FUNCTION seq_at(p_stream text, p_at timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  low  bigint := 0;
  high bigint;
  mid  bigint;
BEGIN
  SELECT coalesce(max(e.seq), 0) INTO high FROM events e WHERE e.stream_id = p_stream;
  WHILE low < high LOOP
    mid := (low + high + 1) / 2;
    IF (SELECT e.recorded_at FROM events e WHERE e.stream_id = p_stream AND e.seq = mid) <= p_at THEN
      low := mid;
    ELSE
      high := mid - 1;
    END IF;
  END LOOP;
  RETURN low;
END $$;
