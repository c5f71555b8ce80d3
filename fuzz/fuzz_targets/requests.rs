//! Any bytes as each request: the first byte chooses which, the others are decoded, and what can be decoded stays what it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use synctv_proto::json::to_json;
use synctv_proto::strict::decode;
use synctv_proto::{management, v1};

macro_rules! decoded {
    ($which:expr, $bytes:expr; $($message:ty),* $(,)?) => {
        let all: &[fn(&[u8])] = &[$(|bytes| {
            let Ok(message) = decode::<$message>(bytes.to_vec().into()) else { return };
            let again = prost::Message::encode_to_vec(&message);
            let repeated = decode::<$message>(again.clone().into()).expect("what was decoded");
            assert_eq!(again, prost::Message::encode_to_vec(&repeated));
            drop(to_json(&message));
        }),*];
        all[usize::from($which) % all.len()]($bytes);
    };
}

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    decoded! { *which, bytes;
        v1::RoomsCreateRequest,
        v1::RoomsGetRequest,
        v1::RoomsCommandRequest,
        v1::RoomsListRequest,
        v1::GuestsCreateRequest,
        v1::GuestsRenewRequest,
        v1::WatchRequest,
        v1::SessionRequest,
        v1::LogReadRequest,
        v1::LogTailRequest,
        v1::LogHeadRequest,
        v1::ProjectionsListRequest,
        v1::ProjectionsRebuildRequest,
        v1::ProjectionsCancelRequest,
        management::v1::StatusRequest,
        management::v1::StopRequest,
    }
});
