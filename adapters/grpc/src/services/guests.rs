//! Callers without an account.

use std::sync::Arc;

use synctv_domain::DisplayName;
use synctv_edge::{Edge, Problem, Token, typed};
use synctv_proto::json::to_json;
use synctv_proto::server::v1::guests_server;
use synctv_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::{Call, identify};
use crate::status::answer;

pub(crate) struct Guests(pub(crate) Arc<Edge>);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    display_name: DisplayName,
}

impl Guests {
    async fn admit(&self, request: Request<v1::GuestsCreateRequest>) -> Result<v1::GuestsCreateResponse, Problem> {
        let call = Call::of(&request);
        let Wanted { display_name } = synctv_edge::typed_of(to_json(request.get_ref()))?;
        let guest = self.0.admit(&call.meter, display_name).await?;
        let Token { text: access_token, expires_at } = guest.token;
        let actor = serde_json::json!({
            "id": guest.id, "kind": guest.id.kind(), "display_name": guest.display_name,
        });
        Ok(v1::GuestsCreateResponse {
            actor: Some(typed::message(&actor)),
            access_token,
            expires_at: Some(typed::timestamp(expires_at)),
        })
    }

    async fn again(&self, request: Request<v1::GuestsRenewRequest>) -> Result<v1::GuestsRenewResponse, Problem> {
        let call = Call::of(&request);
        let identity = identify(&self.0, request.metadata())?;
        let Token { text: access_token, expires_at } = self.0.renew(&call.meter, identity).await?;
        Ok(v1::GuestsRenewResponse { access_token, expires_at: Some(typed::timestamp(expires_at)) })
    }
}

#[tonic::async_trait]
impl guests_server::Guests for Guests {
    async fn create(
        &self,
        request: Request<v1::GuestsCreateRequest>,
    ) -> Result<Response<v1::GuestsCreateResponse>, Status> {
        answer(self.admit(request).await)
    }

    async fn renew(
        &self,
        request: Request<v1::GuestsRenewRequest>,
    ) -> Result<Response<v1::GuestsRenewResponse>, Status> {
        answer(self.again(request).await)
    }
}
