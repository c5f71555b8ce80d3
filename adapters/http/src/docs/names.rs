//! Shapes of the catalogue as types, for what names a shape by its type.

use std::borrow::Cow;

use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! names {
    ($($name:ident)+) => {$(
        #[doc = concat!("`", stringify!($name), "` of the catalogue.")]
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                Ref::from_schema_name(stringify!($name)).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+};
}

names! {
    ActorId ActorKind CloudEvent Command CreateRoom DegradedProjection DisplayName Event Head Item LogEvent LogHead
    MemberListing MessageId MessageListing Permission Position ProjectionStatus RebuildStatus Revealed Room RoomId RoomListing Seq ServerMs
    ShowingListing Timestamp Trace WatchListing
}
