//! Commands that come with a secret, or change one: what the decision needs to know is found out first.

use synctv_domain::command::{Join, SetJoinRule};
use synctv_domain::{Command, CredentialId, InviteId, Proof, Rejection, RoomId, Seq};
use tokio::time::timeout;

use crate::admission::{named, proof_of};
use crate::append::Fingerprint;
use crate::error::CommandError;
use crate::lane::{Charge, judge};
use crate::request::{Reply, Request};
use crate::rooms::{RoomAt, Rooms};

/// How often a command is decided whose password was changed by somebody else meanwhile.
const ATTEMPTS: u32 = 3;

/// What was found out, and which kept passwords it leaves without a use.
#[derive(Default)]
struct Found {
    proof: Proof,
    /// Kept for this command.
    fresh: Option<CredentialId>,
    /// The room's, at this seq.
    present: Option<CredentialId>,
    seq: Seq,
}

impl Found {
    /// Kept passwords that no event names or will name.
    fn useless(&self, answer: &Result<Reply, CommandError>) -> Vec<CredentialId> {
        let (named, changed) = match answer {
            // A repeat tells of what was decided before the look.
            Ok(reply) => (named(&reply.events), !reply.events.is_empty() && reply.seq > self.seq),
            // It may still come to be.
            Err(CommandError::OutcomeUnknown(_) | CommandError::Log(_)) => return Vec::new(),
            Err(_) => (None, false),
        };
        let present = self.present.filter(|_| changed);
        [self.fresh, present].into_iter().flatten().filter(|id| Some(*id) != named).collect()
    }
}

impl Rooms {
    /// Whether something has to be found out before the command can be decided.
    pub(crate) fn is_secretive(command: &Command) -> bool {
        command.password().is_some()
            || matches!(command, Command::SetJoinRule(_) | Command::Join(Join { invite: Some(_), .. }))
    }

    pub(crate) async fn execute_secretive(&self, room: RoomId, request: Request) -> Result<Reply, CommandError> {
        let counted = request.command.password().is_some();
        if counted {
            self.admission().charge(Some(room), &request.caller, &request.command).await?;
        }
        let (mut right, mut answer) = self.attempt(room, request.clone()).await;
        for _ in 1..ATTEMPTS {
            if matches!(answer, Err(CommandError::Rejected(Rejection::PasswordMoved))) {
                (right, answer) = self.attempt(room, request.clone()).await;
            }
        }
        // Neither who knew it nor who was answered before was guessing.
        if counted && (right || answer.as_ref().is_ok_and(|reply| reply.repeated)) {
            self.admission().give_back(Some(room), &request.caller, &request.command).await;
        }
        answer
    }

    /// Whether a joiner knew the password, and the answer.
    async fn attempt(&self, room: RoomId, request: Request) -> (bool, Result<Reply, CommandError>) {
        let prepared = timeout(self.deadline(), async {
            let found = self.find_out(room, &request, true).await?;
            let fingerprint = self.fingerprint(room, &request, &found).await?;
            Ok::<_, CommandError>((found, fingerprint))
        });
        let (found, fingerprint) = match prepared.await.map_err(|_| CommandError::DeadlineExceeded).flatten() {
            Ok(prepared) => prepared,
            Err(error) => return (false, Err(error)),
        };
        let right = found.proof.credential.is_some() && matches!(request.command, Command::Join(_));
        let charge = Charge::of(&request);
        let answer = self.submit(room, request, fingerprint, found.proof, charge).await;
        self.admission().forget(found.useless(&answer)).await;
        (right, answer.map(|reply| self.revealing(reply)))
    }

