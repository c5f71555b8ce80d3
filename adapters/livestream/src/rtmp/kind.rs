//! Types of RTMP messages.

/// The size of chunks from here on.
pub const CHUNK_SIZE: u8 = 1;
/// The rest of a message will not come.
pub const ABORT: u8 = 2;
/// So much was received.
pub const ACKNOWLEDGEMENT: u8 = 3;
/// Pings, and what becomes of streams.
pub const USER_CONTROL: u8 = 4;
/// How often the peer acknowledges.
pub const WINDOW: u8 = 5;
/// How much may be on its way.
pub const BANDWIDTH: u8 = 6;
/// Sound.
pub const AUDIO: u8 = 8;
/// Pictures.
pub const VIDEO: u8 = 9;
/// A command in AMF3, which in practice is a zero and AMF0.
pub const COMMAND_3: u8 = 17;
/// What describes the stream, in AMF0.
pub const DATA: u8 = 18;
/// A command in AMF0.
pub const COMMAND: u8 = 20;

/// The greatest length of a message of this type.
pub(super) const fn longest(kind: u8) -> usize {
    match kind {
        CHUNK_SIZE..=BANDWIDTH => 32,
        AUDIO | VIDEO => 8 << 20,
        COMMAND | COMMAND_3 => 16 << 10,
        _ => 64 << 10,
    }
}
