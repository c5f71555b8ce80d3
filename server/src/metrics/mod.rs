//! Metrics for Prometheus, on a listener of their own.
//!
//! Each crate owns what it counts and has it registered here; what can be looked up is looked up when somebody asks.

mod live;
mod process;

pub(crate) use self::live::LiveStreams;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{IntGaugeVec, Opts, PullingGauge, Registry, TEXT_FORMAT, TextEncoder};
use synctv_commands::Rooms;
use synctv_edge::{Build, Door, Problem, Sockets};
use synctv_http::Refusal;
use synctv_postgres::{Incarnation, Measures};
use synctv_realtime::Hub;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::connections::{Connections, FEW};
use crate::listen;

const VALID: &str = "every metric has a valid name of its own";

/// Everything that is exported.
#[derive(Clone)]
pub(crate) struct Exporter {
    registry: Registry,
    measures: Arc<Measures>,
}

impl Exporter {
    /// With what is looked up.
    pub(crate) fn new(
        measures: Measures,
        build: &Build,
        rooms: &Rooms,
        hub: &Arc<Hub>,
        incarnation: &Arc<Incarnation>,
    ) -> Self {
        let exporter = Self { registry: Registry::new(), measures: Arc::new(measures) };
        let info = Opts::new("synctv_build_info", "Always 1; the version that runs is its label");
        let info = IntGaugeVec::new(info, &["version"]).expect(VALID);
        info.with_label_values(&[build.version]).set(1);
        let (rooms, hub, incarnation) = (rooms.clone(), Arc::clone(hub), Arc::clone(incarnation));
        exporter
            .with(|registry| hub.metrics().register(registry))
            .with(|registry| registry.register(Box::new(info)))
            .pull("synctv_lanes", "Rooms held in memory to decide their commands", move || rooms.active() as f64)
            .pull("synctv_followed_rooms", "Rooms with an open stream", move || hub.followed() as f64)
            .pull("synctv_log_rewound", "1 while the log is refused because it was rewound", move || {
                f64::from(u8::from(incarnation.is_rewound()))
            })
            .pull("synctv_process_resident_memory_bytes", "Memory of the process that is in RAM", || {
                process::resident_bytes().map_or(f64::NAN, |bytes| bytes as f64)
            })
            .pull("synctv_process_open_files", "Open files and connections of the process", || {
                process::open_files().map_or(f64::NAN, |files| files as f64)
            })
            .pull("synctv_process_open_files_limit", "Files and connections that the process may have open", || {
                process::most_open_files().map_or(f64::NAN, |files| files as f64)
            })
    }

    /// With the metrics of a crate.
    pub(crate) fn with(self, register: impl FnOnce(&Registry) -> prometheus::Result<()>) -> Self {
        register(&self.registry).expect(VALID);
        self
    }

    fn pull(self, name: &str, help: &str, look: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        let gauge = PullingGauge::new(name, help, Box::new(look)).expect(VALID);
        self.with(|registry| registry.register(Box::new(gauge)))
    }

    /// `GET /metrics`, and nothing else. Runs until dropped.
    pub(crate) async fn serve(self, listener: TcpListener) {
        let nothing = || async { Refusal(Problem::new(StatusCode::NOT_FOUND, "not_found", "only /metrics is here")) };
        let router = Router::new().route("/metrics", get(export)).fallback(nothing).with_state(self);
        let (_never, draining) = watch::channel(false);
        let uncounted = (Door::open(), Sockets::default(), Connections::of(FEW));
        listen::serve(listener, router, draining, uncounted, Duration::ZERO).await;
    }
}

async fn export(State(exporter): State<Exporter>) -> Response {
    let mut found = exporter.measures.gather().await;
    found.extend(exporter.registry.gather());
    found.sort_by(|one, other| one.name().cmp(other.name()));
    match TextEncoder::new().encode_to_string(&found) {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            let code = "unencodable";
            Refusal(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, code, error.to_string())).into_response()
        }
    }
}