    /// Makes a room with a password.
    pub(crate) async fn create_secretive(&self, room: RoomId, request: Request) -> Result<Reply, CommandError> {
        self.admission().charge(None, &request.caller, &request.command).await?;
        let id = CredentialId::new(self.fresh_id());
        let prepared = timeout(self.deadline(), async {
            if let Some(password) = request.command.password() {
                self.admission().passwords.keep(room, id, password).await?;
            }
            self.disguised_fingerprint(None, &request).await
        });
        let fingerprint = prepared.await.map_err(|_| CommandError::DeadlineExceeded)??;
        let (charge, caller, command) = (Charge::of(&request), request.caller.clone(), request.command.clone());
        let answer = self.submit(room, request, fingerprint, proof_of(id), charge).await;
        if answer.as_ref().is_ok_and(|reply| reply.repeated) {
            self.admission().give_back(None, &caller, &command).await;
        }
        let found = Found { fresh: Some(id), ..Found::default() };
        self.admission().forget(found.useless(&answer)).await;
        answer
    }

    /// Of a look at what a command would do.
    pub(crate) async fn would_find(&self, room: RoomId, request: &Request) -> Result<Proof, CommandError> {
        if !Self::is_secretive(&request.command) {
            return Ok(Proof::default());
        }
        let (admission, counted) = (self.admission(), request.command.password().is_some());
        if counted {
            admission.charge(Some(room), &request.caller, &request.command).await?;
        }
        let found = timeout(self.deadline(), self.find_out(room, request, false));
        let proof = found.await.map_err(|_| CommandError::DeadlineExceeded)??.proof;
        if counted && proof.credential.is_some() {
            admission.give_back(Some(room), &request.caller, &request.command).await;
        }
        Ok(proof)
    }

    async fn find_out(&self, room: RoomId, request: &Request, keeps: bool) -> Result<Found, CommandError> {
        match &request.command {
            Command::Join(Join { invite: Some(token), .. }) => {
                let invite = self.admission().invites.read(room, token).map(InviteId::new);
                Ok(Found { proof: Proof { invite, ..Proof::default() }, ..Found::default() })
            }
            Command::Join(Join { password: Some(password), .. }) => {
                let at = self.current(room).await?;
                if at.room.is_member(request.caller.actor.id) {
                    return Ok(Found::default());
                }
                let proof = self.admission().try_password(&at.room, password).await?;
                Ok(Found { proof, ..Found::default() })
            }
            Command::SetJoinRule(SetJoinRule { password, .. }) => {
                let at = self.current(room).await?;
                let (present, id) = (at.room.credential(), CredentialId::new(self.fresh_id()));
                // Nothing is kept for those who may not set it.
                let wanted = password.as_ref().filter(|_| self.would_be(&at, request, proof_of(id)));
                let Some(password) = wanted else {
                    return Ok(Found { present, seq: at.room.seq(), ..Found::default() });
                };
                if keeps {
                    self.admission().passwords.keep(room, id, password).await?;
                }
                Ok(Found { proof: proof_of(id), fresh: Some(id), present, seq: at.room.seq() })
            }
            _ => Ok(Found::default()),
        }
    }

    fn would_be(&self, at: &RoomAt, request: &Request, proof: Proof) -> bool {
        at.room.id().is_some_and(|id| {
            let context = self.context(id, request, proof);
            judge(&at.room, &at.epoch, request, &context).is_ok()
        })
    }

    /// Nothing is worked out for those who may not set a password, unless they were answered before.
    async fn fingerprint(&self, room: RoomId, request: &Request, found: &Found) -> Result<Fingerprint, CommandError> {
        let sets = matches!(request.command, Command::SetJoinRule(_)) && request.command.password().is_some();
        if sets && found.fresh.is_none() && !self.was_answered(room, request).await? {
            let command = self.admission().disguised(&request.command, None).await?;
            return Ok(self.fingerprints().of(Some(room), &command.canonical(), &request.expect));
        }
        self.disguised_fingerprint(Some(room), request).await
    }

    async fn disguised_fingerprint(
        &self,
        room: Option<RoomId>,
        request: &Request,
    ) -> Result<Fingerprint, CommandError> {
        let salt = request.key.as_ref().map(|key| self.fingerprints().salt(request.caller.actor.id, key));
        let command = self.admission().disguised(&request.command, salt).await?;
        Ok(self.fingerprints().of(room, &command.canonical(), &request.expect))
    }
}
