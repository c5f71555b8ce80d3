-- The directory of rooms: a read model, derived from the log.
CREATE TABLE room_directory (
  room_id      text        COLLATE "C" PRIMARY KEY,
  name         text        NOT NULL,
  listed       boolean     NOT NULL,
  closed       boolean     NOT NULL DEFAULT false,
  current_item text,
  playing      boolean     NOT NULL DEFAULT false,
  created_at   timestamptz NOT NULL
);
CREATE TABLE room_directory_members (
  room_id text COLLATE "C" NOT NULL,
  member  text COLLATE "C" NOT NULL,
  PRIMARY KEY (room_id, member)
);
CREATE INDEX room_directory_members_by_member ON room_directory_members (member, room_id);
