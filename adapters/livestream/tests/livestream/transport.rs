//! Reads MPEG-TS, and says which rule is broken.

use std::collections::HashMap;

/// What is in the packets of one picture, or of some sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    pub pts: u64,
    pub dts: u64,
    /// The time of the program, if it is told.
    pub clock: Option<u64>,
    /// One can begin with it.
    pub key: bool,
    pub content: Vec<u8>,
    /// The time of the program when all of it was there.
    pub complete: Option<u64>,
}

/// What a segment holds.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// What it says it holds: types of streams, by where they are.
    pub program: HashMap<u16, u8>,
    pub video: Vec<Unit>,
    pub audio: Vec<Unit>,
    /// Where the first unit is.
    pub first: u16,
}

/// Counts of packets, from one segment to the next.
#[derive(Default)]
pub struct Reader {
    counts: HashMap<u16, u8>,
}

pub const VIDEO: u8 = 0x1B;
pub const AUDIO: u8 = 0x0F;

type Broken = Result<(), String>;

fn rule(holds: bool, broken: impl Fn() -> String) -> Broken {
    if holds { Ok(()) } else { Err(broken()) }
}

fn crc(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for bit in bytes.iter().flat_map(|byte| (0..8).rev().map(move |shift| byte >> shift & 1)) {
        let top = sum >> 31 != u32::from(bit);
        sum <<= 1;
        if top {
            sum ^= 0x04C1_1DB7;
        }
    }
    sum
}

impl Reader {
    /// Reads a segment.
    pub fn segment(&mut self, bytes: &[u8]) -> Result<Held, String> {
        rule(bytes.len().is_multiple_of(188) && bytes.len() >= 3 * 188, || {
            format!("{} bytes are not packets", bytes.len())
        })?;
        let (mut held, mut tables, mut program) = (Held::default(), 0, None);
        for (number, packet) in bytes.chunks(188).enumerate() {
            rule(packet[0] == 0x47, || format!("packet {number} does not begin with 0x47"))?;
            let pid = u16::from(packet[1] & 0x1F) << 8 | u16::from(packet[2]);
            let expected = self.counts.insert(pid, packet[3] & 0xF).map(|count| (count + 1) & 0xF);
            rule(expected.is_none_or(|count| count == packet[3] & 0xF), || {
                format!("packet {number}: the continuity counter of {pid:#x} jumps")
            })?;
            let (begins, mut rest) = (packet[1] & 0x40 != 0, &packet[4..]);
            let (mut key, mut clock) = (false, None);
            if packet[3] & 0x20 != 0 {
                let length = usize::from(rest[0]);
                rule(length < 184, || format!("packet {number}: the adaptation field is too long"))?;
                let field = &rest[1..=length];
                if let Some(flags) = field.first() {
                    key = flags & 0x40 != 0;
                    if flags & 0x10 != 0 {
                        let base = u32::from_be_bytes(field[1..5].try_into().expect("four"));
                        clock = Some(u64::from(base) << 1 | u64::from(field[5] >> 7));
                        program = clock;
                    }
                }
                rest = &rest[length + 1..];
            }
            match number {
                0 => rule(pid == 0, || "the first packet is no PAT (RFC 8216, 3.2)".to_owned())?,
                1 => rule(pid == 0x1000, || "the second packet is no PMT (RFC 8216, 3.2)".to_owned())?,
                _ => {}
            }
            if matches!(pid, 0 | 0x1000) {
                tables += 1;
                let length = usize::from(rest[2] & 0xF) << 8 | usize::from(rest[3]);
                let section = &rest[1..4 + length];
                rule(crc(section) == 0, || format!("the sum of table {pid:#x} is wrong"))?;
                if pid == 0x1000 {
                    for entry in section[12..section.len() - 4].chunks(5) {
                        held.program.insert(u16::from(entry[1] & 0x1F) << 8 | u16::from(entry[2]), entry[0]);
                    }
                }
                continue;
            }
            let kind = held.program.get(&pid).copied();
            let units = match kind {
                Some(VIDEO) => &mut held.video,
                Some(AUDIO) => &mut held.audio,
                _ => return Err(format!("packet {number} is of {pid:#x}, which the PMT does not name")),
            };
            if held.first == 0 {
                held.first = pid;
            }
            if begins {
                rule(rest.starts_with(&[0, 0, 1]), || format!("packet {number} begins no PES packet"))?;
                let time = |at: usize| {
                    let bytes: Vec<u64> = rest[at..at + 5].iter().map(|byte| u64::from(*byte)).collect();
                    (bytes[0] >> 1 & 7) << 30 | bytes[1] << 22 | (bytes[2] >> 1) << 15 | bytes[3] << 7 | bytes[4] >> 1
                };
                let pts = time(9);
                let dts = if rest[7] & 0x40 != 0 { time(14) } else { pts };
                let content = rest[9 + usize::from(rest[8])..].to_vec();
                units.push(Unit { pts, dts, clock, key, content, complete: program });
            } else {
                let unit = units.last_mut().ok_or_else(|| format!("packet {number} goes on with nothing"))?;
                unit.content.extend_from_slice(rest);
                unit.complete = program;
            }
        }
        rule(tables == 2, || format!("{tables} tables"))?;
        Ok(held)
    }
}

impl Held {
    /// Whether the units of a segment are as they should be.
    pub fn check(&self, independent: bool) -> Broken {
        let clocked = if self.video.is_empty() { &self.audio } else { &self.video };
        let first = clocked.first().ok_or("there is nothing in it")?;
        rule(first.clock.is_some(), || "the time of the program is not told at once".to_owned())?;
        rule(!independent || first.key, || "it does not begin with a random access point (RFC 8216, 3.2)".to_owned())?;
        for units in [&self.video, &self.audio] {
            for pair in units.windows(2) {
                rule(pair[1].dts > pair[0].dts, || format!("times of decoding fall: {} {}", pair[0].dts, pair[1].dts))?;
            }
            for unit in units {
                rule(unit.pts >= unit.dts, || format!("shown before it is decoded: {} {}", unit.pts, unit.dts))?;
            }
        }
        for unit in self.video.iter().chain(&self.audio) {
            let (program, dts) = (unit.complete.unwrap_or(u64::MAX), unit.dts);
            rule(program <= dts, || format!("the program is at {program} when what is decoded at {dts} is there"))?;
        }
        if let (Some(video), Some(audio)) = (self.video.first(), self.audio.first()) {
            let apart = video.dts.abs_diff(audio.dts);
            rule(apart <= 200 * 90, || format!("pictures and sound begin {} ms apart", apart / 90))?;
        }
        Ok(())
    }
}

/// The units of H.264, without what is before them.
pub fn nals(content: &[u8]) -> Vec<Vec<u8>> {
    let mut begins: Vec<usize> =
        (0..content.len().saturating_sub(3)).filter(|at| content[*at..].starts_with(&[0, 0, 0, 1])).collect();
    begins.push(content.len());
    begins.windows(2).map(|pair| content[pair[0] + 4..pair[1]].to_vec()).collect()
}

/// The frames of sound, without their heads.
pub fn frames(mut content: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let mut frames = Vec::new();
    while !content.is_empty() {
        rule(content.len() >= 7 && content[0] == 0xFF && content[1] & 0xF6 == 0xF0, || "no frame of sound".to_owned())?;
        let length = usize::from(content[3] & 3) << 11 | usize::from(content[4]) << 3 | usize::from(content[5] >> 5);
        rule((7..=content.len()).contains(&length), || "a frame of sound is split".to_owned())?;
        frames.push(content[7..length].to_vec());
        content = &content[length..];
    }
    Ok(frames)
}
