//! Which server, and how it is reached.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use synctv_grpc::management::{Client, ClientError, Status};

use crate::cli::Failure;
use crate::config::Config;
use crate::management::{NAME, short};

/// Not a flag: the arguments of a process are seen by everybody.
const TOKEN: &str = "SYNCTV_OPERATOR_TOKEN";

/// Which server: the one of the data directory, or one elsewhere.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Which server")]
pub(in crate::cli) struct Reach {
    /// A server elsewhere, by its --management-listen. [default: the one that runs with --data-dir]
    #[arg(long, env = "SYNCTV_MANAGEMENT_ADDRESS", value_name = "http://HOST:PORT")]
    management_address: Option<Address>,
    /// A file with the token of that server: a copy of operator.token in its data directory. [default: the token itself in
    /// SYNCTV_OPERATOR_TOKEN]
    #[arg(long, env = "SYNCTV_OPERATOR_TOKEN_FILE", value_name = "FILE")]
    operator_token_file: Option<PathBuf>,
}

/// `host:port`
#[derive(Clone, Debug)]
struct Address(String);

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = text.strip_prefix("http://").map(|rest| rest.strip_suffix('/').unwrap_or(rest));
        let has_port = |address: &&str| {
            address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        let address = address.filter(has_port).ok_or("has to be http://HOST:PORT")?;
        Ok(Self(address.to_owned()))
    }
}

/// The server of the verb, for what is told about it.
pub(super) enum Server<'a> {
    Of(&'a Path),
    At(&'a str),
}

impl Reach {
    pub(super) fn server<'a>(&'a self, config: &'a Config) -> Server<'a> {
        match &self.management_address {
            Some(Address(address)) => Server::At(address),
            None => Server::Of(&config.data_dir),
        }
    }

    pub(super) async fn connect(&self, config: &Config) -> Result<Client, Failure> {
        let server = self.server(config);
        let connected = match server {
            Server::At(address) => Client::tcp(address, &self.token()?).await,
            Server::Of(data_dir) => match short(data_dir, NAME) {
                Ok((_held, socket)) => Client::unix(&socket).await,
                Err(error) => Err(error.into()),
            },
        };
        connected.map_err(|error| server.failure(&error))
    }

    fn token(&self) -> Result<String, Failure> {
        let token = match &self.operator_token_file {
            Some(file) => std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?,
            None => std::env::var(TOKEN).unwrap_or_default(),
        };
        if token.trim().is_empty() {
            let how = "give --operator-token-file, or SYNCTV_OPERATOR_TOKEN";
            return Err(format!("the operator's token of that server is needed: {how}").into());
        }
        Ok(token.trim().to_owned())
    }
}

/// How the server of the data directory is.
pub(in crate::cli) async fn local(config: &Config) -> Result<Status, ClientError> {
    let (_held, socket) = short(&config.data_dir, NAME)?;
    Client::unix(&socket).await?.status().await
}

impl fmt::Display for Server<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(data_dir) => write!(f, "the server of {}", data_dir.display()),
            Self::At(address) => write!(f, "http://{address}"),
        }
    }
}

impl Server<'_> {
    /// With what to do about it.
    pub(super) fn failure(&self, error: &ClientError) -> Failure {
        match error {
            ClientError::Unreached(error) => self.unreached(error),
            ClientError::Silent => {
                format!("{self} does not answer; is its process stopped, or its machine overloaded?")
            }
            ClientError::Stranger => {
                format!("{self} wants another token: the one in operator.token of its data directory")
            }
            ClientError::Elsewhere => {
                format!("{self} is something else: give the address that its --management-listen has")
            }
            ClientError::Lost(_) => format!("{self}: {error}"),
        }
        .into()
    }

    fn unreached(&self, error: &io::Error) -> String {
        match (self, error.kind()) {
            (Self::Of(data_dir), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => format!(
                "no server runs with the data directory {}; choose another with --data-dir, or give --management-address",
                data_dir.display()
            ),
            (Self::Of(_), io::ErrorKind::PermissionDenied) => {
                format!("permission denied: {self} runs as another user; do this as that user, or as root")
            }
            (Self::At(_), _) => format!("nobody answers at {self} ({error}); is --management-listen set there?"),
            (Self::Of(_), _) => format!("{self}: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for (text, wanted) in [
            ("http://127.0.0.1:8081", Some("127.0.0.1:8081")),
            ("http://node-1:8081/", Some("node-1:8081")),
            ("http://[::1]:8081", Some("[::1]:8081")),
            ("127.0.0.1:8081", None),
            ("https://node-1:8081", None),
            ("http://node-1", None),
            ("http://:8081", None),
            ("http://node-1:8081/v1", None),
        ] {
            assert_eq!(text.parse::<Address>().ok().map(|address| address.0).as_deref(), wanted, "{text}");
        }
    }
}
