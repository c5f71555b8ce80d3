//! The management on a port.

use std::path::Path;

use serde_json::Value;
use synctv_proto::management::v1::StatusRequest;
use synctv_proto::management::v1::management_client::ManagementClient;
use synctv_proto::v1::{RoomsGetRequest, rooms_client::RoomsClient};
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::support::{Stop, World, channel, ended, eventually, management, outcome, synctv};

const ANY_PORT: (&str, &str) = ("SYNCTV_MANAGEMENT_LISTEN", "127.0.0.1:0");

fn token(data_dir: &Path) -> String {
    std::fs::read_to_string(data_dir.join("operator.token")).expect("it was written").trim().to_owned()
}

/// `synctv status` of a server elsewhere, with this token.
fn status(address: &str, token: &str) -> (Option<i32>, Value) {
    let mut command = synctv(&["status", "--json", "--data-dir", "/nowhere", "--management-address", address]);
    outcome(command.env("SYNCTV_OPERATOR_TOKEN", token))
}

/// A message with a token, or with none.
fn with<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    if !token.is_empty() {
        let token = format!("Bearer {token}").parse().expect("ASCII");
        request.metadata_mut().insert("authorization", token);
    }
    request
}

/// The services that a listener tells of.
async fn services(address: &str, token: &str) -> Result<Vec<String>, tonic::Status> {
    let ask = ServerReflectionRequest {
        message_request: Some(MessageRequest::ListServices(String::new())),
        ..ServerReflectionRequest::default()
    };
    let mut client = ServerReflectionClient::new(channel(address).await);
    let asked = with(tokio_stream::iter([ask]), token);
    let answer = client.server_reflection_info(asked).await?.into_inner().message().await?.expect("an answer");
    match answer.message_response {
        Some(MessageResponse::ListServicesResponse(list)) => Ok(list.service.into_iter().map(|one| one.name).collect()),
        other => panic!("no list: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_is_for_the_operators_token_alone() {
    let world = World::with(&[ANY_PORT]).await;
    let (address, token) = (management(&world.server), token(world.dir.path()));
    let guest = world.guest("Ann").await.token;
    let mut client = ManagementClient::new(channel(&address).await);
    for (given, code) in [
        ("", "unauthenticated"),
        ("x", "invalid_token"),
        (&token[1..], "invalid_token"),
        (&*format!("{token}0"), "invalid_token"),
        (&*guest, "invalid_token"),
    ] {
        let refused = client.status(with(StatusRequest {}, given)).await.expect_err("it is refused");
        assert_eq!(
            (refused.code(), refused.message().split(':').next()),
            (Code::Unauthenticated, Some(code)),
            "{given:?}"
        );
        let refused = services(&address, given).await.expect_err("it is refused");
        assert_eq!(refused.code(), Code::Unauthenticated, "{given:?}");
    }
    client.status(with(StatusRequest {}, &token)).await.expect("it is told");

    let (code, told) = status(&address, "x");
    let sentence = told["error"].as_str().expect("a sentence");
    assert!(code == Some(1) && sentence.contains("wants another token"), "{sentence}");
    let (code, told) = status(&address, "");
    let sentence = told["error"].as_str().expect("a sentence");
    assert!(code == Some(1) && sentence.contains("--operator-token-file"), "{sentence}");
    let (code, told) = status(&address, &token);
    assert_eq!((code, &told["pid"]), (Some(0), &serde_json::json!(world.server.id())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_stopped_over_its_port() {
    let World { mut server, database: _database, dir } = World::with(&[ANY_PORT]).await;
    let address = management(&server);
    let mut command = synctv(&["stop", "--json", "--data-dir", "/nowhere", "--management-address", &address]);
    let token = token(dir.path());
    let asked = with(HealthCheckRequest { service: String::new() }, &token);
    let mut watched = HealthClient::new(channel(&address).await).watch(asked).await.expect("it is told").into_inner();
    let stop = Stop::by(command.arg("--operator-token-file").arg(dir.path().join("operator.token")));
    let (code, lines) = stop.end().await;
    assert_eq!((code, ended(&mut server, std::time::Duration::from_secs(10)).await), (Some(0), Some(0)), "{lines:?}");
    // Who watched its health is told as well, instead of being cut off.
    let last = loop {
        match watched.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("it ended without a status"),
            Err(last) => break last,
        }
    };
    assert_eq!((last.code(), last.message()), (Code::Unavailable, "draining: the server is about to stop"));
    let (code, told) = status(&address, &token);
    let sentence = told["error"].as_str().expect("a sentence");
    assert!(code == Some(1) && sentence.starts_with("nobody answers at "), "{sentence}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_served_cannot_manage_and_who_manages_is_not_served() {
    let world = World::with(&[ANY_PORT]).await;
    let (address, token) = (management(&world.server), token(world.dir.path()));
    let mut client = ManagementClient::new(channel(&world.server.url).await);
    let refused = client.status(with(StatusRequest {}, &token)).await.expect_err("it is refused");
    assert_eq!(refused.code(), Code::Unimplemented);
    let (code, told) = status(&world.server.url, &token);
    let sentence = told["error"].as_str().expect("a sentence");
    assert!(code == Some(1) && sentence.contains("is something else"), "{sentence}");
    let told = services(&world.server.url, "").await.expect("it is told");
    assert!(
        told.contains(&"synctv.v1.Rooms".to_owned()) && !told.iter().any(|name| name.contains("anagement")),
        "{told:?}"
    );

    let mut rooms = RoomsClient::new(channel(&address).await);
    let refused = rooms.get(with(RoomsGetRequest::default(), &token)).await.expect_err("it is refused");
    assert_eq!(refused.code(), Code::Unimplemented);
    let told = services(&address, &token).await.expect("it is told");
    assert!(told.contains(&"synctv.management.v1.Management".to_owned()), "{told:?}");
    assert!(!told.iter().any(|name| name.starts_with("synctv.v1.")), "{told:?}");
    let mut health = HealthClient::new(channel(&address).await);
    let mut serves = async |service: &str| {
        let asked = with(HealthCheckRequest { service: service.to_owned() }, &token);
        health.check(asked).await.map(|answer| answer.into_inner().status())
    };
    assert_eq!(serves("synctv.management.v1.Management").await.expect("it is told"), ServingStatus::Serving);
    eventually("the server is seen to be ready", async || {
        (serves("").await.expect("it is told") == ServingStatus::Serving).then_some(())
    })
    .await;
    assert_eq!(serves("synctv.v1.Rooms").await.expect_err("it is unknown").code(), Code::NotFound);
}
