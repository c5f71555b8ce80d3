//! What the transports count. Everything a connection touches is looked up when the server starts.

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};
use synctv_commands::{CommandError, LogError, Reply};
use tokio::time::Instant;

use crate::limits::names;

const VALID: &str = "constant names are valid";

const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 10.0];

/// Why the server closes sockets, and resets streams.
const CODES: [&str; 14] =
    ["1002", "1007", "1009", "4001", "4002", "4008", "4009", "4010", "4011", "4401", "4403", "4404", "4429", "4500"];
const REASONS: [&str; 2] = ["ahead_of_head", "epoch_changed"];

/// Of all connections.
pub struct Metrics {
    /// Server-sent events of rooms.
    pub sse: Transport,
    /// Sockets.
    pub socket: Transport,
    /// Streams of rooms over gRPC.
    pub grpc: Transport,
    /// Streams of the whole log.
    pub audit: Transport,
    /// Asked by request.
    pub http_commands: Commands,
    /// Asked over sockets.
    pub socket_commands: Commands,
    /// Asked over gRPC.
    pub grpc_commands: Commands,
    connections: IntGaugeVec,
    deliveries: IntCounterVec,
    closes: IntCounterVec,
    resets: IntCounterVec,
    durations: HistogramVec,
    limited: IntCounterVec,
}

impl Default for Metrics {
    fn default() -> Self {
        let connections = Opts::new("synctv_connections", "Open sockets and streams of rooms, and streams of the log");
        let deliveries = Opts::new("synctv_deliveries_total", "Events handed to connections");
        let closes = Opts::new("synctv_closes_total", "Sockets that the server closed");
        let resets = Opts::new("synctv_resets_total", "Streams told that their cursor is no place in the log any more");
        let durations = HistogramOpts::new(
            "synctv_command_duration_seconds",
            "From a command's arrival until its answer is durable, or it was refused, or it failed",
        );
        let limited = Opts::new("synctv_rate_limited_total", "What was refused because somebody asked too often");
        let limited = IntCounterVec::new(limited, &["limit"]).expect(VALID);
        let connections = IntGaugeVec::new(connections, &["transport"]).expect(VALID);
        let deliveries = IntCounterVec::new(deliveries, &["transport"]).expect(VALID);
        let closes = IntCounterVec::new(closes, &["code"]).expect(VALID);
        let resets = IntCounterVec::new(resets, &["reason"]).expect(VALID);
        let durations = HistogramVec::new(durations.buckets(SECONDS.into()), &["outcome", "transport"]).expect(VALID);
        // Shown as 0 before the first.
        for code in CODES {
            let _ = closes.with_label_values(&[code]);
        }
        for limit in names() {
            let _ = limited.with_label_values(&[limit]);
        }
        for reason in REASONS {
            let _ = resets.with_label_values(&[reason]);
        }
        let transport = |name: &str| Transport {
            connections: connections.with_label_values(&[name]),
            deliveries: deliveries.with_label_values(&[name]),
        };
        Self {
            sse: transport("sse"),
            socket: transport("websocket"),
            grpc: transport("grpc"),
            audit: transport("audit"),
            http_commands: Commands::new(&durations, "http"),
            socket_commands: Commands::new(&durations, "websocket"),
            grpc_commands: Commands::new(&durations, "grpc"),
            connections,
            deliveries,
            closes,
            resets,
            durations,
            limited,
        }
    }
}

impl Metrics {
    /// Makes them part of what is exported.
    ///
    /// # Errors
    /// When they are already.
    pub fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        registry.register(Box::new(self.connections.clone()))?;
        registry.register(Box::new(self.deliveries.clone()))?;
        registry.register(Box::new(self.closes.clone()))?;
        registry.register(Box::new(self.resets.clone()))?;
        registry.register(Box::new(self.limited.clone()))?;
        registry.register(Box::new(self.durations.clone()))
    }

    /// The server closed a socket, or ended a session.
    pub fn closed(&self, code: u16) {
        self.closes.with_label_values(&[&code.to_string()]).inc();
    }

    /// Somebody asked too often.
    pub fn limited(&self, limit: &'static str) {
        self.limited.with_label_values(&[limit]).inc();
    }

    /// A stream was told that its cursor is no place in the log any more.
    pub fn reset(&self, reason: &'static str) {
        self.resets.with_label_values(&[reason]).inc();
    }
}

/// Of one kind of connection.
#[derive(Clone)]
pub struct Transport {
    connections: IntGauge,
    deliveries: IntCounter,
}

impl Transport {
    /// A connection, as long as the value is held.
    pub fn open(&self) -> Open {
        self.connections.inc();
        Open(self.connections.clone())
    }

    /// How many are open.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.connections.get()
    }

    /// Events were handed to a connection.
    pub fn delivered(&self, events: usize) {
        self.deliveries.inc_by(events as u64);
    }
}

/// Given back when dropped.
pub struct Open(IntGauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Of one kind of connection.
#[derive(Clone)]
pub struct Commands {
    accepted: Histogram,
    refused: Histogram,
    failed: Histogram,
}

impl Commands {
    fn new(durations: &HistogramVec, transport: &str) -> Self {
        let of = |outcome| durations.with_label_values(&[outcome, transport]);
        Self { accepted: of("accepted"), refused: of("refused"), failed: of("failed") }
    }

    /// Until it is answered; a caller who goes away first is not counted.
    ///
    /// # Errors
    /// As the command.
    pub async fn timed(
        &self,
        command: impl Future<Output = Result<Reply, CommandError>>,
    ) -> Result<Reply, CommandError> {
        let began = Instant::now();
        let answer = command.await;
        let outcome = match &answer {
            Ok(_) => &self.accepted,
            Err(CommandError::Log(LogError::Erased(_))) => &self.refused,
            Err(CommandError::Log(_) | CommandError::DeadlineExceeded | CommandError::OutcomeUnknown(_)) => {
                &self.failed
            }
            Err(_) => &self.refused,
        };
        outcome.observe(began.elapsed().as_secs_f64());
        answer
    }
}
