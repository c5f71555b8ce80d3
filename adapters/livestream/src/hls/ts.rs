//! MPEG-TS: packets of 188 bytes, each of a table, of pictures or of sound.

use bytes::{BufMut, BytesMut};

/// Length of a packet.
pub const PACKET: usize = 188;
const HEADER: usize = 4;
const ROOM: usize = PACKET - HEADER;

/// The time of the program is so far behind what it is told with: all arrives in that time. 1/90,000 s.
const AHEAD: u64 = 45_000;

/// Where the tables, pictures and sound are.
const PAT: u16 = 0;
const PMT: u16 = 0x1000;
const VIDEO: u16 = 0x100;
const AUDIO: u16 = 0x101;

/// What a program holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// H.264.
    pub video: bool,
    /// AAC.
    pub audio: bool,
}

/// Which of both a packet is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
}

/// When something is decoded and shown, in units of 1/90,000 s; 33 bits of them are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Decoded.
    pub dts: u64,
    /// Shown.
    pub pts: u64,
}

/// Writes packets; counts them from segment to segment.
#[derive(Clone, Debug, Default)]
pub struct Muxer {
    pat: u8,
    pmt: u8,
    video: u8,
    audio: u8,
}

impl Muxer {
    /// What a segment begins with.
    pub fn tables(&mut self, to: &mut BytesMut, program: Program) {
        let mut pat = vec![0x00, 0x01, 0xC1, 0x00, 0x00, 0x00, 0x01];
        pat.put_u16(0xE000 | PMT);
        section(to, PAT, &mut self.pat, 0x00, &pat);
        let clock = if program.video { VIDEO } else { AUDIO };
        let mut pmt = vec![0x00, 0x01, 0xC1, 0x00, 0x00];
        pmt.put_u16(0xE000 | clock);
        pmt.put_u16(0xF000);
        for (is, kind, pid) in [(program.video, 0x1B, VIDEO), (program.audio, 0x0F, AUDIO)] {
            if is {
                pmt.push(kind);
                pmt.put_u16(0xE000 | pid);
                pmt.put_u16(0xF000);
            }
        }
        section(to, PMT, &mut self.pmt, 0x02, &pmt);
    }

    /// A picture, or some sound. `key`: one can begin with it. `clock`: it tells the time of the program.
    pub fn pes(&mut self, to: &mut BytesMut, part: Part, times: Times, (key, clock): (bool, bool), content: &[u8]) {
        let (pid, id, count) = match part {
            Part::Video => (VIDEO, 0xE0, &mut self.video),
            Part::Audio => (AUDIO, 0xC0, &mut self.audio),
        };
        let head = pes_head(id, times, content.len());
        let mut adaptation = Vec::new();
        if key || clock {
            adaptation.push(u8::from(key) << 6 | u8::from(clock) << 4);
        }
        if clock {
            // Everything arrives before it is decoded, also the sound that is written behind the pictures.
            let base = times.dts.wrapping_sub(AHEAD) & 0x1_FFFF_FFFF;
            adaptation.put_u32((base >> 1) as u32);
            adaptation.put_u16(((base & 1) << 15) as u16 | 0x7E00);
        }
        let mut rest = Content { head: &head, body: content };
        let mut first = true;
        while !rest.is_empty() {
            packet(to, pid, count, first, &adaptation, &mut rest);
            adaptation.clear();
            first = false;
        }
    }
}

/// What is left of the head and the body.
struct Content<'a> {
    head: &'a [u8],
    body: &'a [u8],
}

impl Content<'_> {
    fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn put(&mut self, to: &mut BytesMut, count: usize) {
        let (of_head, head) = self.head.split_at(count.min(self.head.len()));
        let (of_body, body) = self.body.split_at(count - of_head.len());
        to.extend_from_slice(of_head);
        to.extend_from_slice(of_body);
        (self.head, self.body) = (head, body);
    }
}

/// One packet, filled up where the content ends.
fn packet(to: &mut BytesMut, pid: u16, count: &mut u8, first: bool, adaptation: &[u8], rest: &mut Content<'_>) {
    let told = if adaptation.is_empty() { 0 } else { adaptation.len() + 1 };
    let taken = rest.len().min(ROOM - told);
    let field = ROOM - taken;
    to.put_u8(0x47);
    to.put_u16(u16::from(first) << 14 | pid);
    to.put_u8(if field > 0 { 0x30 } else { 0x10 } | *count);
    *count = (*count + 1) & 0xF;
    if field > 0 {
        to.put_u8(u8::try_from(field - 1).unwrap_or(0));
        if field > 1 {
            let said = if adaptation.is_empty() { &[0][..] } else { adaptation };
            to.extend_from_slice(said);
            to.put_bytes(0xFF, field - 1 - said.len());
        }
    }
    rest.put(to, taken);
}

fn pes_head(id: u8, Times { dts, pts }: Times, length: usize) -> Vec<u8> {
    let both = dts != pts;
    let times = if both { 10 } else { 5 };
    let mut head = vec![0, 0, 1, id];
    // Zero: until the next one begins.
    head.put_u16(u16::try_from(length + 3 + times).unwrap_or(0));
    head.extend([0x80, if both { 0xC0 } else { 0x80 }, if both { 10 } else { 5 }]);
    put_time(&mut head, if both { 3 } else { 2 }, pts);
    if both {
        put_time(&mut head, 1, dts);
    }
    head
}

/// 33 bits, in pieces of 3, 15 and 15, with ones between.
fn put_time(to: &mut Vec<u8>, kind: u8, time: u64) {
    let piece = |shift: u32| u16::try_from(time >> shift & 0x7FFF).unwrap_or(0) << 1 | 1;
    to.push(kind << 4 | u8::try_from(time >> 30 & 7).unwrap_or(0) << 1 | 1);
    to.put_u16(piece(15));
    to.put_u16(piece(0));
}

/// A table, which fits into one packet.
fn section(to: &mut BytesMut, pid: u16, count: &mut u8, id: u8, content: &[u8]) {
    let mut table = vec![0, id];
    table.put_u16(0xB000 | u16::try_from(content.len() + 4).unwrap_or(0));
    table.extend_from_slice(content);
    let sum = crc(&table[1..]);
    table.put_u32(sum);
    table.resize(ROOM, 0xFF);
    packet(to, pid, count, true, &[], &mut Content { head: &table, body: &[] });
}

/// The sum that tables end with: CRC-32, most significant bit first, not inverted.
fn crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |sum, byte| {
        let mut sum = sum ^ u32::from(*byte) << 24;
        for _ in 0..8 {
            sum = if sum >> 31 == 1 { sum << 1 ^ 0x04C1_1DB7 } else { sum << 1 };
        }
        sum
    })
}
