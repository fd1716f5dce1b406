//! The takedown in the simulation: a stop at any moment, then looks until the platform shows that nothing runs.
use super::*;

impl World {
    pub(super) fn take_down(&mut self) {
        self.wanted = false;
        if matches!(self.store.state, State::Waiting | State::Leased | State::Held) {
            self.store.state = State::Cancelled;
            self.store.fence += 1;
        }
        self.wake_keeper();
    }

    pub(super) fn wake_keeper(&mut self) {
        self.look_at(self.now);
        self.store.proven = false;
    }

    pub(super) fn look_at(&mut self, moment: Time) {
        self.store.look_due = Some(moment);
        let delay = self.dice.below(1000);
        self.later(moment - self.now + delay, Event::Look);
    }

    /// `worker::keep`, with troubles of its own.
    pub(super) fn look(&mut self) {
        if self.store.look_due.is_none_or(|due| due > self.now) {
            return;
        }
        self.look_at(self.now + 3 * LEASE);
        if self.store.course.phase == Phase::Reserved {
            (self.store.proven, self.store.reserved, self.store.look_due) = (true, 0, None);
            return;
        }
        let is_answered = !self.dice.chance(self.trouble);
        let found: Vec<CampaignState> = self.shown().iter().map(|campaign| campaign.state).collect();
        if is_answered && found.iter().any(|state| *state != CampaignState::Ended) {
            // Switched off, if the call gets through, and seen again.
            let lost = self.dice.chance(self.trouble);
            if !lost {
                self.later(100, Event::StopArrives);
            }
        }
        let takes = 200 + self.dice.below(2000);
        let pause = self.pause();
        self.later(takes + pause, Event::Looked(self.now, is_answered, found));
    }

    pub(super) fn looked(&mut self, as_of: Time, is_answered: bool, found: &[CampaignState]) {
        if self.wanted || self.store.proven {
            return;
        }
        self.look_at(self.now + 5000);
        if !is_answered {
            return;
        }
        if found.is_empty() {
            let since = *self.store.absent_since.get_or_insert(as_of);
            let asked = self.store.course.asked_at.map_or(since, time);
            if as_of >= since.max(asked) + LEASE + SETTLE {
                (self.store.proven, self.store.reserved, self.store.look_due) = (true, 0, None);
            }
        } else {
            self.store.absent_since = None;
            if found.iter().all(|state| *state == CampaignState::Ended) {
                (self.store.proven, self.store.look_due) = (true, None);
            }
        }
    }
}
