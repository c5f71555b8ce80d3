//! Reflection: clients that learn the services from the server.

use prost::Message;
use prost_types::FileDescriptorSet;
use synctv_proto::FILE_DESCRIPTOR_SET;
use tonic::service::Routes;
use tonic_reflection::server::Builder;

/// With what tells of these services and of health, in both versions.
pub(crate) fn described(routes: Routes, names: &[&str]) -> Routes {
    let files = files_of(names);
    let builder = || {
        let names = names.iter().copied().chain(["grpc.health.v1.Health"]);
        let builder = Builder::configure()
            .register_file_descriptor_set(files.clone())
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
        names.fold(builder, Builder::with_service_name)
    };
    match (builder().build_v1(), builder().build_v1alpha()) {
        (Ok(v1), Ok(v1alpha)) => routes.add_service(v1).add_service(v1alpha),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(%error, "reflection.undescribed");
            routes
        }
    }
}

/// The files of their packages, and all that is not ours: other services are not told of.
fn files_of(names: &[&str]) -> FileDescriptorSet {
    let mut files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("it was made from the schema");
    let packages: Vec<&str> = names.iter().filter_map(|name| Some(name.rsplit_once('.')?.0)).collect();
    files.file.retain(|file| !file.package().starts_with("synctv.") || packages.contains(&file.package()));
    files
}
