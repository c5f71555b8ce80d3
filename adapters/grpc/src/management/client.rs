//! Asking a running server.

use std::future::{Ready, ready};
use std::io;
use std::path::Path;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use synctv_proto::json::to_json;
use synctv_proto::management::v1;
use synctv_proto::management::v1::management_client::ManagementClient;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Streaming};
use tower::service_fn;

use super::state::{Progress, Status};

/// How long a server may take to be reached, and to say something.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a server was not managed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody is there, or they may not be reached.
    #[error("{0}")]
    Unreached(#[from] io::Error),
    /// There is somebody, who does not answer.
    #[error("it does not answer")]
    Silent,
    /// The token is not that of this server.
    #[error("the operator's token is not the one of this server")]
    Stranger,
    /// What answers manages no server.
    #[error("what answers there is no management of a server")]
    Elsewhere,
    /// The connection ended.
    #[error("the connection was lost: {0}")]
    Lost(String),
}

/// Connected to a server.
pub struct Client {
    calls: ManagementClient<Channel>,
    token: Option<MetadataValue<Ascii>>,
}

impl Client {
    /// By its socket.
    ///
    /// # Errors
    /// When nobody is there, or they may not be reached.
    pub async fn unix(socket: &Path) -> Result<Self, ClientError> {
        let stream = timeout(PATIENCE, UnixStream::connect(socket)).await.map_err(|_| ClientError::Silent)??;
        Self::over(stream, None).await
    }

    /// By `host:port`, with the operator's token.
    ///
    /// # Errors
    /// When nobody is there, or the token is none.
    pub async fn tcp(address: &str, token: &str) -> Result<Self, ClientError> {
        let token = format!("Bearer {token}").parse().map_err(|_| ClientError::Stranger)?;
        let stream = timeout(PATIENCE, TcpStream::connect(address)).await.map_err(|_| ClientError::Silent)??;
        Self::over(stream, Some(token)).await
    }

    /// One connection, which is not made again: a server that is gone has to be told of, not waited for.
    async fn over<S>(stream: S, token: Option<MetadataValue<Ascii>>) -> Result<Self, ClientError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let mut stream = Some(stream);
        let connector = service_fn(move |_| -> Ready<io::Result<TokioIo<S>>> {
            ready(stream.take().map(TokioIo::new).ok_or_else(|| io::ErrorKind::NotConnected.into()))
        });
        let endpoint = Endpoint::from_static("http://synctv");
        let channel = timeout(PATIENCE, endpoint.connect_with_connector(connector)).await;
        let channel =
            channel.map_err(|_| ClientError::Silent)?.map_err(|error| ClientError::Lost(error.to_string()))?;
        Ok(Self { calls: ManagementClient::new(channel), token })
    }

    /// How the server is.
    ///
    /// # Errors
    /// When it does not tell.
    pub async fn status(&mut self) -> Result<Status, ClientError> {
        let request = self.request(v1::StatusRequest {});
        let answer = timeout(PATIENCE, self.calls.status(request)).await.map_err(|_| ClientError::Silent)?;
        read(&answer.map_err(|refused| failed(&refused))?.into_inner())
    }

    /// Asks it to stop. `now`: at once.
    ///
    /// # Errors
    /// When it was not asked.
    pub async fn stop(&mut self, now: bool) -> Result<Stopping, ClientError> {
        let request = self.request(v1::StopRequest { now });
        let answer = timeout(PATIENCE, self.calls.stop(request)).await.map_err(|_| ClientError::Silent)?;
        Ok(Stopping(answer.map_err(|refused| failed(&refused))?.into_inner()))
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", token.clone());
        }
        request
    }
}

/// A server that was asked to stop, and goes on with it.
pub struct Stopping(Streaming<v1::StopResponse>);

impl Stopping {
    /// How far it is now; None after the last word.
    ///
    /// # Errors
    /// When the connection is lost, or nothing is told any more.
    pub async fn next(&mut self) -> Result<Option<Progress>, ClientError> {
        let told = timeout(PATIENCE, self.0.message()).await.map_err(|_| ClientError::Silent)?;
        told.map_err(|refused| failed(&refused))?.map(|told| read(&told)).transpose()
    }
}

fn read<T: DeserializeOwned>(message: &impl prost::Name) -> Result<T, ClientError> {
    serde_json::from_value(to_json(message)).map_err(|error| ClientError::Lost(format!("unreadable: {error}")))
}

fn failed(refused: &tonic::Status) -> ClientError {
    match refused.code() {
        Code::Unauthenticated | Code::PermissionDenied => ClientError::Stranger,
        Code::Unimplemented => ClientError::Elsewhere,
        _ => ClientError::Lost(refused.message().to_owned()),
    }
}
