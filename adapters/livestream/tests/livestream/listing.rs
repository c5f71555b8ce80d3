//! Reads the list of segments, and says which rule of RFC 8216 is broken.

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub uri: String,
    pub seconds: f64,
    pub discontinuous: bool,
    pub dated: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
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
    let (mut seconds, mut discontinuous, mut dated) = (None, false, false);
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
            "#EXT-X-VERSION" => rule(number()? >= 3, "7: fractions of seconds need version 3")?,
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
                let entry = Entry { uri: line.to_owned(), seconds, discontinuous, dated };
                (discontinuous, dated) = (false, false);
                list.entries.push(entry);
            }
        }
        if !matches!(tag, "#EXTINF" | "#EXT-X-DISCONTINUITY" | "#EXT-X-PROGRAM-DATE-TIME") && tag.starts_with('#') {
            rule(!seen.contains(&tag.to_owned()), "4.3.3: a tag is there twice")?;
            seen.push(tag.to_owned());
        }
    }
    rule(seen.iter().any(|tag| tag == "#EXT-X-TARGETDURATION"), "4.3.3.1: there is no target duration")?;
    for (number, entry) in list.entries.iter().enumerate() {
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
        (&one.uri, one.seconds, one.discontinuous) == (&other.uri, other.seconds, other.discontinuous)
    });
    rule(same, "6.2.1: a segment changed")?;
    let interrupted = before.entries[..gone].iter().filter(|entry| entry.discontinuous).count() as u64;
    rule(after.discontinuities == before.discontinuities + interrupted, "6.2.2: the discontinuity sequence is wrong")
}
