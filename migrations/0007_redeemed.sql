-- Tickets that opened a socket. Unlogged: a crash of PostgreSQL forgets those of the last seconds, which is cheaper than
-- waiting for the disk whenever somebody connects, and harmless: a ticket is good for 30 s and only for who it was made for.
CREATE UNLOGGED TABLE redeemed (
  id    bytea       PRIMARY KEY,
  until timestamptz NOT NULL
);
CREATE INDEX redeemed_until ON redeemed (until);
