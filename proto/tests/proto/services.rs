//! Clients and servers as they are generated, without a network between them.

use bytes::Bytes;
use futures::stream;
use prost::Message;
use synctv_proto::server::v1::watch_server::{Watch, WatchServer};
use synctv_proto::v1::watch_client::WatchClient;
use synctv_proto::v1::{self, WatchRequest, WatchResponse, watch_response};
use synctv_proto::{ERROR_DOMAIN, Encoded};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;

/// Tells of the same event whoever watches.
struct Told(Bytes);

#[tonic::async_trait]
impl Watch for Told {
    type WatchStream = stream::Iter<std::vec::IntoIter<Result<Encoded, Status>>>;

    async fn watch(&self, _: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Ok(Response::new(stream::iter(vec![Ok(Encoded(self.0.clone())); 2])))
    }
}

fn event() -> v1::Event {
    v1::Event { seq: 42, r#type: "room.closed".to_owned(), ..v1::Event::default() }
}

#[tokio::test]
async fn what_was_encoded_once_is_read_by_everybody() {
    let wanted =
        WatchResponse { resume_token: "e1:42".to_owned(), message: Some(watch_response::Message::Event(event())) };
    let bytes = Bytes::from(wanted.encode_to_vec());
    let mut client = WatchClient::new(WatchServer::new(Told(bytes.clone())));
    let mut stream = client.watch(WatchRequest::default()).await.expect("a stream").into_inner();
    for _ in 0..2 {
        assert_eq!(stream.message().await.expect("a message"), Some(wanted.clone()));
    }
    assert_eq!(stream.message().await.expect("the end"), None);
    // A session reads the same bytes.
    let session = v1::SessionResponse::decode(bytes).expect("a message");
    assert_eq!(session.message, Some(v1::session_response::Message::Event(event())));
    assert_eq!(session.resume_token, "e1:42");
}

#[tokio::test]
async fn what_a_server_does_not_know_is_refused_with_its_code() {
    let mut client = Grpc::new(WatchServer::new(Told(Bytes::new())));
    client.ready().await.expect("ready");
    let newer = Encoded(Bytes::from_static(&[0x18, 0x01]));
    let path = PathAndQuery::from_static("/synctv.v1.Watch/Watch");
    let codec = ProstCodec::<Encoded, WatchResponse>::default();
    let status = client.server_streaming(Request::new(newer), path, codec).await.expect_err("refused");
    assert_eq!(
        (status.code(), status.message()),
        (Code::InvalidArgument, "unknown_field: field 3 of synctv.v1.WatchRequest")
    );
    let details = status.get_error_details();
    let info = details.error_info().expect("an ErrorInfo");
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("unknown_field", ERROR_DOMAIN));
    let field = &details.bad_request().expect("a BadRequest").field_violations[0].field;
    assert_eq!(field, "synctv.v1.WatchRequest.3");
}
