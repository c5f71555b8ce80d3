//! The read models themselves.

use std::sync::Arc;
use std::time::Duration;

use synctv_edge::{Edge, Problem, typed};
use synctv_projections::operate::{OperateError, RebuildStatus};
use synctv_proto::server::v1::projections_server;
use synctv_proto::v1;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use crate::call::operator;
use crate::status::{answer, status};

/// How often a rebuild is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

type Progress = Result<v1::ProjectionsRebuildResponse, Status>;

pub(crate) struct Projections(pub(crate) Arc<Edge>);

impl Projections {
    async fn all(&self, request: Request<v1::ProjectionsListRequest>) -> Result<v1::ProjectionsListResponse, Problem> {
        operator(&self.0, request.metadata())?;
        let projections = self.0.projections.list().await?;
        Ok(v1::ProjectionsListResponse { projections: projections.iter().map(typed::message).collect() })
    }

    async fn begin(
        &self,
        request: Request<v1::ProjectionsRebuildRequest>,
    ) -> Result<ReceiverStream<Progress>, Problem> {
        operator(&self.0, request.metadata())?;
        let name = request.into_inner().name;
        let begun = self.0.projections.rebuild(&name).await?;
        let (told, progress) = mpsc::channel(1);
        tokio::spawn(follow(Arc::clone(&self.0), begun, told));
        Ok(progress.into())
    }

    async fn call_off(
        &self,
        request: Request<v1::ProjectionsCancelRequest>,
    ) -> Result<v1::ProjectionsCancelResponse, Problem> {
        operator(&self.0, request.metadata())?;
        let cancelled = self.0.projections.cancel(&request.get_ref().name).await?;
        Ok(v1::ProjectionsCancelResponse { status: Some(typed::message(&cancelled)) })
    }
}

/// Tells how far a rebuild is, whenever that is something new, until it ends. It goes on when nobody listens any more.
async fn follow(edge: Arc<Edge>, begun: RebuildStatus, told: mpsc::Sender<Progress>) {
    let (mut draining, mut now) = (edge.draining.clone(), begun);
    loop {
        let progress = v1::ProjectionsRebuildResponse { status: Some(typed::message(&now)) };
        if told.send(Ok(progress)).await.is_err() || now.state.is_over() {
            return;
        }
        let next = tokio::select! {
            next = next(&edge, &now) => next,
            () = told.closed() => return,
            _ = draining.wait_for(|draining| *draining) => Err(Problem::draining()),
        };
        match next {
            Ok(next) => now = next,
            Err(problem) => {
                let _ = told.send(Err(status(&problem))).await;
                return;
            }
        }
    }
}

async fn next(edge: &Edge, now: &RebuildStatus) -> Result<RebuildStatus, Problem> {
    loop {
        sleep(LOOK_EVERY).await;
        match edge.projections.status(&now.name).await {
            Ok(next) if next == *now => {}
            Ok(next) => return Ok(next),
            // The database may answer again.
            Err(OperateError::Projection(error)) => tracing::debug!(%error, "rebuild.unseen"),
            Err(error) => return Err(error.into()),
        }
    }
}

#[tonic::async_trait]
impl projections_server::Projections for Projections {
    type RebuildStream = ReceiverStream<Progress>;

    async fn list(
        &self,
        request: Request<v1::ProjectionsListRequest>,
    ) -> Result<Response<v1::ProjectionsListResponse>, Status> {
        answer(self.all(request).await)
    }

    async fn rebuild(
        &self,
        request: Request<v1::ProjectionsRebuildRequest>,
    ) -> Result<Response<Self::RebuildStream>, Status> {
        answer(self.begin(request).await)
    }

    async fn cancel(
        &self,
        request: Request<v1::ProjectionsCancelRequest>,
    ) -> Result<Response<v1::ProjectionsCancelResponse>, Status> {
        answer(self.call_off(request).await)
    }
}
