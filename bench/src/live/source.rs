//! The film that everybody publishes, and its frames.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::delivery::beside;
use crate::failure::Failure;

/// 720p at 30 frames/s, 2.75 Mbit/s with sound, a keyframe every 2 s, no frames that wait for later ones; 30 s.
const FILM: &str = "-f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine=frequency=440:sample_rate=44100 -t 30 \
    -c:v libx264 -preset veryfast -profile:v high -pix_fmt yuv420p -b:v 2500k -maxrate 2500k -bufsize 5000k \
    -g 60 -keyint_min 60 -sc_threshold 0 -bf 0 -c:a aac -b:a 128k -ac 2 -f flv";
const NAME: &str = "src720.flv";
const FILE_HEADER: usize = 13;
const TAG_HEADER: usize = 11;

pub const AUDIO: u8 = 8;
pub const VIDEO: u8 = 9;
const SCRIPT: u8 = 18;

/// Where it is; made when it is not there yet. It stays, beside this program.
pub fn film() -> Result<PathBuf, Failure> {
    let path = beside("synctv-bench")?.with_file_name(NAME);
    if path.exists() {
        return Ok(path);
    }
    let half = path.with_extension("half");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-y", "-nostdin", "-loglevel", "error"]).args(FILM.split(' ')).arg(&half);
    let failed = |output| Failure::Program { program: "ffmpeg".to_owned(), output };
    let output = ffmpeg.output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    fs::rename(&half, &path).map_err(|source| Failure::File { path: path.clone(), source })?;
    Ok(path)
}

/// A frame, or what a decoder has to know first.
#[derive(Clone)]
pub struct Tag {
    pub kind: u8,
    /// ms since the beginning.
    pub at: u32,
    pub content: Vec<u8>,
}

impl Tag {
    /// Sequence headers of AVC and AAC say so in their second byte.
    fn is_header(&self) -> bool {
        self.content.get(1) == Some(&0)
    }
}

/// A file in memory.
pub struct Film {
    pub metadata: Vec<u8>,
    pub headers: Vec<Tag>,
    frames: Vec<Tag>,
    /// From its beginning to the beginning of the next time, ms.
    length: u32,
}

impl Film {
    pub fn read(path: &Path) -> Result<Self, String> {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&bytes).ok_or_else(|| format!("{} is not such a film", path.display()))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(b"FLV").and(bytes.get(FILE_HEADER..))?;
        let mut tags = Vec::new();
        while let Some((head, after)) = rest.split_at_checked(TAG_HEADER) {
            let size = big_endian(&head[1..4]) as usize;
            let at = big_endian(&head[4..7]) | u32::from(head[7]) << 24;
            tags.push(Tag { kind: head[0], at, content: after.get(..size)?.to_vec() });
            // Each tag's size stands behind it once more.
            rest = after.get(size + 4..)?;
        }
        let (scripts, media): (Vec<_>, Vec<_>) = tags.into_iter().partition(|tag| tag.kind == SCRIPT);
        let (headers, frames): (Vec<_>, Vec<_>) = media.into_iter().partition(Tag::is_header);
        let pictures: Vec<u32> = frames.iter().filter(|tag| tag.kind == VIDEO).map(|tag| tag.at).collect();
        let (first, last) = (pictures.first()?, pictures.last()?);
        let between = u32::try_from(pictures.len()).ok()?.checked_sub(1)?;
        let length = last + (last - first).div_ceil(between.max(1));
        Some(Self { metadata: scripts.into_iter().next()?.content, headers, frames, length })
    }

    /// Its frames again and again; time goes on.
    pub fn endless(&self) -> impl Iterator<Item = (u32, &Tag)> {
        let again = move |round: u32| self.frames.iter().map(move |tag| (round * self.length + tag.at, tag));
        (0..).flat_map(again)
    }
}

/// At most four bytes.
pub fn big_endian(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(kind: u8, at: u8, content: &[u8]) -> Vec<u8> {
        let size = u8::try_from(content.len()).unwrap();
        let head = [kind, 0, 0, size, 0, 0, at, 0, 0, 0, 0];
        [&head[..], content, &[0, 0, 0, size + 11]].concat()
    }

    #[test]
    fn a_film_goes_on_with_its_first_frame_one_interval_after_its_last() {
        let tags = [tag(SCRIPT, 0, b"meta"), tag(VIDEO, 0, &[0x17, 0]), tag(VIDEO, 0, &[0x17, 1])];
        let more = [tag(AUDIO, 10, &[0xAF, 1]), tag(VIDEO, 33, &[0x27, 1]), tag(VIDEO, 66, &[0x27, 1])];
        let film = Film::parse(&[b"FLV\x01\x05\0\0\0\x09\0\0\0\0", &*tags.concat(), &more.concat()].concat()).unwrap();
        assert_eq!((&film.metadata[..], film.headers.len()), (&b"meta"[..], 1));
        let times: Vec<u32> = film.endless().take(6).map(|(at, _)| at).collect();
        assert_eq!(times, [0, 10, 33, 66, 99, 109]);
    }
}
