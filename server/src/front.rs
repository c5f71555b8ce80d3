//! Both surfaces behind one listener.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use synctv_grpc::{Grpc, is_grpc};

/// Calls are answered by their services, before anything that is meant for requests of HTTP: neither a limit of their time
/// nor of their bodies is in the way of streams.
pub(crate) fn front(http: Router, grpc: Grpc) -> Router {
    http.layer(from_fn_with_state(grpc, steer))
}

async fn steer(State(grpc): State<Grpc>, request: Request, next: Next) -> Response {
    if is_grpc(request.headers()) { grpc.answer(request).await.map(Body::new) } else { next.run(request).await }
}
