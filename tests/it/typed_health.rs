//! What probes and tools ask of a server that speaks gRPC.

use std::collections::BTreeSet;

use prost::Message;
use prost_types::{FileDescriptorProto, MethodDescriptorProto};
use synctv_proto::FILE_DESCRIPTOR_SET;
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::{Code, Streaming};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_reflection::pb::{v1, v1alpha};

use crate::support::{Cluster, Failure, Grpc, SOON, Server, TempDir, World, eventually};

const SERVICES: [&str; 6] = [
    "synctv.v1.Guests",
    "synctv.v1.Log",
    "synctv.v1.Projections",
    "synctv.v1.Rooms",
    "synctv.v1.Session",
    "synctv.v1.Watch",
];
const HEALTH: &str = "grpc.health.v1.Health";

fn channel(url: &str) -> Channel {
    Grpc::stranger(url).channel
}

fn of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

/// As a probe with a connection of its own asks.
async fn health(url: &str, service: &str) -> Result<ServingStatus, Code> {
    let answer = HealthClient::new(channel(url)).check(of(service)).await;
    answer.map(|answer| answer.get_ref().status()).map_err(|status| status.code())
}

async fn next(watch: &mut Streaming<HealthCheckResponse>) -> Option<ServingStatus> {
    let told = timeout(SOON, watch.message()).await.expect("in time");
    told.ok().flatten().map(|answer| answer.status())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_its_database_does_not_serve() {
    let cluster = Cluster::private();
    let (database, dir) = (cluster.database().await, TempDir::new());
    let server = Server::start(&database, dir.path());
    let all = SERVICES.into_iter().chain([""]);
    for service in all.clone() {
        let serves = async || (health(&server.url, service).await == Ok(ServingStatus::Serving)).then_some(());
        eventually(service, serves).await;
    }
    assert_eq!(health(&server.url, "synctv.v1.Nothing").await, Err(Code::NotFound));
    let mut watch = HealthClient::new(channel(&server.url)).watch(of("synctv.v1.Rooms")).await.expect("it begins");
    assert_eq!(next(watch.get_mut()).await, Some(ServingStatus::Serving));
    cluster.stop_immediately();
    assert_eq!(next(watch.get_mut()).await, Some(ServingStatus::NotServing));
    for service in all {
        let serves = async || (health(&server.url, service).await == Ok(ServingStatus::NotServing)).then_some(());
        eventually(service, serves).await;
    }
    cluster.start();
    assert_eq!(next(watch.get_mut()).await, Some(ServingStatus::Serving));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_server_says_so_and_waits_for_no_probe() {
    let World { server, database: _database, dir: _dir } = World::with(&[("SYNCTV_DRAIN_SECS", "60")]).await;
    let channel = channel(&server.url);
    let mut watch = HealthClient::new(channel.clone()).watch(of("")).await.expect("it begins");
    assert_eq!(next(watch.get_mut()).await, Some(ServingStatus::Serving));
    let (asks, asked) = futures::channel::mpsc::unbounded();
    let mut tool = v1::server_reflection_client::ServerReflectionClient::new(channel);
    let mut described = tool.server_reflection_info(asked).await.expect("it begins").into_inner();
    asks.unbounded_send(v1_ask(v1::server_reflection_request::MessageRequest::ListServices(String::new())))
        .expect("open");
    assert!(described.message().await.expect("an answer").is_some());
    let stopping = tokio::task::spawn_blocking(move || server.terminate());
    let mut told = next(watch.get_mut()).await;
    while told == Some(ServingStatus::Serving) {
        told = next(watch.get_mut()).await;
    }
    assert_eq!(told, Some(ServingStatus::NotServing));
    let ended = timeout(SOON, watch.get_mut().message()).await.expect("in time").expect_err("its end");
    assert_eq!(Failure::from(ended).codes(), (Code::Unavailable, "draining"));
    let status = timeout(SOON, stopping).await.expect("it does not wait for them").expect("no panic");
    assert!(status.success(), "{status}");
    assert!(!matches!(described.message().await, Ok(Some(_))), "it goes on");
    drop(asks);
}

fn v1_ask(message: v1::server_reflection_request::MessageRequest) -> v1::ServerReflectionRequest {
    v1::ServerReflectionRequest { host: String::new(), message_request: Some(message) }
}

/// Asks one thing of either version; the same bytes are a request and an answer of both.
macro_rules! ask {
    ($version:ident, $channel:expr, $message:expr) => {{
        use $version::server_reflection_client::ServerReflectionClient;
        let bytes = v1_ask($message).encode_to_vec();
        let asked = $version::ServerReflectionRequest::decode(&*bytes).expect("the same shape");
        let mut client = ServerReflectionClient::new($channel.clone());
        let mut answers =
            client.server_reflection_info(futures::stream::iter([asked])).await.expect("it begins").into_inner();
        let answer = answers.message().await.expect("an answer").expect("an answer");
        let answer = v1::ServerReflectionResponse::decode(&*answer.encode_to_vec()).expect("the same shape");
        assert!(answers.message().await.expect("its end").is_none());
        answer.message_response.expect("something")
    }};
}

/// What a version tells: names of services, and the files of a symbol.
async fn told(
    channel: &Channel,
    alpha: bool,
    message: v1::server_reflection_request::MessageRequest,
) -> v1::server_reflection_response::MessageResponse {
    if alpha { ask!(v1alpha, channel, message) } else { ask!(v1, channel, message) }
}

fn methods(files: &[FileDescriptorProto], service: &str) -> Vec<MethodDescriptorProto> {
    let named = |file: &FileDescriptorProto| {
        let package = file.package().to_owned();
        file.service.clone().into_iter().map(move |found| (format!("{package}.{}", found.name()), found.method))
    };
    let found = files.iter().flat_map(named).find(|(name, _)| name == service);
    found.unwrap_or_else(|| panic!("{service} is not described")).1
}

#[tokio::test]
async fn tools_learn_every_service_and_nothing_else() {
    use v1::server_reflection_request::MessageRequest;
    use v1::server_reflection_response::MessageResponse;
    let world = World::new().await;
    let channel = channel(&world.server.url);
    let schema = prost_types::FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("a schema").file;
    for alpha in [false, true] {
        let MessageResponse::ListServicesResponse(list) =
            told(&channel, alpha, MessageRequest::ListServices(String::new())).await
        else {
            panic!("no list")
        };
        let names: BTreeSet<_> = list.service.into_iter().map(|service| service.name).collect();
        let wanted: BTreeSet<_> = SERVICES.into_iter().chain([HEALTH]).map(str::to_owned).collect();
        assert_eq!(names, wanted, "alpha: {alpha}");
        for service in SERVICES.into_iter().chain([HEALTH]) {
            let symbol = MessageRequest::FileContainingSymbol(service.to_owned());
            let MessageResponse::FileDescriptorResponse(files) = told(&channel, alpha, symbol).await else {
                panic!("{service} is not described")
            };
            let files = files.file_descriptor_proto;
            let files: Vec<_> =
                files.iter().map(|file| FileDescriptorProto::decode(&**file).expect("a file")).collect();
            let methods = methods(&files, service);
            assert!(!methods.is_empty(), "{service}");
            if service != HEALTH {
                assert_eq!(methods, self::methods(&schema, service), "{service}");
            }
        }
        for unknown in ["synctv.v1.Nothing", "synctv.management.v1.Management"] {
            let symbol = MessageRequest::FileContainingSymbol(unknown.to_owned());
            let mut client = v1::server_reflection_client::ServerReflectionClient::new(channel.clone());
            let answers = client.server_reflection_info(futures::stream::iter([v1_ask(symbol)])).await;
            let answer = answers.expect("it begins").into_inner().message().await;
            assert_eq!(answer.expect_err("there is none").code(), Code::NotFound, "{unknown}");
        }
    }
}
