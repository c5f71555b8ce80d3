//! The services, a file each.

mod guests;
mod log;
mod projections;
mod rooms;
mod session;
mod tail;
mod watch;

use std::sync::Arc;

use synctv_edge::Edge;
use synctv_proto::server::v1::guests_server::GuestsServer;
use synctv_proto::server::v1::log_server::LogServer;
use synctv_proto::server::v1::projections_server::ProjectionsServer;
use synctv_proto::server::v1::rooms_server::RoomsServer;
use synctv_proto::server::v1::session_server::SessionServer;
use synctv_proto::server::v1::watch_server::WatchServer;
use tonic::service::Routes;

use crate::reflection::described;

/// Those of the protocol.
pub(crate) const NAMES: [&str; 6] = [
    "synctv.v1.Guests",
    "synctv.v1.Log",
    "synctv.v1.Projections",
    "synctv.v1.Rooms",
    "synctv.v1.Session",
    "synctv.v1.Watch",
];

/// Calls whose client goes on talking.
pub(crate) const TALKS: [&str; 3] = [
    "/synctv.v1.Session/Session",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Bytes of a message of a client, as of a body over HTTP.
pub(crate) const MESSAGE: usize = 64 * 1024;

/// Every service, and what tells of them.
pub(crate) fn routes(edge: &Arc<Edge>) -> Routes {
    let edge = || Arc::clone(edge);
    let routes = Routes::new(GuestsServer::new(guests::Guests(edge())).max_decoding_message_size(MESSAGE))
        .add_service(RoomsServer::new(rooms::Rooms(edge())).max_decoding_message_size(MESSAGE))
        .add_service(WatchServer::new(watch::Watch(edge())).max_decoding_message_size(MESSAGE))
        .add_service(SessionServer::new(session::Session(edge())).max_decoding_message_size(MESSAGE))
        .add_service(LogServer::new(log::Log(edge())).max_decoding_message_size(MESSAGE))
        .add_service(ProjectionsServer::new(projections::Projections(edge())).max_decoding_message_size(MESSAGE));
    described(routes, &NAMES)
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use prost_types::FileDescriptorSet;
    use synctv_proto::FILE_DESCRIPTOR_SET;

    use super::*;

    #[test]
    fn every_call_whose_client_goes_on_talking_is_known() {
        let files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("it was made from the schema").file;
        let mut talks = Vec::new();
        for file in files {
            for service in &file.service {
                for method in service.method.iter().filter(|method| method.client_streaming()) {
                    talks.push(format!("/{}.{}/{}", file.package(), service.name(), method.name()));
                }
            }
        }
        let ours: Vec<_> = TALKS.into_iter().filter(|path| path.starts_with("/synctv.")).collect();
        assert_eq!(talks, ours);
    }
}
