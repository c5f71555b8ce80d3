-- Which messages of a room were withdrawn: members are not shown any more what they said.
CREATE INDEX events_withdrawn ON events (stream_id, (payload ->> 'message_id')) WHERE type = 'chat.redacted';
