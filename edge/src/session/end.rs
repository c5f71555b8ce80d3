//! How a session ends.

/// 4000–4399: come back and resume. 4400–4499: mend something first. 4500 and above: do not come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The peer is gone.
    Gone,
    /// With a code and a reason.
    Close(u16, &'static str),
}

impl End {
    /// The server is about to stop.
    pub const DRAINING: Self = Self::Close(4001, "draining");
    /// Nothing was heard for too long.
    pub const SILENT: Self = Self::Close(4002, "silent");
    /// The reader takes nothing.
    pub const SLOW: Self = Self::Close(4008, "slow");
    /// The log was replaced by an older one.
    pub const EPOCH: Self = Self::Close(4010, "epoch changed");
    /// The log cannot be read.
    pub const UNAVAILABLE: Self = Self::Close(4011, "unavailable");
    /// The token is no more good.
    pub const TOKEN: Self = Self::Close(4401, "token expired");
    /// Not a member any more.
    pub const FORBIDDEN: Self = Self::Close(4403, "forbidden");
    /// The room was closed.
    pub const CLOSED: Self = Self::Close(4404, "room closed");
    /// Much more was said than is answered.
    pub const FLOOD: Self = Self::Close(4429, "too many messages");
    /// What was said is not of the protocol.
    pub const PROTOCOL: Self = Self::Close(4500, "protocol error");
}
