//! The other nodes, in words.

use synctv_grpc::cluster::{Member, MemberState};
use synctv_grpc::management::Status;

/// A line for this node's place among the others, and one for each of them.
pub(super) fn lines(status: &Status) -> Vec<(&'static str, String)> {
    if status.cluster_address.is_empty() {
        return Vec::new();
    }
    let alive = status.members.iter().filter(|member| member.state == MemberState::Alive).count();
    let others = if alive == 1 { "1 other node is alive".to_owned() } else { format!("{alive} other nodes are alive") };
    let mut lines = vec![("cluster", format!("reached at {}, {others}", status.cluster_address))];
    lines.extend(status.members.iter().map(|member| ("member", line(member))));
    lines
}

fn line(member: &Member) -> String {
    let who = match &*member.node_id {
        "" => member.address.clone(),
        node_id => format!("{node_id} at {}", member.address),
    };
    let how = match member.state {
        MemberState::Alive => format!(
            "alive, version {}, {:.1} ms away, clock {:+} ms",
            member.version, member.round_trip_ms, member.clock_distance_ms
        ),
        state => format!("{}: {}", state.name(), member.reason),
    };
    let differing = match &*member.differing_settings {
        [] => String::new(),
        settings => format!("; another {} than here", settings.join(", ")),
    };
    format!("{who}: {how}{differing}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_is_told_in_a_line() {
        let alive = Member {
            node_id: "b".into(),
            address: "10.0.0.4:7946".into(),
            version: "1.2.3".into(),
            state: MemberState::Alive,
            round_trip_ms: 0.42,
            clock_distance_ms: -1,
            differing_settings: vec!["jwt_secret".into()],
            ..Member::default()
        };
        let gone = Member { address: "10.0.0.5:7946".into(), reason: "Connection refused".into(), ..Member::default() };
        let status =
            Status { cluster_address: "10.0.0.3:7946".into(), members: vec![alive, gone], ..Status::default() };
        let wanted = [
            ("cluster", "reached at 10.0.0.3:7946, 1 other node is alive"),
            (
                "member",
                "b at 10.0.0.4:7946: alive, version 1.2.3, 0.4 ms away, clock -1 ms; another jwt_secret than here",
            ),
            ("member", "10.0.0.5:7946: unreachable: Connection refused"),
        ];
        assert_eq!(lines(&status), wanted.map(|(name, line)| (name, line.to_owned())));
        assert_eq!(lines(&Status::default()), []);
    }
}
