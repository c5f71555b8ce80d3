//! FFmpeg publishes pictures that carry their number, and reads the numbers back.

use std::io::Write;
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;

use super::film::{Film, Tag};
use crate::support::{TempDir, eventually};

/// Pictures a second.
pub const RATE: u32 = 25;
/// A picture shows so many bits of its number as blocks, and beside them the opposite of each.
const BITS: u32 = 12;
/// The clip that encoders of ours send, s.
const CLIP: u32 = 60;

/// What FFmpeg publishes.
#[derive(Clone, Copy)]
pub struct Show {
    /// The number of the first picture; None: there are none.
    pub first: Option<u32>,
    pub sound: bool,
    pub seconds: u32,
}

impl Show {
    /// Pictures from 0 on, with sound.
    pub fn of(seconds: u32) -> Self {
        Self { first: Some(0), sound: true, seconds }
    }
}

fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-hide_banner", "-v", "error"]).stdin(Stdio::null());
    command
}

/// An FFmpeg that makes a show as FLV.
fn encode(show: Show, as_time_goes: bool) -> Command {
    let mut command = ffmpeg();
    let mut input = |graph: String| {
        if as_time_goes {
            command.arg("-re");
        }
        command.args(["-f", "lavfi", "-i", &graph]);
    };
    if let Some(first) = show.first {
        let (bit, opposite) = (block(first, "X"), block(first, &format!("(X-{BITS})")));
        let columns = 2 * BITS;
        input(format!(
            "color=c=black:s={columns}x2:r={RATE},format=gray,geq=lum='16+219*if(lt(X,{BITS}),{bit},1-{opposite})',\
             scale=384:216:flags=neighbor,format=yuv420p"
        ));
    }
    if show.sound {
        input("sine=frequency=440:sample_rate=44100".to_owned());
    }
    command.args(["-t", &show.seconds.to_string()]);
    if show.first.is_some() {
        let coding = "-c:v libx264 -preset veryfast -bf 2 -b_strategy 0 -sc_threshold 0 -b:v 300k -threads 1";
        command.args(coding.split(' ')).args(["-g", &RATE.to_string()]);
    }
    if show.sound {
        command.args(["-c:a", "aac", "-b:a", "64k"]);
    }
    command.args(["-f", "flv"]);
    command
}

fn block(first: u32, bit: &str) -> String {
    format!("mod(floor((N+{first})/pow(2,{bit})),2)")
}

/// FFmpeg at work; killed with the value.
pub struct Publisher {
    child: Child,
    said: std::path::PathBuf,
    _dir: TempDir,
}

impl Publisher {
    pub fn start(rtmp: SocketAddr, name: &str, show: Show) -> Self {
        Self::at(&format!("rtmp://{rtmp}/live/{name}"), show)
    }

    pub fn at(url: &str, show: Show) -> Self {
        let dir = TempDir::new();
        let said = dir.path().join("said");
        let mut command = encode(show, true);
        command.arg(url).stdout(Stdio::null());
        command.stderr(std::fs::File::create(&said).expect("it is fresh"));
        Self { child: command.spawn().expect("FFmpeg runs"), said, _dir: dir }
    }

    /// Waits for its end; what it complained about.
    pub async fn end(mut self) -> (ExitStatus, String) {
        let ended = eventually("the end of FFmpeg", async || self.child.try_wait().expect("it is ours")).await;
        (ended, std::fs::read_to_string(&self.said).unwrap_or_default())
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tags of a show of a minute with pictures and sound, each second of which can be begun with.
pub fn clip() -> &'static [Tag] {
    static CLIP_TAGS: LazyLock<Vec<Tag>> = LazyLock::new(|| {
        let made = encode(Show::of(CLIP), false).arg("-").output().expect("FFmpeg runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Film::of(&made.stdout).tags.into_iter().map(|(tag, _)| tag).collect()
    });
    &CLIP_TAGS
}

/// The numbers of the pictures in FLV or MPEG-TS, in the order in which they are shown. FFmpeg must not complain.
pub fn numbers(media: &[u8]) -> Vec<u32> {
    let dir = TempDir::new();
    let file = dir.path().join("media");
    std::fs::File::create(&file).and_then(|mut file| file.write_all(media)).expect("there is space");
    read(ffmpeg().arg("-i").arg(&file))
}

/// As [`numbers`], of what is played from an address for so many seconds.
pub fn played(url: &str, seconds: u32) -> Vec<u32> {
    read(ffmpeg().args(["-i", url, "-t", &seconds.to_string()]))
}

/// The kinds and codings of what is at an address, as ffprobe tells them.
pub fn probed(url: &str) -> Vec<(String, String)> {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-show_entries", "stream=codec_type,codec_name", "-of", "json", url]);
    let read = command.stdin(Stdio::null()).output().expect("ffprobe runs");
    let complaints = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success() && complaints.is_empty(), "{complaints}");
    let told: serde_json::Value = serde_json::from_slice(&read.stdout).expect("JSON");
    let streams = told["streams"].as_array().expect("a list").iter();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let mut found: Vec<_> = streams.map(|one| (text(&one["codec_type"]), text(&one["codec_name"]))).collect();
    found.sort();
    found
}

fn read(command: &mut Command) -> Vec<u32> {
    let columns = 2 * BITS as usize;
    command.args(["-map", "0:v", "-fps_mode", "passthrough", "-f", "rawvideo"]);
    command.args(["-vf", &format!("scale={columns}:1:flags=area,format=gray"), "-"]);
    let read = command.output().expect("FFmpeg runs");
    let complaints = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success() && complaints.is_empty(), "{complaints}");
    read.stdout.chunks(columns).map(number).collect()
}

/// As [`numbers`], of what was cut off somewhere: without the last ones, which come in another order than they are shown.
pub fn numbers_until_cut(media: &[u8]) -> Vec<u32> {
    const REORDERED: usize = 3;
    let mut numbers = numbers(media);
    numbers.truncate(numbers.len().saturating_sub(REORDERED));
    numbers
}

fn number(blocks: &[u8]) -> u32 {
    let (bits, opposites) = blocks.split_at(BITS as usize);
    let read = |(bit, opposite): (&u8, &u8)| match (*bit, *opposite) {
        (160.., ..90) => 1,
        (..90, 160..) => 0,
        _ => panic!("a picture that cannot be read: {blocks:?}"),
    };
    bits.iter().zip(opposites).map(read).rev().fold(0, |number, bit| number << 1 | bit)
}
