//! Reads the list of segments, and says which rule of RFC 8216 is broken.

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub uri: String,
    pub seconds: f64,
    pub discontinuous: bool,
    pub dated: bool,
    /// Where that is by which it is decoded.
    pub map: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    pub version: u64,
    pub target: i64,
    pub sequence: u64,
    pub discontinuities: u64,
    pub entries: Vec<Entry>,
    pub ended: bool,
}

fn rule(holds: bool, name: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("RFC 8216, {name}")) }
}

/// Reads a list.
pub fn read(text: &str) -> Result<List, String> {
    let mut lines = text.lines();
    rule(lines.next() == Some("#EXTM3U"), "4.3.1.1: it does not begin with #EXTM3U")?;
    rule(!text.contains('\r') && text.ends_with('\n'), "4.1: lines do not end as they should")?;
    let (mut list, mut seen) = (List::default(), Vec::new());
    let (mut seconds, mut discontinuous, mut dated, mut map) = (None, false, false, None);
    for line in lines {
        let (tag, value) = line.split_once(':').unwrap_or((line, ""));
        let number = || value.parse::<u64>().map_err(|_| format!("RFC 8216, 4.2: {line} is no number"));
        match tag {
            "#EXTINF" => seconds = Some(value.trim_end_matches(',').parse::<f64>().map_err(|error| error.to_string())?),
            "#EXT-X-DISCONTINUITY" => discontinuous = true,
            "#EXT-X-PROGRAM-DATE-TIME" => {
                rule(value.contains('T') && value.ends_with('Z'), "4.3.2.6: a date that is none")?;
                dated = true;
            }
            "#EXT-X-ENDLIST" => list.ended = true,
            "#EXT-X-MAP" => map = Some(attribute(value, "URI").ok_or("RFC 8216, 4.3.2.5: a MAP without a URI")?),
            "#EXT-X-VERSION" => list.version = number()?,
            "#EXT-X-TARGETDURATION" => list.target = i64::try_from(number()?).map_err(|error| error.to_string())?,
            "#EXT-X-MEDIA-SEQUENCE" => {
                rule(list.entries.is_empty(), "4.3.3.2: the sequence comes after a segment")?;
                list.sequence = number()?;
            }
            "#EXT-X-DISCONTINUITY-SEQUENCE" => {
                rule(list.entries.is_empty(), "4.3.3.3: the sequence comes after a segment")?;
                list.discontinuities = number()?;
            }
            _ if line.starts_with('#') => return Err(format!("an unknown tag: {line}")),
            _ => {
                let seconds = seconds.take().ok_or("RFC 8216, 4.3.2.1: a segment without #EXTINF")?;
                let entry = Entry { uri: line.to_owned(), seconds, discontinuous, dated, map: map.clone() };
                (discontinuous, dated) = (false, false);
                list.entries.push(entry);
            }
        }
        let repeated = ["#EXTINF", "#EXT-X-DISCONTINUITY", "#EXT-X-PROGRAM-DATE-TIME", "#EXT-X-MAP"];
        if !repeated.contains(&tag) && tag.starts_with('#') {
            rule(!seen.contains(&tag.to_owned()), "4.3.3: a tag is there twice")?;
            seen.push(tag.to_owned());
        }
    }
    rule(seen.iter().any(|tag| tag == "#EXT-X-TARGETDURATION"), "4.3.3.1: there is no target duration")?;
    rule(list.version >= 3, "7: fractions of seconds need version 3")?;
    rule(map == list.entries.last().and_then(|entry| entry.map.clone()), "4.3.2.5: a MAP before no segment")?;
    let mapped = list.entries.iter().any(|entry| entry.map.is_some());
    rule(list.version >= 6 || !mapped, "7: a MAP among segments needs version 6")?;
    let one = list.entries.iter().all(|entry| entry.map.is_some() == mapped);
    rule(one, "none: it is of two formats, and no player gets from one to the other")?;
    for pair in list.entries.windows(2) {
        rule(
            pair[0].map == pair[1].map || pair[1].discontinuous,
            "4.3.2.3: the format changes without a discontinuity",
        )?;
    }
    for (number, entry) in list.entries.iter().enumerate() {
        let fragment = entry.uri.split('?').next().is_some_and(|path| path.ends_with(".m4s"));
        rule(!fragment || entry.map.is_some(), "3.3: a fragment without a MAP")?;
        rule(fragment || entry.map.is_none(), "4.3.2.5: a MAP of MP4 holds for MPEG-TS")?;
        rule(list.entries.iter().all(|other| other.map.as_ref() != Some(&entry.uri)), "3: a segment is a MAP")?;
        #[expect(clippy::cast_possible_truncation, reason = "seconds of a segment")]
        let rounded = entry.seconds.round() as i64;
        rule(rounded <= list.target, "4.3.3.1: a segment is longer than the target duration")?;
        rule(
            entry.dated || !(entry.discontinuous || number == 0),
            "4.3.2.6: no date where time is not told by what is before",
        )?;
        rule(list.entries[..number].iter().all(|other| other.uri != entry.uri), "3: an address is there twice")?;
    }
    Ok(list)
}

