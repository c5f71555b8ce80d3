//! Reads fragmented MP4, and says which rule is broken.

use std::collections::HashMap;

/// A track, as the initialization segment describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    pub id: u32,
    /// Units a second.
    pub rate: u32,
    /// Four letters of the coding.
    pub coding: [u8; 4],
    /// What describes the coding, without what is before it.
    pub record: Vec<u8>,
    pub size: (u16, u16),
}

/// A sample; times in units of its track.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub dts: u64,
    pub pts: i64,
    pub duration: u32,
    pub key: bool,
    pub content: Vec<u8>,
}

/// What a segment holds, by track.
pub type Held = HashMap<u32, Vec<Sample>>;

type Read<T> = Result<T, String>;

fn rule(holds: bool, broken: impl Fn() -> String) -> Read<()> {
    if holds { Ok(()) } else { Err(broken()) }
}

/// A box: four letters, where it begins, and what it holds.
type Found<'a> = ([u8; 4], usize, &'a [u8]);

/// The boxes in some bytes.
fn boxes(bytes: &[u8]) -> Read<Vec<Found<'_>>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        rule(bytes.len() - at >= 8, || format!("half a box at {at}"))?;
        let length = usize::try_from(number(bytes, at, 4)).expect("four bytes");
        rule(length >= 8 && at + length <= bytes.len(), || format!("a box of {length} bytes at {at}"))?;
        found.push((bytes[at + 4..at + 8].try_into().expect("four"), at, &bytes[at + 8..at + length]));
        at += length;
    }
    Ok(found)
}

fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    bytes[at..at + length].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn number32(bytes: &[u8], at: usize) -> u32 {
    u32::try_from(number(bytes, at, 4)).expect("four bytes")
}

/// What is in the only box of a kind.
fn only<'a>(bytes: &'a [u8], kind: &str) -> Read<&'a [u8]> {
    let found: Vec<_> = boxes(bytes)?.into_iter().filter(|(name, _, _)| name == kind.as_bytes()).collect();
    rule(found.len() == 1, || format!("{} boxes {kind}", found.len()))?;
    Ok(found[0].2)
}

fn inside<'a>(bytes: &'a [u8], path: &[&str]) -> Read<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, kind| only(bytes, kind))
}

/// Reads an initialization segment.
pub fn initialization(bytes: &[u8]) -> Read<Vec<Track>> {
    let kinds: Vec<_> = boxes(bytes)?.iter().map(|(kind, _, _)| *kind).collect();
    rule(kinds.starts_with(&[*b"ftyp", *b"moov"]), || format!("RFC 8216, 3.3: it begins with {kinds:?}"))?;
    let moov = only(bytes, "moov")?;
    let extended = boxes(only(moov, "mvex")?)?;
    let mut tracks = Vec::new();
    for (_, _, trak) in boxes(moov)?.into_iter().filter(|(kind, _, _)| kind == b"trak") {
        let tkhd = only(trak, "tkhd")?;
        let id = number32(tkhd, if tkhd[0] == 1 { 20 } else { 12 });
        let mdhd = inside(trak, &["mdia", "mdhd"])?;
        let rate = number32(mdhd, if mdhd[0] == 1 { 20 } else { 12 });
        let tables = inside(trak, &["mdia", "minf", "stbl"])?;
        for table in ["stts", "stsc", "stco"] {
            rule(number(only(tables, table)?, 4, 4) == 0, || format!("RFC 8216, 3.3: samples in {table}"))?;
        }
        let entries = boxes(&only(tables, "stsd")?[8..])?;
        rule(entries.len() == 1, || format!("{} codings", entries.len()))?;
        let (coding, _, entry) = entries[0];
        let picture = inside(trak, &["mdia", "hdlr"])?[8..12] == *b"vide";
        let before = if picture { 78 } else { 28 };
        let size = if picture { (number(entry, 24, 2) as u16, number(entry, 26, 2) as u16) } else { (0, 0) };
        let record = boxes(&entry[before..])?.first().ok_or("nothing describes the coding")?.2.to_vec();
        let trex = extended.iter().any(|(kind, _, trex)| kind == b"trex" && number32(trex, 4) == id);
        rule(trex, || format!("RFC 8216, 3.3: no trex for track {id}"))?;
        tracks.push(Track { id, rate, coding, record, size });
    }
    rule(!tracks.is_empty(), || "RFC 8216, 3.3: there is no track".to_owned())?;
    Ok(tracks)
}

/// Reads fragments, one behind the other, of whoever wrote them.
pub fn fragments(bytes: &[u8]) -> Read<Vec<Held>> {
    let mut all = Vec::new();
    for (kind, at, moof) in boxes(bytes)? {
        if kind != *b"moof" {
            continue;
        }
        let mut held = Held::new();
        for (_, _, traf) in boxes(moof)?.into_iter().filter(|(kind, _, _)| kind == b"traf") {
            let (id, samples) = track(&bytes[at..], traf)?;
            rule(held.insert(id, samples).is_none(), || format!("track {id} is there twice"))?;
        }
        all.push(held);
    }
    Ok(all)
}

