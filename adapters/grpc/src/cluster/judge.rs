//! Whether two nodes belong together.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use synctv_proto::ERROR_DOMAIN;
use synctv_proto::cluster::v1::Hello;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// Why a node does not belong to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misfit {
    /// It works on another database.
    OtherLog,
    /// It serves another incarnation of the log.
    OtherEpoch,
    /// It makes something else of events.
    OtherSchema,
    /// It has the same name.
    SameName,
}

impl Misfit {
    fn code(self) -> &'static str {
        match self {
            Self::OtherLog => "other_log",
            Self::OtherEpoch => "other_epoch",
            Self::OtherSchema => "other_schema",
            Self::SameName => "same_name",
        }
    }

    fn of(code: &str) -> Option<Self> {
        [Self::OtherLog, Self::OtherEpoch, Self::OtherSchema, Self::SameName].into_iter().find(|one| one.code() == code)
    }
}

/// What keeps `other` from being a member, as `me` sees it.
pub(super) fn misfit(me: &Hello, other: &Hello) -> Option<Misfit> {
    if other.log_id != me.log_id {
        return Some(Misfit::OtherLog);
    }
    if other.node_id == me.node_id && other.instance != me.instance {
        return Some(Misfit::SameName);
    }
    if other.schema != me.schema {
        return Some(Misfit::OtherSchema);
    }
    let same_epoch = (other.generation, &other.epoch) == (me.generation, &me.epoch);
    (!same_epoch).then_some(Misfit::OtherEpoch)
}

/// The same for people, with what to do.
pub(super) fn sentence(misfit: Misfit, me: &Hello, other: &Hello) -> String {
    let who = called(other);
    match misfit {
        Misfit::OtherLog => format!(
            "{who} works on log {}, this node on log {}: give both the same DATABASE_URL, or each cluster its own \
             peers and SYNCTV_REDIS_PREFIX",
            other.log_id, me.log_id
        ),
        Misfit::SameName => {
            format!("{who} has the same name as this node: give each its own SYNCTV_NODE_ID, or none")
        }
        Misfit::OtherSchema => format!(
            "{who} runs schema {} (version {}), this node {} (version {}): finish the rolling upgrade",
            other.schema, other.version, me.schema, me.version
        ),
        Misfit::OtherEpoch if other.generation < me.generation => format!(
            "{who} serves epoch {}, this node the later {}: it follows within seconds of `synctv log restored`; if it \
             does not, look at its connection to the database",
            other.epoch, me.epoch
        ),
        Misfit::OtherEpoch => format!(
            "{who} serves epoch {}, this node the earlier {}: this one follows within seconds of `synctv log restored`; \
             if it does not, look at its connection to the database",
            other.epoch, me.epoch
        ),
    }
}

fn called(other: &Hello) -> String {
    match &*other.address {
        "" => format!("node {}", other.node_id),
        address => format!("node {} at {address}", other.node_id),
    }
}

/// The refusal, with what the refusing node is.
pub(super) fn refusal(misfit: Misfit, me: &Hello) -> Status {
    let known = [
        ("node_id", me.node_id.clone()),
        ("instance", me.instance.clone()),
        ("version", me.version.clone()),
        ("schema", me.schema.to_string()),
        ("log_id", me.log_id.clone()),
        ("epoch", me.epoch.clone()),
        ("generation", me.generation.to_string()),
        ("address", me.address.clone()),
    ];
    let known: HashMap<_, _> = known.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let details = ErrorDetails::with_error_info(misfit.code(), ERROR_DOMAIN, known);
    let why = format!("{}: log {}, epoch {}, schema {}", misfit.code(), me.log_id, me.epoch, me.schema);
    Status::with_error_details(Code::FailedPrecondition, why, details)
}

/// What a refusal says: why, and who refuses.
pub(super) fn refused(status: &Status) -> Option<(Misfit, Hello)> {
    let info = status.get_error_details().error_info().cloned()?;
    let told = |name: &str| info.metadata.get(name).cloned().unwrap_or_default();
    let hello = Hello {
        node_id: told("node_id"),
        instance: told("instance"),
        version: told("version"),
        schema: told("schema").parse().ok()?,
        log_id: told("log_id"),
        epoch: told("epoch"),
        generation: told("generation").parse().ok()?,
        address: told("address"),
        ..Hello::default()
    };
    (status.code() == Code::FailedPrecondition).then_some((Misfit::of(&info.reason)?, hello))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(node_id: &str) -> Hello {
        Hello {
            node_id: node_id.into(),
            instance: format!("i-{node_id}"),
            version: "1.0.0".into(),
            schema: 4,
            log_id: "L".into(),
            epoch: "E".into(),
            generation: 2,
            address: "10.0.0.3:7946".into(),
            ..Hello::default()
        }
    }

    #[test]
    fn what_does_not_belong_together_is_told_with_what_to_do() {
        let me = hello("a");
        assert_eq!(misfit(&me, &hello("b")), None);
        assert_eq!(misfit(&me, &me), None);
        let (b, c) = (hello("b"), hello("c"));
        let cases = [
            (Hello { log_id: "M".into(), ..b.clone() }, Misfit::OtherLog, "DATABASE_URL"),
            (Hello { schema: 3, ..b.clone() }, Misfit::OtherSchema, "finish the rolling upgrade"),
            (Hello { epoch: "D".into(), generation: 1, ..b.clone() }, Misfit::OtherEpoch, "the later E"),
            (Hello { epoch: "F".into(), generation: 3, ..b }, Misfit::OtherEpoch, "the earlier E"),
            (Hello { node_id: "a".into(), ..c }, Misfit::SameName, "SYNCTV_NODE_ID"),
        ];
        for (other, wanted, words) in cases {
            assert_eq!(misfit(&me, &other), Some(wanted));
            let told = sentence(wanted, &me, &other);
            assert!(told.contains(words) && told.contains("at 10.0.0.3:7946"), "{told}");
            // The other side learns the same.
            let (read, who) = refused(&refusal(wanted, &me)).expect("it is one");
            assert_eq!((read, &who), (wanted, &me));
        }
        assert_eq!(refused(&Status::failed_precondition("something else")), None);
    }
}
