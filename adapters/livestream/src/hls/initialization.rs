//! What fragments of MP4 are decoded by: `ftyp` and `moov`.

use bytes::Bytes;
use mp4_atom::{
    Atom, Audio, Av01, Av1c, Avc1, Avcc, Codec, Dfla, Dinf, Dops, Dref, Encode, FixedPoint, Flac, FourCC, Ftyp, Hdlr,
    Hvc1, Hvcc, Mdhd, Mdia, Minf, Moov, Mp4a, Mvex, Mvhd, Opus, OpusChannelMapping, Smhd, Stbl, Stco, Stsd, Tkhd, Trak,
    Trex, Url, Visual, Vmhd, Vp09, VpcC, esds,
};

use super::fragments::{AUDIO, VIDEO, VIDEO_RATE};
use crate::media::{AacConfig, AudioConfig, OpusConfig, VideoConfig};

/// Of the whole, units a second.
const RATE: u32 = 1000;
/// MPEG-4 Audio, and a stream of sound (ISO/IEC 14496-1, 7.2.6.6).
const MPEG4_AUDIO: u8 = 0x40;
const AUDIO_STREAM: u8 = 5;

/// The initialization segment of these tracks; None: one of them cannot be described.
pub(super) fn initialization(video: Option<&VideoConfig>, audio: Option<&AudioConfig>) -> Option<Bytes> {
    let brands = vec![FourCC::new(b"iso6"), FourCC::new(b"mp41")];
    let ftyp = Ftyp { major_brand: brands[0], minor_version: 0, compatible_brands: brands };
    let mut moov = Moov {
        mvhd: Mvhd {
            timescale: RATE,
            rate: FixedPoint::new(1, 0),
            volume: FixedPoint::new(1, 0),
            next_track_id: AUDIO + 1,
            ..Mvhd::default()
        },
        mvex: Some(Mvex::default()),
        ..Moov::default()
    };
    let tracks = [video.map(picture_track), audio.map(sound_track)];
    for track in tracks.into_iter().flatten() {
        let track = track?;
        moov.mvex.get_or_insert_default().trex.push(Trex {
            track_id: track.tkhd.track_id,
            default_sample_description_index: 1,
            ..Trex::default()
        });
        moov.trak.push(track);
    }
    let mut bytes = Vec::new();
    ftyp.encode(&mut bytes).ok()?;
    moov.encode(&mut bytes).ok()?;
    Some(bytes.into())
}

fn picture_track(config: &VideoConfig) -> Option<Trak> {
    let (width, height) = config.size().unwrap_or_default();
    let tkhd = Tkhd {
        track_id: VIDEO,
        enabled: true,
        in_movie: true,
        width: width.into(),
        height: height.into(),
        ..Tkhd::default()
    };
    let minf = Minf { vmhd: Some(Vmhd::default()), ..described(picture_entry(config)?) };
    Some(track(tkhd, VIDEO_RATE, (b"vide", "pictures"), minf))
}

fn sound_track(config: &AudioConfig) -> Option<Trak> {
    let tkhd =
        Tkhd { track_id: AUDIO, enabled: true, in_movie: true, volume: FixedPoint::new(1, 0), ..Tkhd::default() };
    let minf = Minf { smhd: Some(Smhd::default()), ..described(sound_entry(config)?) };
    Some(track(tkhd, config.rate(), (b"soun", "sound"), minf))
}

fn track(tkhd: Tkhd, timescale: u32, (handler, name): (&[u8; 4], &str), minf: Minf) -> Trak {
    let mdhd = Mdhd { timescale, language: "und".to_owned(), ..Mdhd::default() };
    let hdlr = Hdlr { handler: FourCC::new(handler), name: name.to_owned() };
    Trak { tkhd, mdia: Mdia { mdhd, hdlr, minf }, ..Trak::default() }
}

/// The coding, and no samples: those are in fragments.
fn described(codec: Codec) -> Minf {
    let stbl = Stbl { stsd: Stsd { codecs: vec![codec] }, stco: Some(Stco::default()), ..Stbl::default() };
    let dref = Dref { entries: vec![Url::default().into()] };
    Minf { dinf: Dinf { dref }, stbl, ..Minf::default() }
}

fn picture_entry(config: &VideoConfig) -> Option<Codec> {
    let (width, height) = config.size().unwrap_or_default();
    let visual = Visual { data_reference_index: 1, width, height, ..Visual::default() };
    Some(match config {
        VideoConfig::Avc(config) => {
            // What stands behind the units may be left out, and is wrong with some.
            let avcc: Avcc = read(&config.record).or_else(|| read(&config.record[..config.units_end]))?;
            Avc1 { visual, avcc, ..Avc1::default() }.into()
        }
        VideoConfig::Hevc(config) => {
            let hvcc = Hvcc { configuration_version: 1, ..read(&config.record)? };
            Hvc1 { visual, hvcc, ..Hvc1::default() }.into()
        }
        VideoConfig::Av1(config) => Av01 { visual, av1c: read::<Av1c>(&config.record)?, ..Av01::default() }.into(),
        VideoConfig::Vp9(config) => {
            let vpcc = read::<VpcC>(&[&[1, 0, 0, 0], &config.record[..]].concat())?;
            Vp09 { visual, vpcc, ..Vp09::default() }.into()
        }
    })
}

/// A box, from what FLV has of it.
fn read<A: Atom>(mut record: &[u8]) -> Option<A> {
    A::decode_body(&mut record).ok()
}

fn sound_entry(config: &AudioConfig) -> Option<Codec> {
    let audio = |channels: u8| Audio {
        data_reference_index: 1,
        channel_count: channels.into(),
        sample_size: 16,
        // The field has 16 bits.
        sample_rate: u16::try_from(config.rate()).unwrap_or(0).into(),
    };
    Some(match config {
        AudioConfig::Aac(aac) => {
            Mp4a { audio: audio(aac.channels()), esds: esds_of(aac), btrt: None, taic: None }.into()
        }
        AudioConfig::Opus(opus) => Opus { audio: audio(opus.channels), dops: dops(opus)?, btrt: None }.into(),
        AudioConfig::Flac(flac) => {
            // The version of the box, and the head of its only block, of 34 bytes.
            let dfla = read::<Dfla>(&[&[0, 0, 0, 0, 0x80, 0, 0, 34], &flac.record[..]].concat())?;
            Flac { audio: Audio { sample_size: flac.bits.into(), ..audio(flac.channels) }, dfla }.into()
        }
    })
}

fn esds_of(config: &AacConfig) -> esds::Esds {
    let specific = esds::DecoderSpecific { raw: config.record.to_vec(), ..esds::DecoderSpecific::default() };
    let dec_config = esds::DecoderConfig {
        object_type_indication: MPEG4_AUDIO,
        stream_type: AUDIO_STREAM,
        dec_specific: Some(specific),
        ..esds::DecoderConfig::default()
    };
    esds::Esds { es_desc: esds::EsDescriptor { dec_config, ..esds::EsDescriptor::default() } }
}

fn dops(config: &OpusConfig) -> Option<Dops> {
    let channel_mapping = match &config.mapping[..] {
        [family, streams, coupled, table @ ..] => Some(OpusChannelMapping {
            family: *family,
            stream_count: *streams,
            coupled_count: *coupled,
            channel_mapping: table.to_vec(),
        }),
        [0] => None,
        _ => return None,
    };
    Some(Dops {
        output_channel_count: config.channels,
        pre_skip: config.pre_skip,
        input_sample_rate: config.input_rate,
        output_gain: config.gain,
        channel_mapping,
    })
}
