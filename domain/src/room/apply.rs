//! The fold: total over any event in any order, because the log is the truth and must be readable.

use super::{Room, Versions};
use crate::events::{Event, Recorded};

impl Room {
    /// Folds an event in; never fails, and takes its seq over whatever it was.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.seq = recorded.seq;
        match &recorded.event {
            Event::RoomCreated(event) => self.created(event, recorded),
            Event::RoomSettingsUpdated(event) => self.settings_updated(event, recorded),
            Event::RoomClosed(_) => self.set_closed(true),
            Event::RoomReopened(_) => self.set_closed(false),
            Event::RoomJoinRuleSet(event) => self.join_rule_set(*event),
            Event::RoomTransferOffered(event) => self.transfer_offered(*event, recorded),
            Event::RoomTransferred(event) => self.transferred(*event, recorded),
            Event::RoomGuestsExpelled(event) => self.guests_expelled(event, recorded),
            Event::MemberJoined(event) => self.joined(event, recorded),
            Event::MemberLeft(event) => self.gone(event.member, recorded),
            Event::MemberKicked(event) => self.kicked(event, recorded),
            Event::MemberRoleSet(event) => self.role_set(event, recorded),
            Event::MemberPermissionsOverridden(event) => self.overridden(event, recorded),
            Event::MemberKnocked(event) => self.knocked(event, recorded),
            // Who was let in joins with the event that follows.
            Event::MemberApproved(_) => {}
            Event::MemberRejected(event) => self.rejected(event, recorded),
            Event::MemberBanned(event) => self.banned(event, recorded),
            Event::MemberUnbanned(event) => self.unbanned(event, recorded),
            Event::MemberMuted(event) => self.muted(event, recorded),
            Event::MemberUnmuted(event) => self.unmuted(event, recorded),
            Event::InviteCreated(event) => self.invite_created(event, recorded),
            Event::InviteRevoked(event) => self.invite_revoked(*event, recorded),
            Event::LiveKeyCreated(event) => self.live_key_created(event, recorded),
            Event::LiveKeyRevoked(event) => self.live_key_revoked(*event),
            Event::LiveStarted(event) => self.live_started(*event, recorded),
            Event::LiveStopped(_) => self.live_stopped(),
            Event::PlaylistAdded(event) => self.item_added(event),
            Event::PlaylistUpdated(event) => self.item_updated(event),
            Event::PlaylistMoved(event) => self.item_moved(event),
            Event::PlaylistRemoved(event) => self.item_removed(event.item_id),
            Event::PlaylistCleared(_) => self.items_cleared(),
            Event::PlaybackPlayed(motion) | Event::PlaybackPaused(motion) => self.plays(*motion),
            Event::PlaybackSeeked(motion) | Event::PlaybackRateSet(motion) => self.moves(*motion),
            Event::PlaybackHeld(event) => self.held(event),
            Event::PlaybackReleased(event) => self.released(event),
            Event::PlaybackModeSet(event) => self.mode_set(*event),
            Event::PlaybackItemSelected(event) => self.item_selected(event),
            Event::ReadyStarted(event) => self.ready_started(event, recorded),
            Event::ReadyMarked(event) => self.ready_marked(*event),
            Event::ReadyCancelled(_) => self.ready_cancelled(),
            Event::ChatPosted(event) => self.posted(event),
            Event::ChatEdited(_) => self.touch(|versions| &mut versions.chat),
            Event::ChatRedacted(event) => self.redacted(event.message_id),
            Event::ChatReacted(event) => self.reacted(event),
            Event::ProjectionEventSkipped(_) => {}
        }
    }

    /// Notes that the event being folded changes a concern.
    pub(super) fn touch(&mut self, concern: impl FnOnce(&mut Versions) -> &mut crate::Seq) {
        *concern(&mut self.versions) = self.seq;
    }
}