/// The samples of a track in a fragment, which begins at the beginning of `bytes`.
fn track(bytes: &[u8], traf: &[u8]) -> Read<(u32, Vec<Sample>)> {
    let tfhd = only(traf, "tfhd")?;
    let (flags, id) = (number32(tfhd, 0), number32(tfhd, 4));
    rule(flags & 0x2_0000 != 0 && flags & 1 == 0, || "RFC 8216, 3.3: addresses are not those of the moof".to_owned())?;
    let mut at = 8;
    let mut told = |bit: u32| {
        (flags & bit != 0).then(|| {
            at += 4;
            number32(tfhd, at - 4)
        })
    };
    let (_, duration, size, kind) = (told(2), told(8), told(0x10), told(0x20));
    let tfdt = only(traf, "tfdt").map_err(|error| format!("RFC 8216, 3.3: {error}"))?;
    let mut dts = if tfdt[0] == 1 { number(tfdt, 4, 8) } else { number(tfdt, 4, 4) };
    let trun = only(traf, "trun")?;
    let (flags, count) = (number32(trun, 0), number32(trun, 4));
    let mut at = 8;
    let mut next = |bit: u32| {
        (flags & bit != 0).then(|| {
            at += 4;
            number32(trun, at - 4)
        })
    };
    let mut data = usize::try_from(next(1).ok_or("no data offset")?).expect("near");
    let first = next(4);
    let mut samples = Vec::new();
    for sample in 0..count {
        let duration = next(0x100).or(duration).ok_or("no duration")?;
        let size = usize::try_from(next(0x200).or(size).ok_or("no size")?).expect("short");
        let kind = next(0x400).or(first.filter(|_| sample == 0)).or(kind).ok_or("no flags")?;
        let later = i64::from(next(0x800).unwrap_or(0).cast_signed());
        let content = bytes.get(data..data + size).ok_or("a sample is behind the end")?.to_vec();
        data += size;
        samples.push(Sample { dts, pts: dts.cast_signed() + later, duration, key: kind & 0x1_0000 == 0, content });
        dts += u64::from(duration);
    }
    Ok((id, samples))
}

/// Reads segments one after the other, and knows where their tracks have to go on.
#[derive(Default)]
pub struct Reader {
    tracks: Vec<Track>,
    number: Option<u32>,
    ends: HashMap<u32, u64>,
}

impl Reader {
    /// What comes next is decoded by this.
    pub fn map(&mut self, bytes: &[u8]) -> Read<&[Track]> {
        self.tracks = initialization(bytes)?;
        self.ends.clear();
        self.number = None;
        Ok(&self.tracks)
    }

    /// Reads a segment, and checks that it goes on where the last one ended, and is as long as the list says, ms.
    pub fn segment(&mut self, bytes: &[u8], duration: i64, discontinuous: bool, independent: bool) -> Read<Held> {
        let found = boxes(bytes)?;
        let kinds: Vec<_> = found.iter().map(|(kind, _, _)| *kind).collect();
        rule(kinds == [*b"moof", *b"mdat"], || format!("CMAF, 7.3.2.3: a segment of {kinds:?}"))?;
        let sequence = number32(only(found[0].2, "mfhd")?, 4);
        rule(self.number.is_none_or(|number| sequence > number), || format!("fragment {sequence} comes late"))?;
        self.number = Some(sequence);
        let held = fragments(bytes)?.pop().ok_or("no fragment")?;
        let whole: usize = held.values().flatten().map(|sample| sample.content.len()).sum();
        rule(whole == found[1].2.len(), || format!("samples of {whole} bytes in {}", found[1].2.len()))?;
        if discontinuous {
            self.ends.clear();
        }
        let mut begins = Vec::new();
        for track in &self.tracks {
            let Some(samples) = held.get(&track.id) else { continue };
            begins.push(samples[0].dts as f64 / f64::from(track.rate));
            let ended = self.ends.get(&track.id);
            rule(ended.is_none_or(|ended| samples[0].dts == *ended), || {
                format!("tfdt: track {} ended at {ended:?} and goes on at {}", track.id, samples[0].dts)
            })?;
            for sample in samples {
                rule(sample.duration > 0 && !sample.content.is_empty(), || {
                    format!("an empty sample at {}", sample.dts)
                })?;
                rule(sample.pts >= sample.dts.cast_signed(), || format!("shown early: {} {}", sample.pts, sample.dts))?;
            }
            let last = samples.last().expect("there is one");
            self.ends.insert(track.id, last.dts + u64::from(last.duration));
        }
        rule(held.keys().all(|id| self.tracks.iter().any(|track| track.id == *id)), || "an unknown track".to_owned())?;
        self.clock(&held, duration, independent)?;
        let apart = begins.iter().fold(0.0_f64, |apart, begin| apart.max((begin - begins[0]).abs()));
        rule(apart <= 0.2, || format!("pictures and sound begin {apart} s apart"))?;
        Ok(held)
    }

    /// The first track tells the time.
    fn clock(&self, held: &Held, duration: i64, independent: bool) -> Read<()> {
        let clock = self.tracks.first().ok_or("RFC 8216, 4.3.2.5: no EXT-X-MAP")?;
        let samples = held.get(&clock.id).ok_or("there is nothing of the first track in it")?;
        rule(!independent || samples[0].key, || "it does not begin with a sync sample".to_owned())?;
        let length: u64 = samples.iter().map(|sample| u64::from(sample.duration)).sum();
        let ms = (length * 1000 + u64::from(clock.rate) / 2) / u64::from(clock.rate);
        rule(ms == duration.unsigned_abs(), || format!("EXTINF says {duration} ms, samples are {ms} ms long"))
    }
}
