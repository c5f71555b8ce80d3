//! What a publisher wishes, from its connection to its publication.
//!
//! `rml_rtmp` keeps the state of the session. It is only reached by commands that were looked at, one at a time, and what it
//! answers is written anew: nothing that a peer sends gets to its reader of chunks.

use rml_amf0::{Amf0Value, deserialize};
use rml_rtmp::chunk_io::ChunkSerializer;
use rml_rtmp::messages::MessagePayload;
use rml_rtmp::sessions::{ServerSession, ServerSessionConfig, ServerSessionEvent, ServerSessionResult};
use rml_rtmp::time::RtmpTimestamp;

use super::writer::Writer;
use super::{AmfError, ChunkError, Demuxer, Message, check, check_command, kind};

/// The application that publishers connect to.
const APPLICATION: &str = "live";
/// Commands of a connection; publishers give about ten.
const COMMANDS: usize = 64;
/// The streams of a connection; publishers make one.
const STREAMS: usize = 4;

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// What came is none of RTMP.
    #[error("chunks: {0}")]
    Chunk(#[from] ChunkError),
    /// What a command or a description says cannot be read.
    #[error("AMF: {0}")]
    Amf(#[from] AmfError),
    /// It was refused by what keeps the session.
    #[error("session: {0}")]
    Refused(String),
    /// More than any publisher asks for.
    #[error("more than {COMMANDS} commands or {STREAMS} streams")]
    TooMany,
    /// The publisher speaks of another application.
    #[error("there is no application of this name, only \"live\"")]
    NoApplication,
    /// Somebody would like to watch.
    #[error("streams are not played over RTMP")]
    NoPlayer,
    /// A second publication over one connection.
    #[error("it publishes already")]
    Twice,
}

/// What a message asks for.
#[derive(Debug, PartialEq)]
pub enum Wish {
    /// To publish under this name.
    Publish(Publication),
    /// That viewers are told this about the stream.
    Describe(Vec<Amf0Value>),
    /// To end it.
    Finish,
}

/// A stream that somebody would like to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// What was typed in as the stream key.
    pub name: String,
    request: u32,
    stream: u32,
}

impl Publication {
    /// The message stream that its frames belong to.
    #[must_use]
    pub fn stream(&self) -> u32 {
        self.stream
    }
}

/// The session of a publisher.
pub struct Session {
    inner: ServerSession,
    inward: ChunkSerializer,
    outward: Demuxer,
    writer: Writer,
    commands: usize,
    streams: usize,
    publishes: bool,
    /// The publisher would like to know which codings we know.
    asks_codings: bool,
}

impl Session {
    /// After the handshake.
    ///
    /// # Errors
    /// [`SessionError`], if it cannot begin.
    pub fn begin() -> Result<Self, SessionError> {
        let config = ServerSessionConfig { send_on_bw_done_message_on_start: false, ..ServerSessionConfig::new() };
        let (inner, first) = ServerSession::new(config).map_err(|error| SessionError::Refused(error.to_string()))?;
        let mut session = Self {
            inner,
            inward: ChunkSerializer::new(),
            outward: Demuxer::default(),
            writer: Writer::default(),
            commands: 0,
            streams: 0,
            publishes: false,
            asks_codings: false,
        };
        session.answered(first)?;
        Ok(session)
    }

    /// What is to be sent to the publisher.
    pub fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// Does what a message says that is neither sound nor pictures.
    ///
    /// # Errors
    /// [`SessionError`]: the connection ends.
    pub fn take(&mut self, message: &Message) -> Result<Option<Wish>, SessionError> {
        match message.kind {
            kind::COMMAND => self.command(message, &message.payload),
            // In front of a command in AMF3 stands a zero, and what follows is AMF0.
            kind::COMMAND_3 if message.payload.first() == Some(&0) => self.command(message, &message.payload[1..]),
            kind::DATA => match described(&message.payload) {
                Ok(said) => Ok(said.map(Wish::Describe)),
                Err(error @ AmfError::TooDeep) => Err(error.into()),
                // A stream goes on without what its file says about itself.
                Err(error) => {
                    tracing::debug!(%error, "live.not_described");
                    Ok(None)
                }
            },
            _ => Ok(None),
        }
    }

    fn command(&mut self, message: &Message, content: &[u8]) -> Result<Option<Wish>, SessionError> {
        check_command(content)?;
        self.commands += 1;
        let values = deserialize(&mut &content[..]).map_err(|_| AmfError::NoCommand)?;
        let name = match values.first() {
            Some(Amf0Value::Utf8String(name)) => name.as_str(),
            _ => return Err(AmfError::NoCommand.into()),
        };
        match name {
            "createStream" => self.streams += 1,
            "connect" => self.asks_codings = asks_codings(&values),
            _ => {}
        }
        if self.commands > COMMANDS || self.streams > STREAMS {
            return Err(SessionError::TooMany);
        }
        let refused = |error: &dyn std::fmt::Display| SessionError::Refused(error.to_string());
        let payload = MessagePayload {
            timestamp: RtmpTimestamp::new(0),
            message_stream_id: message.stream,
            type_id: kind::COMMAND,
            data: content.to_vec().into(),
        };
        let packet = self.inward.serialize(&payload, true, false).map_err(|error| refused(&error))?;
        let results = self.inner.handle_input(&packet.bytes).map_err(|error| refused(&error))?;
        let mut wish = None;
        for event in self.answered(results)? {
            wish = self.event(event, message.stream)?.or(wish);
        }
        Ok(wish)
    }

