-- Passwords of rooms, as argon2id makes them. The log names a row by its id and never holds what is in it.
CREATE TABLE room_passwords (
  id         bytea       PRIMARY KEY,
  room_id    bytea       NOT NULL,
  hash       text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
