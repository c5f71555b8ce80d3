//! Any bytes as what a publisher sends after the handshake: chunks, and the commands in them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use synctv_livestream::rtmp::{Demuxer, Session};

fuzz_target!(|bytes: &[u8]| {
    let Some((at_once, bytes)) = bytes.split_first() else { return };
    let mut demuxer = Demuxer::default();
    let Ok(mut session) = Session::begin() else { return };
    for piece in bytes.chunks(usize::from(*at_once) + 1) {
        demuxer.buffer().extend_from_slice(piece);
        loop {
            match demuxer.message() {
                Ok(Some(message)) => {
                    if session.take(&message).is_err() {
                        return;
                    }
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
        assert!(demuxer.held() <= 17 * (bytes.len() + 1), "memory follows what was received");
    }
});
