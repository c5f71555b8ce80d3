-- The last position that the log had at a time (0: none). recorded_at never decreases along the log, so halving finds it.
CREATE FUNCTION position_at(p_at timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  low  bigint := 0;
  high bigint;
  mid  bigint;
BEGIN
  SELECT coalesce(max(e.position), 0) INTO high FROM events e;
  WHILE low < high LOOP
    mid := (low + high + 1) / 2;
    IF (SELECT e.recorded_at FROM events e WHERE e.position = mid) <= p_at THEN
      low := mid;
    ELSE
      high := mid - 1;
    END IF;
  END LOOP;
  RETURN low;
END $$;