    fn event(&mut self, event: ServerSessionEvent, stream: u32) -> Result<Option<Wish>, SessionError> {
        match event {
            ServerSessionEvent::ConnectionRequested { request_id, app_name } => {
                if app_name.split('?').next() != Some(APPLICATION) {
                    return Err(SessionError::NoApplication);
                }
                let results = self.inner.accept_request(request_id);
                let results = results.map_err(|error| SessionError::Refused(error.to_string()))?;
                self.answered(results)?;
                Ok(None)
            }
            ServerSessionEvent::PublishStreamRequested { request_id, stream_key, .. } => {
                if std::mem::replace(&mut self.publishes, true) {
                    return Err(SessionError::Twice);
                }
                Ok(Some(Wish::Publish(Publication { name: stream_key, request: request_id, stream })))
            }
            ServerSessionEvent::PublishStreamFinished { .. } => Ok(Some(Wish::Finish)),
            ServerSessionEvent::PlayStreamRequested { .. } => Err(SessionError::NoPlayer),
            _ => Ok(None),
        }
    }

    /// It may publish.
    ///
    /// # Errors
    /// [`SessionError`]: the connection ends.
    pub fn accept(&mut self, publication: &Publication) -> Result<(), SessionError> {
        let results = self.inner.accept_request(publication.request);
        self.answered(results.map_err(|error| SessionError::Refused(error.to_string()))?).map(drop)
    }

    /// It may not publish, or not any more.
    pub fn refuse(&mut self, publication: &Publication, code: &str, description: &str) {
        self.writer.status(publication.stream, "error", code, description);
    }

    /// Writes answers, and returns what happened.
    fn answered(&mut self, results: Vec<ServerSessionResult>) -> Result<Vec<ServerSessionEvent>, SessionError> {
        let mut events = Vec::new();
        for result in results {
            match result {
                ServerSessionResult::OutboundResponse(packet) => self.rewrite(&packet.bytes)?,
                ServerSessionResult::RaisedEvent(event) => events.push(event),
                ServerSessionResult::UnhandleableMessageReceived(_) => {}
            }
        }
        Ok(events)
    }

    fn rewrite(&mut self, packet: &[u8]) -> Result<(), SessionError> {
        self.outward.buffer().extend_from_slice(packet);
        while let Some(message) = self.outward.message()? {
            match self.amended(&message) {
                Some(values) => self.writer.command(message.stream, &values),
                None => self.writer.put(message.kind, message.stream, &message.payload),
            }
        }
        Ok(())
    }

    /// An answer that is sent otherwise than it was meant.
    fn amended(&mut self, message: &Message) -> Option<Vec<Amf0Value>> {
        if message.kind != kind::COMMAND {
            return None;
        }
        let mut values = deserialize(&mut &message.payload[..]).ok()?;
        let Some(Amf0Value::Utf8String(name)) = values.first() else { return None };
        match name.as_str() {
            "_result" if self.asks_codings => self.with_codings(values),
            // It would repeat the key, which encoders put into their logs.
            "onStatus" => {
                let Some(Amf0Value::Object(said)) = values.last_mut() else { return None };
                said.insert("description".to_owned(), Amf0Value::Utf8String("publishing".to_owned()));
                Some(values)
            }
            _ => None,
        }
    }

    /// The answer to `connect`, with the codings that are passed on, which is any.
    fn with_codings(&mut self, mut values: Vec<Amf0Value>) -> Option<Vec<Amf0Value>> {
        let Some(Amf0Value::Object(information)) = values.last_mut() else { return None };
        const FORWARDED: f64 = 4.0;
        let any = || Amf0Value::Object([("*".to_owned(), Amf0Value::Number(FORWARDED))].into());
        information
            .insert("fourCcList".to_owned(), Amf0Value::StrictArray(vec![Amf0Value::Utf8String("*".to_owned())]));
        information.insert("videoFourCcInfoMap".to_owned(), any());
        information.insert("audioFourCcInfoMap".to_owned(), any());
        self.asks_codings = false;
        Some(values)
    }
}

/// Whether a publisher names codings of enhanced RTMP when it connects.
fn asks_codings(values: &[Amf0Value]) -> bool {
    const NAMES: [&str; 3] = ["fourCcList", "videoFourCcInfoMap", "audioFourCcInfoMap"];
    match values.get(2) {
        Some(Amf0Value::Object(properties)) => NAMES.iter().any(|name| properties.contains_key(*name)),
        _ => false,
    }
}

/// The description of a stream; None: something else is said.
fn described(content: &[u8]) -> Result<Option<Vec<Amf0Value>>, AmfError> {
    check(content)?;
    let values = deserialize(&mut &content[..]).map_err(|_| AmfError::Cut)?;
    let names = values.iter().take(2).any(|value| matches!(value, Amf0Value::Utf8String(name) if name == "onMetaData"));
    Ok(names.then_some(values))
}
