//! Parameters that are read by hand.

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Ref, Required};

use crate::extract::InRoom;
use crate::routes::projections::Named;

impl IntoParams for InRoom {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let room = ParameterBuilder::new().name("room").parameter_in(ParameterIn::Path).required(Required::True);
        vec![room.description(Some("The room.")).schema(Some(Ref::from_schema_name("RoomId"))).build()]
    }
}

impl IntoParams for Named {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let name = ParameterBuilder::new().name("name").parameter_in(ParameterIn::Path).required(Required::True);
        let schema = ObjectBuilder::new().schema_type(Type::String).build();
        vec![name.description(Some("The read model.")).schema(Some(schema)).example(Some("playlists".into())).build()]
    }
}

/// The parts of the addresses of live streams.
macro_rules! live {
    ($name:ident: $($part:literal $about:literal $example:literal),+) => {
        pub(crate) enum $name {}

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                let part = |name: &str, about: &str, example: &str| {
                    let schema = ObjectBuilder::new().schema_type(Type::String).build();
                    let part = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
                    let part = part.required(Required::True).description(Some(about)).schema(Some(schema));
                    part.example(Some(example.into())).build()
                };
                vec![$(part($part, $about, $example)),+]
            }
        }
    };
}

live!(LiveFile: "room" "The room, and `.flv`." "room_01JZ0000000000000000000001.flv");
live!(LiveRoom: "room" "The room." "room_01JZ0000000000000000000001");
live!(
    LiveSegment: "room" "The room." "room_01JZ0000000000000000000001",
    "token" "As the list has it." "1234",
    "segment" "As the list has it." "0-5d41402abc4b2a76b9719d911017c592.ts"
);

macro_rules! header {
    ($name:ident, $header:literal, $about:literal, $example:literal, $pattern:expr) => {
        #[doc = concat!("`", $header, "`")]
        pub(crate) enum $name {}

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                let schema = ObjectBuilder::new().schema_type(Type::String).pattern($pattern);
                let header = ParameterBuilder::new().name($header).parameter_in(ParameterIn::Header);
                let header = header.required(Required::False).description(Some($about)).schema(Some(schema.build()));
                vec![header.example(Some($example.into())).build()]
            }
        }
    };
}

header!(
    IdempotencyKey,
    "Idempotency-Key",
    "Names the command among its caller's, for ever: a repeat with the same body gives the first answer.",
    "7d0c3c2e",
    Some("^[ -~]{1,255}$")
);
header!(
    IfMatch,
    "If-Match",
    "Refuses the command when the room is not at this version: the `ETag` of the room.",
    "\"01JZ0000000000000000000006:42\"",
    Some("^\"[!#-~]+:[0-9]{1,18}\"$")
);
header!(
    IfNoneMatch,
    "If-None-Match",
    "Answers 304 when the room is still at this version: the `ETag` of the room.",
    "\"01JZ0000000000000000000006:42\"",
    None::<String>
);
header!(
    Held,
    "If-None-Match",
    "Answers 304 when the file is still this one: its `ETag`.",
    "\"0123456789abcdef-br\"",
    None::<String>
);
header!(
    LastEventId,
    "Last-Event-ID",
    "Where a stream goes on; stronger than `after`. Browsers send it when they reconnect.",
    "01JZ0000000000000000000006:42",
    None::<String>
);
header!(
    Protocol,
    "Sec-WebSocket-Protocol",
    "What the client speaks: the first that the server speaks as well is taken, `synctv.v1+json` (text messages, which \
     this document describes) or `synctv.v1+proto` (binary messages, `SessionRequest` and `SessionResponse` of \
     `proto/synctv/v1/session.proto`). JSON unless it is there.",
    "synctv.v1+json",
    None::<String>
);
header!(
    Range,
    "Range",
    "The part to send: `bytes=first-last`, `bytes=first-` or `bytes=-count`.",
    "bytes=0-1023",
    None::<String>
);