/// Whether a list may follow another one.
pub fn follows(before: &List, after: &List) -> Result<(), String> {
    rule(before.target == after.target, "6.2.1: the target duration changed")?;
    rule(after.sequence >= before.sequence, "6.2.1: the media sequence fell")?;
    rule(!before.ended || before == after, "6.2.1: it changed after its end")?;
    let gone = usize::try_from(after.sequence - before.sequence).unwrap_or(usize::MAX);
    let stay = before.entries.get(gone..).ok_or("RFC 8216, 6.2.2: segments were passed over")?;
    rule(after.entries.len() >= stay.len(), "6.2.1: a segment left at the end")?;
    let same = stay.iter().zip(&after.entries).all(|(one, other)| {
        (&one.uri, one.seconds, one.discontinuous, &one.map)
            == (&other.uri, other.seconds, other.discontinuous, &other.map)
    });
    rule(same, "6.2.1: a segment changed")?;
    let format = |list: &List| list.entries.first().map(|entry| entry.map.is_some());
    let anew = format(before) != format(after) && stay.is_empty();
    rule(after.version == before.version || anew, "6.2.1: the version changed, and no new list began")?;
    let length: f64 = after.entries.iter().map(|entry| entry.seconds).sum();
    let enough = length > 3.0 * after.target as f64 - 0.001;
    rule(gone == 0 || anew || enough, "6.2.2: it became shorter than three target durations")?;
    let interrupted = before.entries[..gone].iter().filter(|entry| entry.discontinuous).count() as u64;
    rule(after.discontinuities == before.discontinuities + interrupted, "6.2.2: the discontinuity sequence is wrong")
}

/// The value of an attribute, without its quotes.
fn attribute(list: &str, name: &str) -> Option<String> {
    let mut rest = list;
    loop {
        let (key, behind) = rest.split_once('=')?;
        let (value, behind) = match behind.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').map(|(value, behind)| (value, behind.trim_start_matches(',')))?,
            None => behind.split_once(',').unwrap_or((behind, "")),
        };
        if key == name {
            return Some(value.to_owned());
        }
        rest = behind;
    }
}

/// The only list in a list of lists.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    pub bandwidth: u64,
    pub average: u64,
    pub codecs: String,
    pub resolution: Option<String>,
    pub uri: String,
}

/// Reads a list of lists.
pub fn variant(text: &str) -> Result<Variant, String> {
    let lines: Vec<_> = text.lines().collect();
    rule(lines.first() == Some(&"#EXTM3U"), "4.3.1.1: it does not begin with #EXTM3U")?;
    rule(lines.get(1).is_some_and(|line| line.starts_with("#EXT-X-VERSION:")), "4.3.1.2: it has no version")?;
    let [_, _, stream, uri] = lines[..] else { return Err(format!("RFC 8216, 4.3.4.2: {} lines", lines.len())) };
    let attributes = stream.strip_prefix("#EXT-X-STREAM-INF:").ok_or("RFC 8216, 4.3.4.2: no STREAM-INF")?;
    rule(!uri.starts_with('#'), "4.3.4.2: no address follows")?;
    let number = |name: &str| {
        let value = attribute(attributes, name).ok_or(format!("RFC 8216, 4.3.4.2: no {name}"))?;
        value.parse::<u64>().map_err(|error| format!("RFC 8216, 4.2: {name}: {error}"))
    };
    let (bandwidth, average) = (number("BANDWIDTH")?, number("AVERAGE-BANDWIDTH")?);
    rule(bandwidth >= average, "4.3.4.2: the average is more than the peak")?;
    Ok(Variant {
        bandwidth,
        average,
        codecs: attribute(attributes, "CODECS").ok_or("RFC 8216, 4.3.4.2: every variant SHOULD have CODECS")?,
        resolution: attribute(attributes, "RESOLUTION"),
        uri: uri.to_owned(),
    })
}
